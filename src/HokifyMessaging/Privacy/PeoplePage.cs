using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>The document for people: one page that needs nothing beside it, runs nothing, and can be read on a phone, on paper and by a screen reader.</summary>
/// <param name="document">What they are told.</param>
/// <param name="words">In which language.</param>
/// <param name="zone">The time zone in which instants are told.</param>
internal sealed partial class PeoplePage(PeopleDocument document, PeopleWords words, TimeZoneInfo zone)
{
    /// <summary>Nothing is loaded, run or sent, whatever stands in the values.</summary>
    public const string Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    private readonly StringBuilder _html = new();

    public async Task WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        Begin();
        foreach (var (number, person) in document.People.Index())
        {
            Line($"<h2>{HtmlText.Of(string.Format(CultureInfo.InvariantCulture, words.Person, number + 1, document.People.Count))}</h2>");
            About(person);
            await FlushAsync();
            foreach (var application in person.Profiles)
            {
                Application(application);
                await FlushAsync();
            }

            Waiting([.. person.Waiting]);
            Planned(person.Plans);
            Done([.. person.Activities.Except(person.Waiting)]);
            Mentions(person);
            await FlushAsync();
        }

        Line("</main>\n</body>\n</html>");
        await FlushAsync();

        async Task FlushAsync()
        {
            await text.WriteAsync(_html, cancellationToken);
            _html.Clear();
        }
    }

    private void Begin()
    {
        Line(
            $"""
            <!DOCTYPE html>
            <html lang="{words.Language}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <meta name="robots" content="noindex">
            <title>{HtmlText.Of(words.Title)}</title>
            <style>
            {Style}
            </style>
            </head>
            <body>
            <main>
            <h1>{HtmlText.Of(words.Title)}</h1>
            <p>{HtmlText.Of(words.Introduction)}</p>
            <h2>{HtmlText.Of(words.About)}</h2>
            """);
        var source = document.Source;
        var kind = source.Kind is { } known ? words.Kinds.GetValueOrDefault(known, known) : null;
        Facts(
            (words.MadeAt, Shown(document.MadeAt)),
            (words.Controller, document.Told.Controller is { Length: > 0 } controller ? controller : words.NotNamed),
            (words.Scope, string.Create(CultureInfo.InvariantCulture, $"{source.ScopeName} ({source.ScopeId})")),
            (words.Source, string.Join(", ", new[] { kind, source.Address }.OfType<string>())),
            (words.ReadUpTo, Shown(source.ReadUpTo)));
        Texts(words.Purposes, document.Told.Purposes);
        Texts(words.Recipients, document.Told.Recipients);
        Line($"<h3>{HtmlText.Of(words.KeptUntil)}</h3>\n<p>{HtmlText.Of(document.Rule is { Forgets: true } rule ? RetentionWords.Of(rule, words) : words.NoPeriod)}</p>");
        Line($"<h3>{HtmlText.Of(words.Rights)}</h3>\n<p>{HtmlText.Of(words.RightsAre)}</p>");
    }

    private void Texts(string heading, IList<ToldText> texts)
    {
        Line($"<h3>{HtmlText.Of(heading)}</h3>");
        Line(texts.Count == 0 ? $"<p>{HtmlText.Of(words.NotNamed)}</p>" : $"<ul>{string.Concat(texts.Select(text => $"<li>{HtmlText.Isolated(words.Of(text))}</li>"))}</ul>");
    }

    private void About(PersonRows person)
    {
        Facts((words.FirstReceived, Shown(person.FirstReceived)), (words.LastReceived, Shown(person.LastReceived)));
        if (person.NotKnown.Count > 0)
        {
            Line($"<h3>{HtmlText.Of(words.NotKnown)}</h3>\n<ul>{string.Concat(person.NotKnown.Select(sentence => $"<li>{HtmlText.Isolated(sentence)}</li>"))}</ul>");
        }

        foreach (var candidate in person.Candidates)
        {
            Line($"<h3>{HtmlText.Of(words.ThePerson)}</h3>");
            Row(DataMap.Of("Candidate"), candidate, [nameof(Candidate.History)]);
        }
    }

    private void Application(CandidateProfile application)
    {
        Line("<article>");
        Line($"<h3>{HtmlText.Of(words.Application)}: {HtmlText.Isolated(application.Columns.Name is { Length: > 0 } job ? job : application.ReferenceId)}</h3>");
        var kept = document.Kept[application.Id];
        Facts(
            (words.Until, kept.Until is { } until ? Shown(until) : words.NoPeriod),
            (words.OnHold, kept.IsHeld ? kept.HeldUntil is { } held ? Shown(held) : words.NoEnd : null));
        Row(DataMap.Of("CandidateProfile"), application, [nameof(CandidateProfile.History), nameof(CandidateProfile.SourcePayload)]);
        if (application.SourcePayload is { } payload)
        {
            Received(payload);
        }
        else
        {
            Line($"<p>{HtmlText.Of(words.AsReceivedNoMore)}</p>");
        }

        Line("</article>");
    }

    private void Waiting(IReadOnlyList<ActivityLog> waiting)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        var table = DataMap.Of("ActivityLog");
        Line($"<h3>{HtmlText.Of(words.Waiting)}</h3>\n<p>{HtmlText.Of(words.WaitingWhy)}</p>");
        foreach (var entry in waiting)
        {
            Line("<article>");
            Facts([.. table.Columns.Where(column => column.Name != nameof(ActivityLog.Data)).Select(column => (words.Of(column), Shown(table.ValueOf(entry, column))))]);
            if (entry.Data is { } payload)
            {
                Received(payload);
            }

            Line("</article>");
        }
    }

    private void Planned(IReadOnlyList<PlanEntry> planned)
    {
        if (planned.Count == 0)
        {
            return;
        }

        var table = DataMap.Of("PlanEntry");
        Line($"<h3>{HtmlText.Of(words.Planned)}</h3>\n<p>{HtmlText.Of(words.PlannedWhy)}</p>");
        foreach (var entry in planned)
        {
            Line("<article>");
            Row(table, entry, [nameof(PlanEntry.Payload)]);
            if (entry.Payload is { } payload)
            {
                Received(payload);
            }

            Line("</article>");
        }
    }

    private void Received(string payload) =>
        Line($"<details open><summary>{HtmlText.Of(words.AsReceived)}</summary>\n<pre dir=\"ltr\">{HtmlText.Of(StoredJson.Pretty(payload))}</pre></details>");

    private void Done(IReadOnlyList<ActivityLog> done)
    {
        if (done.Count == 0)
        {
            return;
        }

        var table = DataMap.Of("ActivityLog");
        Line($"<h3>{HtmlText.Of(words.Done)}</h3>\n<ol>");
        foreach (var entry in done)
        {
            var row = DataMap.Tables.FirstOrDefault(marked => marked.Name == entry.ElementName);
            Line($"<li>{HtmlText.Of(Shown(entry.Date)!)}: {HtmlText.Of(row is null ? entry.ElementName : words.Of(row))} {HtmlText.Of(Shown(entry.Name)!)}");
            Technical([.. table.Columns.Select(column => (words.Of(column), Shown(table.ValueOf(entry, column))))]);
            Line("</li>");
        }

        Line("</ol>");
    }

    private void Mentions(PersonRows person)
    {
        if (person.Mentions.Count == 0)
        {
            return;
        }

        Line($"<h3>{HtmlText.Of(words.Elsewhere)}</h3>");
        foreach (var mention in person.Mentions)
        {
            var table = DataMap.Of(mention.Table);
            var column = table.Columns.Single(one => one.Name == mention.Column);
            Facts((words.Where, $"{words.Of(table)} {mention.Row}: {words.Of(column)}"), (words.When, Shown(mention.At)), (words.Text, mention.Text));
        }
    }
}
