namespace HokifyMessaging.Planning;

/// <summary>The instant up to which a scope has been read to the end.</summary>
internal static class Watermark
{
    /// <summary>Where an incremental import begins; null reads everything.</summary>
    public static DateTimeOffset? Begin(DateTimeOffset? requested, DateTimeOffset? watermark, TimeSpan overlap) =>
        requested ?? (watermark - DateTimeOffset.MinValue > overlap ? watermark - overlap : null);

    /// <summary>
    /// Where the watermark stands after a complete read of the window. A window that began behind it would leave a hole,
    /// and a slow run must not take it back behind a fast one.
    /// </summary>
    public static DateTimeOffset? After(DateTimeOffset? watermark, DateTimeOffset? windowFrom, DateTimeOffset windowTo)
    {
        var leavesHole = windowFrom is { } from && (watermark is not { } mark || from > mark);
        return leavesHole || windowTo <= watermark ? watermark : windowTo;
    }
}
