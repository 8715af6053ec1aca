namespace HokifyMessaging.Privacy;

/// <summary>The rows of the page: what a column holds under what it is, and nothing of those that hold nothing.</summary>
internal sealed partial class PeoplePage
{
    /// <summary>By what it tells of the person; then what has changed, and what only programs need.</summary>
    private void Row(MarkedTable table, object row, IReadOnlyCollection<string> apart)
    {
        var shown = table.Columns.Where(column => !apart.Contains(column.Name)).Select(column => (Column: column, Value: table.ValueOf(row, column))).ToList();
        foreach (var category in words.Categories)
        {
            var facts = shown.Where(one => one.Column.Category == category.Key && one.Value is not byte[]).Select(one => (words.Of(one.Column), Text(one.Column, one.Value))).ToList();
            if (facts.Exists(fact => fact.Item2 is { Length: > 0 }))
            {
                Line($"<h4>{HtmlText.Of(category.Value)}</h4>");
                Facts([.. facts]);
            }
        }

        if (table.Columns.FirstOrDefault(column => column.Name == nameof(Storage.Candidate.History)) is { } history && table.ValueOf(row, history) is string changes)
        {
            Changes(table, changes);
        }

        Technical([.. shown.Where(one => one.Column.Category == DataCategory.None || one.Value is byte[]).Select(one => (words.Of(one.Column), Shown(one.Value)))]);
    }

    /// <summary>Open, because what is folded up is not printed.</summary>
    private void Technical(IReadOnlyList<(string What, string? Value)> facts)
    {
        Line($"<details open><summary>{HtmlText.Of(words.Technical)}</summary>");
        Facts([.. facts]);
        Line("</details>");
    }

    private void Changes(MarkedTable table, string history)
    {
        Line($"<h4>{HtmlText.Of(words.Changes)}</h4>");
        using var json = StoredJson.Parse(history);
        if (json is not { RootElement.ValueKind: JsonValueKind.Array })
        {
            Line($"<pre dir=\"ltr\">{HtmlText.Of(history)}</pre>");
            return;
        }

        Line("<ol>");
        foreach (var change in json.RootElement.EnumerateArray())
        {
            Line("<li>");
            Facts([.. change.ValueKind == JsonValueKind.Object ? Change(table, change) : [(words.After, Plain(change))]]);
            Line("</li>");
        }

        Line("</ol>");
    }

    /// <summary>Each member of a change, also one that nobody expects.</summary>
    private IEnumerable<(string What, string? Value)> Change(MarkedTable table, JsonElement change) => change.EnumerateObject().Select(member => member.Name switch
    {
        "time" when member.Value.ValueKind == JsonValueKind.String && member.Value.TryGetDateTimeOffset(out var time) => (words.ChangedAt, Shown(time)),
        "field" when member.Value.ValueKind == JsonValueKind.String && table.Columns.FirstOrDefault(column => member.Value.ValueEquals(column.Name)) is { } column => (words.Field, words.Of(column)),
        "old" => (words.Before, Plain(member.Value)),
        "new" => (words.After, Plain(member.Value)),
        "run" => (words.Of(DataMap.Of("ImportRun")), Plain(member.Value)),
        var name => (name, Plain(member.Value)),
    });

    private string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => words.Yes,
        JsonValueKind.False => words.No,
        JsonValueKind.Null => words.Nothing,
        _ => value.GetRawText(),
    };

    private string? Text(DataMark column, object? value)
    {
        if (value is not string text || !column.IsJson)
        {
            return Shown(value);
        }

        using var json = StoredJson.Parse(text);
        return json is null ? text : string.Join('\n', Lines(json.RootElement));
    }

    /// <summary>Lists and their members as people write them: a line each, the first of an item with a dash.</summary>
    private IEnumerable<string> Lines(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Lines(item).Select((line, number) => number == 0 ? $"– {line}" : $"  {line}")),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => member.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object
            ? Lines(member.Value).Select(line => $"  {line}").Prepend($"{member.Name}:")
            : [$"{member.Name}: {Plain(member.Value)}"]),
        _ => [Plain(value)],
    };

    private string? Shown(object? value) => value switch
    {
        null => null,
        string text => text,
        bool yes => yes ? words.Yes : words.No,
        DateTimeOffset instant => TimeZoneInfo.ConvertTime(instant, zone).ToString(words.InstantFormat, CultureInfo.InvariantCulture),
        DateTime day => day.ToString(day.TimeOfDay == TimeSpan.Zero ? words.DayFormat : $"{words.DayFormat} HH:mm:ss", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString(words.DayFormat, CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        Enum name => words.Acts.GetValueOrDefault(name.ToString(), name.ToString()),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private void Facts(params IReadOnlyList<(string What, string? Value)> facts)
    {
        var known = facts.Where(fact => fact.Value is { Length: > 0 }).ToList();
        if (known.Count > 0)
        {
            Line($"<dl>{string.Concat(known.Select(fact => $"\n<dt>{HtmlText.Of(fact.What)}</dt><dd>{HtmlText.Isolated(fact.Value!)}</dd>"))}\n</dl>");
        }
    }

    private void Line(string html) => _html.Append(html).Append('\n');
}
