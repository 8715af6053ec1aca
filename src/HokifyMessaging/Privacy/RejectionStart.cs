using System.Text.Json.Serialization;

namespace HokifyMessaging.Privacy;

/// <summary>Since when an application is known to have been rejected: the earliest instant at which what is stored says so.</summary>
internal static class RejectionStart
{
    /// <param name="stage">At which stage it is.</param>
    /// <param name="history">The row's last changes, as JSON.</param>
    /// <param name="created">When the row was made.</param>
    /// <param name="changed">When it last changed: at the source where that is known, else here.</param>
    /// <param name="rejections">The stages that mean a rejection.</param>
    /// <returns>Null where it is not rejected.</returns>
    public static DateTimeOffset? Of(string? stage, string? history, DateTimeOffset created, DateTimeOffset changed, IReadOnlySet<string> rejections)
    {
        if (!IsRejection(stage))
        {
            return null;
        }

        var changes = history is null ? [] : JsonSerializer.Deserialize<List<Change>>(history)!;
        DateTimeOffset? since = null;
        foreach (var change in changes.Where(change => change.Field == nameof(ProfileColumns.Status)).Reverse())
        {
            since = change.Time;
            if (!IsRejection(change.Old))
            {
                // The source knew of its last change when it told us of it.
                return Earlier(change.Time, changed);
            }
        }

        // All that is known of the past is a rejection. A history that has lost its beginning says nothing of the time before.
        return changes.Count < Planning.FieldHistory.Length ? Earlier(created, changed) : since is { } known ? Earlier(known, changed) : changed;

        bool IsRejection(object? of) => of?.ToString() is { } text && rejections.Contains(text.Trim());
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private sealed record Change([property: JsonPropertyName("time")] DateTimeOffset Time, [property: JsonPropertyName("field")] string Field, [property: JsonPropertyName("old")] object? Old);
}
