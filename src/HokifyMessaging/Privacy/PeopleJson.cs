using System.Text.Encodings.Web;

namespace HokifyMessaging.Privacy;

/// <summary>The document for programs: rows as they are stored, by table and column, and what each column is. EXPORT.md shows the form.</summary>
internal static class PeopleJson
{
    /// <summary>What the document says of its own form.</summary>
    public const string Form = "hokify-people/1";

    /// <summary>So much is kept before it is written.</summary>
    private const int Buffered = 64 * 1024;

    public static async Task WriteAsync(PeopleDocument document, Stream output, CancellationToken cancellationToken)
    {
        // Nothing but a browser that takes it for a page would have more escaped, and a name is a name to whoever reads it.
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("format", Form);
        json.WriteString("madeAt", document.MadeAt);
        WriteSource(json, document.Source);
        WriteTold(json, document);
        json.WriteStartArray("people");
        foreach (var person in document.People)
        {
            await WriteAsync(json, person, document.Kept, cancellationToken);
        }

        json.WriteEndArray();
        WriteColumns(json);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
        output.WriteByte((byte)'\n');
    }

    private static void WriteSource(Utf8JsonWriter json, DataSource source)
    {
        json.WriteStartObject("source");
        json.WriteNumber("scopeId", source.ScopeId);
        json.WriteString("scopeName", source.ScopeName);
        json.WriteString("kind", source.Kind);
        json.WriteString("address", source.Address);
        WriteInstant(json, "readUpTo", source.ReadUpTo);
        json.WriteEndObject();
    }

    private static void WriteTold(Utf8JsonWriter json, PeopleDocument document)
    {
        var told = document.Told;
        json.WriteString("controller", told.Controller.Length > 0 ? told.Controller : null);
        WriteTexts(json, "purposes", told.Purposes);
        WriteTexts(json, "recipients", told.Recipients);

        if (document.Rule is { Forgets: true } rule)
        {
            json.WriteStartObject("keptUntil");
            json.WriteString("de", RetentionWords.Of(rule, PeopleWords.German));
            json.WriteString("en", RetentionWords.Of(rule, PeopleWords.English));
            json.WriteEndObject();
        }
        else
        {
            // There is no period: that is said, and not left out.
            json.WriteNull("keptUntil");
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<ToldText> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStartObject();
            json.WriteString("de", PeopleWords.German.Of(text));
            json.WriteString("en", PeopleWords.English.Of(text));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteKept(Utf8JsonWriter json, PersonRows person, IReadOnlyDictionary<long, KeptApplication> kept)
    {
        json.WriteStartArray("kept");
        foreach (var (row, application) in person.Profiles.Select(one => (one.Id, kept[one.Id])))
        {
            json.WriteStartObject();
            json.WriteNumber("row", row);
            WriteInstant(json, "until", application.Until);
            json.WriteBoolean("isHeld", application.IsHeld);
            WriteInstant(json, "heldUntil", application.HeldUntil);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static async Task WriteAsync(Utf8JsonWriter json, PersonRows person, IReadOnlyDictionary<long, KeptApplication> kept, CancellationToken cancellationToken)
    {
        json.WriteStartObject();
        WriteInstant(json, "firstReceived", person.FirstReceived);
        WriteInstant(json, "lastReceived", person.LastReceived);
        json.WriteStartObject("rows");
        foreach (var (table, rows) in person.Tables)
        {
            json.WriteStartArray(table.Name);
            foreach (var row in rows)
            {
                json.WriteStartObject();
                foreach (var column in table.Columns)
                {
                    json.WritePropertyName(column.Name);
                    WriteValue(json, table.ValueOf(row, column), column);
                }

                json.WriteEndObject();
                if (json.BytesPending > Buffered)
                {
                    await json.FlushAsync(cancellationToken);
                }
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        WriteKept(json, person, kept);
        json.WriteStartArray("mentions");
        foreach (var mention in person.Mentions)
        {
            json.WriteStartObject();
            json.WriteString("table", mention.Table);
            json.WriteString("column", mention.Column);
            json.WriteString("row", mention.Row);
            WriteInstant(json, "at", mention.At);
            json.WriteString("text", mention.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("notKnown");
        foreach (var sentence in person.NotKnown)
        {
            json.WriteStringValue(sentence);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value, DataMark column)
    {
        switch (value)
        {
            case string text when column.IsJson && StoredJson.Parse(text) is { } parsed:
                using (parsed)
                {
                    parsed.RootElement.WriteTo(json);
                }

                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case byte[] bytes:
                json.WriteStringValue(Convert.ToHexStringLower(bytes));
                break;
            case DateOnly day:
                json.WriteStringValue(day.ToString("O", CultureInfo.InvariantCulture));
                break;
            case Enum name:
                json.WriteStringValue(name.ToString());
                break;
            default:
                JsonSerializer.Serialize(json, value, value?.GetType() ?? typeof(object));
                break;
        }
    }

    private static void WriteInstant(Utf8JsonWriter json, string name, DateTimeOffset? instant)
    {
        if (instant is { } at)
        {
            json.WriteString(name, at);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteColumns(Utf8JsonWriter json)
    {
        json.WriteStartObject("columns");
        foreach (var table in DataMap.Tables.Where(table => table.Columns.Any(column => column.Subject == DataSubject.Applicant)))
        {
            json.WriteStartObject(table.Name);
            foreach (var column in table.Columns.Where(column => table.IsOfPeople || column.Subject == DataSubject.Applicant))
            {
                json.WriteStartObject(column.Name);
                json.WriteString("category", $"{column.Category}".ToLowerInvariant());
                json.WriteString("de", column.German);
                json.WriteString("en", column.English);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
