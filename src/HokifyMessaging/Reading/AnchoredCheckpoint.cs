namespace HokifyMessaging.Reading;

/// <summary>
/// How far a list that may move was read, <c>offset:500:…</c>: how many of what is counted, and the last of them, by which the place is
/// known again. Without these nobody can say whether the list still stands where it stood, so it is read from its beginning.
/// </summary>
/// <param name="Unit">What is counted, in a word: tells the checkpoints of one kind of list from those of another.</param>
internal sealed record AnchoredCheckpoint(string Unit, long Count, Anchors Anchors)
{
    public static AnchoredCheckpoint Start(string unit) => new(unit, 0, Anchors.None);

    /// <exception cref="SourceException">The text is not a checkpoint of such a list.</exception>
    public static AnchoredCheckpoint Parse(string unit, string source, string? checkpoint)
    {
        if (checkpoint is null)
        {
            return Start(unit);
        }

        var parts = checkpoint.Split(':', 3);
        if (parts.Length > 1 && parts[0] == unit && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return parts.Length == 3 && Anchors.Parse(parts[2]) is { IsEmpty: false } anchors ? new AnchoredCheckpoint(unit, count, anchors) : Start(unit);
        }

        throw new SourceException($"{source}: the run's checkpoint is not one of this source; expected is '{unit}:' and a number. Was the scope's source changed in mid-run?");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Unit}:{Count}:{Anchors}");
}
