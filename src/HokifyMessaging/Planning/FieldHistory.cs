using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Planning;

/// <summary>One field that an update changed.</summary>
internal sealed record FieldChange(
    [property: JsonPropertyName("time")] DateTimeOffset Time,
    [property: JsonPropertyName("run")] Guid Run,
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("old")] object? Old,
    [property: JsonPropertyName("new")] object? New);

/// <summary>A row's last field changes, oldest first, as the JSON of its <c>History</c> column.</summary>
internal static class FieldHistory
{
    public const int Length = 20;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields in which two versions of a row differ, in the order of the columns.</summary>
    public static IEnumerable<FieldChange> Between<TRow>(
        IReadOnlyList<Column<TRow>> columns, TRow before, TRow after, DateTimeOffset time, Guid run)
    {
        foreach (var column in columns)
        {
            var (old, current) = (column.Value(before), column.Value(after));
            if (!Equals(old, current))
            {
                yield return new FieldChange(time, run, column.Name, old, current);
            }
        }
    }

    /// <summary>Which fields a run changed, in the order of the columns; none where its changes are no longer among the last.</summary>
    public static IReadOnlyList<string> ChangedBy(Guid run, string? history) => [.. Of(history).Where(change => change.Run == run).Select(change => change.Field).Distinct()];

    /// <summary>All changes that are kept, oldest first; the values are as JSON has them.</summary>
    public static IReadOnlyList<FieldChange> Of(string? history) => history is null ? [] : JsonSerializer.Deserialize<List<FieldChange>>(history, Json)!;

    /// <summary>Appends to a history and keeps the last <see cref="Length"/> changes.</summary>
    public static string? Append(string? history, IEnumerable<FieldChange> changes)
    {
        var added = changes.ToList();
        if (added.Count == 0)
        {
            return history;
        }

        var known = history is null ? [] : JsonSerializer.Deserialize<List<JsonElement>>(history, Json)!;
        var all = known.Concat(added.Select(change => JsonSerializer.SerializeToElement(change, Json)));
        return JsonSerializer.Serialize(all.TakeLast(Length), Json);
    }
}
