namespace HokifyMessaging.Applications;

/// <summary>
/// The members of one JSON object, read as tolerantly as sense can be made of them. What makes no sense is reported to the
/// reading and answered with null. Where several names are given, they are spellings of one fact and the first that has a
/// value counts. An absent object has no members.
/// </summary>
internal readonly partial struct JsonMembers(JsonPart part, string path, RecordReading reading, int item = -1, string? of = null)
{
    public bool IsPresent => part.Kind == JsonValueKind.Object;

    public JsonPart Part => part;

    /// <summary>Made only where something is wrong: no record pays for it.</summary>
    public string PathOf(string name)
    {
        var member = of is null ? name : $"{of}.{name}";
        return path.Length == 0 ? member : item < 0 ? $"{path}.{member}" : $"{path}[{item}].{member}";
    }

    /// <summary>A text; numbers and truth values are taken as they are written.</summary>
    public string? Text(params ReadOnlySpan<string> names)
    {
        if (!TryFind(names, out var value, out var name))
        {
            return null;
        }

        if (value.Kind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return Mistyped<string>(name, value, "a text");
        }

        return ScalarText(value, name);
    }

    /// <summary>A text, or the name of an object: hokify documents many of its labels as objects of any shape.</summary>
    public string? Label(params ReadOnlySpan<string> names) =>
        TryFind(names, out var value, out var name) ? LabelOf(value, name) : null;

    /// <summary>The labels of a list; a single one is a list of one.</summary>
    public IReadOnlyList<string> Labels(string name)
    {
        if (!TryFind([name], out var value, out _))
        {
            return [];
        }

        if (!JsonShape.IsList(value))
        {
            return LabelOf(value, name) is { } only ? [only] : [];
        }

        var labels = new List<string>();
        foreach (var single in value.Values)
        {
            if (LabelOf(single, name) is { } label)
            {
                labels.Add(label);
            }
        }

        return labels;
    }

    /// <summary>Whatever a person may have answered; a list becomes a text with commas, an unknown object its JSON.</summary>
    public string? Answer(params ReadOnlySpan<string> names) =>
        TryFind(names, out var value, out var name) ? AnswerOf(value, name) : null;

    /// <summary>An id: a text, a number or MongoDB's <c>{"$oid": "..."}</c>.</summary>
    public string? Id(params ReadOnlySpan<string> names) => IdOf(names, isRepeated: true);

    private string? IdOf(ReadOnlySpan<string> names, bool isRepeated)
    {
        if (!TryFind(names, out var value, out var name))
        {
            return null;
        }

        if (value.TryGet("$oid", out var inner))
        {
            value = inner;
        }

        return value.Kind is JsonValueKind.String or JsonValueKind.Number
            ? ScalarText(value, name, isRepeated)
            : Mistyped<string>(name, value, "an id");
    }

    /// <summary>
    /// The id of the record or of its person. Unlike the others it decides what is one and the same, so that a number that has
    /// lost digits on its way is none.
    /// </summary>
    public string? Key(string name)
    {
        if (TryFind([name], out var value, out _) && JsonShape.IsFractional(value.TryGet("$oid", out var inner) ? inner : value))
        {
            reading.Report(PathOf(name), FailureCause.BadId, RecordId.Fractional);
            return null;
        }

        return IdOf([name], isRepeated: false);
    }

    public bool? Flag(params ReadOnlySpan<string> names)
    {
        if (!TryFind(names, out var value, out var name))
        {
            return null;
        }

        if (value.Kind is JsonValueKind.Object or JsonValueKind.Array)
        {
            return Mistyped<bool?>(name, value, "true or false");
        }

        if (ScalarText(value, name) is not { } text)
        {
            return null;
        }

        if (YesOrNo.Parse(text) is { } flag)
        {
            return flag;
        }

        reading.Report(PathOf(name), FailureCause.WrongType, "is neither true nor false");
        return null;
    }

    /// <summary>An object; one without members where there is none.</summary>
    /// <param name="name">Its name here.</param>
    /// <param name="objectPath">Its path from the record, given so that no record pays for building it.</param>
    public JsonMembers Object(string name, string objectPath)
    {
        if (TryFind([name], out var value, out _))
        {
            if (value.Kind != JsonValueKind.Object)
            {
                Mistyped<string>(name, value, "an object");
            }

            return ObjectIfAny(name, objectPath);
        }

        return new JsonMembers(HasValue(name) ? JsonShape.NoMembers : default, objectPath, reading);
    }

    /// <summary>An object if there is one with members; what has another shape is left to the caller.</summary>
    public JsonMembers ObjectIfAny(string name, string objectPath) =>
        new(TryFind([name], out var value, out _) && value.Kind == JsonValueKind.Object ? value : default, objectPath, reading);

    /// <summary>The objects of a list; a single object is a list of one.</summary>
    public IReadOnlyList<T> List<T>(string name, string listPath, Func<JsonMembers, T> read)
    {
        if (!TryFind([name], out var value, out _))
        {
            return [];
        }

        if (!JsonShape.IsList(value))
        {
            return value.Kind == JsonValueKind.Object
                ? [read(new JsonMembers(value, listPath, reading, 0))]
                : Mistyped<IReadOnlyList<T>>(name, value, "a list") ?? [];
        }

        var list = new List<T>();
        var index = -1;
        foreach (var single in value.Values)
        {
            index++;
            if (single.Kind == JsonValueKind.Object || JsonShape.IsEmptyList(single))
            {
                list.Add(read(new JsonMembers(single, listPath, reading, index)));
            }
            else if (single.Kind != JsonValueKind.Null)
            {
                reading.Report($"{listPath}[{index}]", FailureCause.WrongType, $"is {JsonShape.Kind(single)}; expected is an object");
            }
        }

        return list;
    }

    /// <summary>Whether it is there, be it empty.</summary>
    public bool HasValue(string name) =>
        IsPresent && part.TryGet(name, out var value)
        && value.Kind is not (JsonValueKind.Null or JsonValueKind.Undefined) && !value.IsEmptyText;

    /// <summary>The first of the names that has a value: neither absent nor null nor an empty text, list or object.</summary>
    public bool TryFind(ReadOnlySpan<string> names, out JsonPart value, out string name)
    {
        foreach (var candidate in names)
        {
            if (IsPresent && part.TryGet(candidate, out value) && !JsonShape.IsEmpty(value))
            {
                name = candidate;
                return true;
            }
        }

        value = default;
        name = "";
        return false;
    }

    private string? ScalarText(JsonPart value, string name, bool isRepeated = false)
    {
        if (value.Kind != JsonValueKind.String)
        {
            return value.Kind == JsonValueKind.Null ? null : value.GetRawText();
        }

        if (value.Text(isRepeated) is { } text)
        {
            return text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        }

        // Half a surrogate pair or broken UTF-8: no parser minds before somebody asks for the text.
        reading.Report(PathOf(name), FailureCause.Unreadable, "is not valid Unicode text");
        return null;
    }

    private string? LabelOf(JsonPart value, string name, bool isRepeated = true)
    {
        switch (value.Kind)
        {
            case JsonValueKind.Object when !JsonShape.IsNumbered(value):
                return new JsonMembers(value, path, reading, item, of is null ? name : $"{of}.{name}").Label("name", "title", "label", "value", "text", "de", "en");
            case JsonValueKind.Array or JsonValueKind.Object:
                var parts = new List<string>();
                foreach (var single in value.Values)
                {
                    if (LabelOf(single, name) is { } part)
                    {
                        parts.Add(part);
                    }
                }

                return parts.Count == 0 ? null : string.Join(", ", parts);
            default:
                return ScalarText(value, name, isRepeated);
        }
    }

    private string? AnswerOf(JsonPart value, string name)
    {
        if (JsonShape.IsList(value))
        {
            var parts = new List<string>();
            foreach (var single in value.Values)
            {
                if (AnswerOf(single, name) is { } part)
                {
                    parts.Add(part);
                }
            }

            return parts.Count == 0 ? null : string.Join(", ", parts);
        }

        return LabelOf(value, name, isRepeated: false) ?? (value.Kind == JsonValueKind.Object ? value.GetRawText() : null);
    }

    private T? Mistyped<T>(string name, JsonPart value, string expected)
    {
        reading.Report(PathOf(name), FailureCause.WrongType, $"is {JsonShape.Kind(value)}; expected is {expected}");
        return default;
    }
}
