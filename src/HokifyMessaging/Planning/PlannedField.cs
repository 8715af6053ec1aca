using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Planning;

/// <summary>One field that a plan would change, as it is stored and shown.</summary>
/// <param name="Field">The column, or <see cref="PlannedFields.Owner"/>, or <see cref="PlannedFields.IsDeleted"/>.</param>
/// <param name="Before">What is there; null for nothing.</param>
/// <param name="After">What would be there; null for nothing.</param>
internal sealed record PlannedField(
    [property: JsonPropertyName("field")] string Field, [property: JsonPropertyName("before")] JsonElement? Before, [property: JsonPropertyName("after")] JsonElement? After);

/// <summary>The fields that a plan would change of one row: made by comparing, kept as JSON, and laid over the row again. Pure.</summary>
internal static class PlannedFields
{
    /// <summary>Whose the application is: the person's id, which is no column of hokify's.</summary>
    public const string Owner = "Candidate";

    /// <summary>A row that had been deleted comes back.</summary>
    public const string IsDeleted = nameof(IsDeleted);

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields in which two rows differ, in the order of the columns.</summary>
    public static List<PlannedField> Between<TRow>(IReadOnlyList<Column<TRow>> columns, TRow before, TRow after) =>
        [.. columns.Select(column => (column.Name, Old: column.Value(before), New: column.Value(after))).Where(field => !Equals(field.Old, field.New)).Select(field => Of(field.Name, field.Old, field.New))];

    public static PlannedField Of(string field, object? before, object? after) => new(field, Element(before), Element(after));

    /// <returns>Null for none.</returns>
    public static string? ToJson(IReadOnlyCollection<PlannedField> fields) => fields.Count == 0 ? null : JsonSerializer.Serialize(fields, Json);

    public static IReadOnlyList<PlannedField> FromJson(string? stored) => stored is null ? [] : JsonSerializer.Deserialize<List<PlannedField>>(stored, Json) ?? [];

    /// <summary>A row as it would be.</summary>
    public static TRow Over<TRow>(TRow before, IReadOnlyList<Column<TRow>> columns, string? stored)
        where TRow : class
    {
        if (stored is null)
        {
            return before;
        }

        var names = columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var row = JsonSerializer.SerializeToNode(before, Json)!.AsObject();
        foreach (var field in FromJson(stored).Where(field => names.Contains(field.Field)))
        {
            row[field.Field] = field.After is { } after ? JsonNode.Parse(after.GetRawText()) : null;
        }

        return row.Deserialize<TRow>(Json)!;
    }

    /// <summary>The names of the fields in which two plans for one row differ.</summary>
    public static IReadOnlyList<string> Differences(string? one, string? other)
    {
        var (left, right) = (ByName(one), ByName(other));
        return [.. left.Keys.Union(right.Keys, StringComparer.Ordinal).Where(name => left.GetValueOrDefault(name) != right.GetValueOrDefault(name))];

        static Dictionary<string, string> ByName(string? stored) =>
            FromJson(stored).ToDictionary(field => field.Field, field => $"{field.Before?.GetRawText()}\n{field.After?.GetRawText()}", StringComparer.Ordinal);
    }

    private static JsonElement? Element(object? value) => value is null ? null : JsonSerializer.SerializeToElement(value, value.GetType(), Json);
}
