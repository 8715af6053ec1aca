namespace HokifyMessaging.Runs.Coverage;

/// <summary>What a scope's own row says of what was read.</summary>
/// <param name="Watermark">Up to where it has been read to the end; null where it never was, or not from the present source.</param>
/// <param name="Skipped">What somebody has had left out; null for nothing.</param>
/// <param name="SourceChangedAt">When the source became another one; null where that is settled.</param>
internal sealed record ReadSoFar(DateTimeOffset? Watermark, SkippedSpan? Skipped, DateTimeOffset? SourceChangedAt);

/// <summary>
/// Tells from what runs were to read which spans of time were read to the end. The last runs are enough: one that nobody has asked to begin elsewhere begins where all
/// before it was read, and so does the watermark end. Pure.
/// </summary>
internal static class Covering
{
    /// <param name="runs">Some of the last runs, in any order.</param>
    /// <param name="scope">What the scope says.</param>
    /// <param name="now">Until when.</param>
    public static ScopeCoverage Of(IEnumerable<RunWindow> runs, ReadSoFar scope, DateTimeOffset now)
    {
        var line = new CoverageLine(scope.Skipped);
        var isChanged = scope.SourceChangedAt is null;
        foreach (var run in runs.OrderBy(run => run.End == ReadEnd.UnderWay).ThenBy(run => IsOfAnother(run, scope) ? 0 : 1).ThenBy(run => run.EndedAt))
        {
            if (!isChanged && !IsOfAnother(run, scope))
            {
                line.ChangeSource();
                isChanged = true;
            }

            Take(line, run);
        }

        if (!isChanged)
        {
            line.ChangeSource();
        }

        if (scope.Watermark is { } watermark)
        {
            line.ReadBefore(watermark);
        }

        return line.UpTo(now);
    }

    private static bool IsOfAnother(RunWindow run, ReadSoFar scope) => run.StartedAt < scope.SourceChangedAt;

    private static void Take(CoverageLine line, RunWindow run)
    {
        if (run is { IsAskedFor: false, From: { } from })
        {
            line.ReadBefore(from);
        }

        switch (run.End)
        {
            case ReadEnd.Whole:
                line.ReadTo(run);
                break;
            case ReadEnd.UnderWay:
                line.Missed(run, SpanState.UnderWay, null);
                break;
            default:
                line.Missed(run, SpanState.Hole, WhyOf(run.End));
                break;
        }
    }

    private static HoleWhy WhyOf(ReadEnd end) => end switch
    {
        ReadEnd.CutOff => HoleWhy.CutOff,
        ReadEnd.Cancelled => HoleWhy.Cancelled,
        ReadEnd.Resuming => HoleWhy.Resuming,
        _ => HoleWhy.Failed,
    };
}
