using System.Globalization;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>
/// How far a list was read, <c>offset:500:…</c>: how many of what the server counts, and the last of them. Without these nobody
/// can say whether the list still stands where it stood, so without them it is read from its beginning.
/// </summary>
internal sealed record OffsetCheckpoint(long Offset, Anchors Anchors)
{
    private const string Prefix = "offset:";

    /// <summary>An answer that is grouped does not show the order that the server counts in, so more than the last few are kept.</summary>
    private const int MostAnchors = 200;

    public static OffsetCheckpoint Start { get; } = new(0, Anchors.None);

    public static OffsetCheckpoint Behind(long offset, OffsetPage page) => new(offset, new Anchors([.. page.Units.TakeLast(MostAnchors)]));

    /// <exception cref="SourceException">The text is not a checkpoint of a paged list.</exception>
    public static OffsetCheckpoint Parse(string source, string? checkpoint)
    {
        if (checkpoint is null)
        {
            return Start;
        }

        var parts = checkpoint.StartsWith(Prefix, StringComparison.Ordinal) ? checkpoint[Prefix.Length..].Split(':', 2) : [];
        if (parts.Length > 0 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return parts.Length == 2 && Anchors.Parse(parts[1]) is { IsEmpty: false } anchors ? new OffsetCheckpoint(offset, anchors) : Start;
        }

        throw new SourceException($"{source}: the run's checkpoint is not one of this source; expected is '{Prefix}' and a number. Was the scope's source changed in mid-run?");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Offset}:{Anchors}");
}
