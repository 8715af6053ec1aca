namespace HokifyMessaging.Service.WebConsole;

/// <summary>The counters of a run, in words.</summary>
internal static class RunCounters
{
    public static string Sentence(Words t, IReadOnlyDictionary<string, int> counters) => string.Join(" · ", Said(t, name => counters.GetValueOrDefault(name)).Where(text => text is not null));

    private static IEnumerable<string?> Said(Words t, Func<string, int> count)
    {
        yield return Of(count("Fetched"), n => t.Of($"{n:N0} {n:record|records} read", $"{n:N0} {n:Datensatz|Datensätze} gelesen"));
        yield return Of(count("Pages"), n => t.Of($"{n:N0} {n:page|pages}", $"{n:N0} {n:Seite|Seiten}"));
        yield return Of(count("Duplicates"), n => t.Of($"{n:N0} came twice", $"{n:N0} {n:kam|kamen} doppelt"));
        yield return Of(count("Rejected"), n => t.Of($"{n:N0} rejected", $"{n:N0} abgelehnt"));
        yield return Of(count("Retried"), n => t.Of($"{n:N0} tried again", $"{n:N0} noch einmal versucht"));
        yield return Of(count("RetriesSucceeded"), n => t.Of($"{n:N0} of them stored", $"{n:N0} davon gespeichert"));
        yield return Of(count("Parked"), n => t.Of($"{n:N0} parked", $"{n:N0} geparkt"));
        yield return Of(count("Erased"), n => t.Of($"{n:N0} {n:person|people} erased", $"{n:N0} {n:Person|Personen} gelöscht"));
        yield return Of(count("UnknownFields"), n => t.Of($"{n:N0} unknown {n:field|fields} kept", $"{n:N0} {n:unbekanntes Feld|unbekannte Felder} behalten"));
    }

    private static string? Of(int number, Func<int, string> said) => number == 0 ? null : said(number);
}

/// <summary>Failures of a run that say the same of different records.</summary>
/// <param name="Sentence">What they say, with … for what differs.</param>
/// <param name="Count">How many.</param>
/// <param name="Example">The first of them.</param>
internal sealed record RunFailures(string Sentence, int Count, string Example)
{
    public static IEnumerable<RunFailures> Of(ExportImportResult result) => result.Exceptions.Values.SelectMany(of => of).Select(failure => failure.Message ?? "")
        .GroupBy(Kind, StringComparer.Ordinal)
        .Select(group => new RunFailures(group.Count() == 1 ? group.First() : group.Key, group.Count(), group.First()))
        .OrderByDescending(group => group.Count);

    /// <summary>Sentences begin with the record that they are about: what follows is why.</summary>
    private static string Kind(string sentence) => sentence.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon ? $"…{sentence[colon..]}" : sentence;
}
