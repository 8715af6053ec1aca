using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>Changes that nobody has read, because somebody has moved the watermark of their scope ahead by hand. The watermark alone would forget that.</summary>
/// <param name="From">Where they begin; null is the beginning of all.</param>
/// <param name="To">Where they end.</param>
internal sealed record SkippedSpan(DateTimeOffset? From, DateTimeOffset To)
{
    /// <summary>What is left out in a scope; null for nothing.</summary>
    public static SkippedSpan? Of(ScopeState scope) => scope.SkippedTo is { } to ? new SkippedSpan(scope.SkippedFrom, to) : null;

    /// <summary>What is left out when the watermark is moved: what was left out before as well, unless everything is read again.</summary>
    /// <param name="before">What was left out before; null for nothing.</param>
    /// <param name="watermark">Where the watermark stood.</param>
    /// <param name="moved">Where it stands now; null has everything read.</param>
    public static SkippedSpan? AfterMove(SkippedSpan? before, DateTimeOffset? watermark, DateTimeOffset? moved)
    {
        if (moved is not { } to || to <= watermark)
        {
            // What was left out before lies behind the place from which the next import reads, or that import says so itself.
            return before;
        }

        return before is null ? new SkippedSpan(watermark, to) : new SkippedSpan(Earlier(before.From, watermark), to > before.To ? to : before.To);
    }

    /// <summary>What is still left out when a window has been read to the end.</summary>
    /// <param name="from">Where it began; null is the beginning of all.</param>
    /// <param name="to">Where it ended.</param>
    public SkippedSpan? After(DateTimeOffset? from, DateTimeOffset to)
    {
        var (hasBegin, hasEnd) = (from is null || from <= ImportRequest.Earliest || from <= From, to >= To);
        return (hasBegin, hasEnd) switch
        {
            (true, true) => null,
            (true, false) when to > From || From is null => this with { From = to },
            (false, true) when from < To => this with { To = from!.Value },

            // One in the middle leaves two: the whole is read again rather than forgotten.
            _ => this,
        };
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other is null ? null : one < other ? one : other;
}
