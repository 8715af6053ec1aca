namespace HokifyMessaging.Runs.Coverage;

/// <summary>Whether a span of time has been read.</summary>
internal enum SpanState
{
    /// <summary>To the end.</summary>
    Read,

    /// <summary>Not: something has gone past it, or has tried to read it in vain.</summary>
    Hole,

    /// <summary>A run that has begun reads it.</summary>
    UnderWay,

    /// <summary>Not yet: the next import does.</summary>
    NotYet,
}

/// <summary>Why a span is a hole.</summary>
internal enum HoleWhy
{
    /// <summary>The run that read it failed, and waits for an operator.</summary>
    Failed,

    /// <summary>The run that read it failed, and goes on by itself.</summary>
    Resuming,

    /// <summary>Somebody has cancelled the run that read it.</summary>
    Cancelled,

    /// <summary>The run that read it came to an end, and the source had more: a file that was cut off, a list that moved.</summary>
    CutOff,

    /// <summary>A run was asked to begin behind it (<c>UnixSecondsFrom</c>).</summary>
    Jumped,

    /// <summary>Somebody has moved the watermark past it.</summary>
    MovedByHand,

    /// <summary>It was read from another source than the present one.</summary>
    SourceChanged,
}

/// <summary>How a run that has begun to read stands.</summary>
internal enum ReadEnd
{
    /// <summary>It has read its window to the end.</summary>
    Whole,

    /// <summary>It is completed, and its read was not.</summary>
    CutOff,

    /// <summary>It failed, and waits for an operator.</summary>
    Failed,

    /// <summary>It failed, and goes on by itself.</summary>
    Resuming,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>It is at work, or between two slices.</summary>
    UnderWay,
}

/// <summary>What a run was to read, and whether it did. No dry run is one: it moves nothing.</summary>
/// <param name="RunId">The run.</param>
/// <param name="From">The beginning of its window; null for everything.</param>
/// <param name="To">The end of its window.</param>
/// <param name="IsAskedFor">Whether somebody has asked for that beginning. Otherwise it is where the scope's read before had ended, so that all before it was read.</param>
/// <param name="End">How it stands.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended or last stopped.</param>
internal sealed record RunWindow(Guid RunId, DateTimeOffset? From, DateTimeOffset To, bool IsAskedFor, ReadEnd End, DateTimeOffset StartedAt, DateTimeOffset EndedAt);

/// <summary>A span of the time at which applications change at hokify.</summary>
/// <param name="From">Where it begins; null for the beginning of all.</param>
/// <param name="To">Where it ends, and the next one begins.</param>
/// <param name="State">Whether it has been read.</param>
/// <param name="Why">Why not, where it is a hole.</param>
/// <param name="RunId">The run that has left it, or reads it; null where none did.</param>
internal sealed record CoverageSpan(DateTimeOffset? From, DateTimeOffset To, SpanState State, HoleWhy? Why, Guid? RunId);

/// <summary>A hole that there was, and that a later run has read.</summary>
/// <param name="From">Where it began; null for the beginning of all.</param>
/// <param name="To">Where it ended.</param>
/// <param name="Why">Why it was one.</param>
/// <param name="RunId">The run that had left it; null where none did.</param>
/// <param name="ClosedBy">The run that has read it.</param>
/// <param name="ClosedAt">When that one ended.</param>
internal sealed record ClosedHole(DateTimeOffset? From, DateTimeOffset To, HoleWhy Why, Guid? RunId, Guid ClosedBy, DateTimeOffset ClosedAt);

/// <summary>Which spans of time of a scope have been read to the end.</summary>
/// <param name="Spans">From the beginning of all to now, each where the one before ends.</param>
/// <param name="Closed">Holes that there were, the last that was closed first.</param>
internal sealed record ScopeCoverage(IReadOnlyList<CoverageSpan> Spans, IReadOnlyList<ClosedHole> Closed)
{
    /// <summary>What has not been read and should have been, the oldest first.</summary>
    public IEnumerable<CoverageSpan> Holes => Spans.Where(span => span.State == SpanState.Hole);
}
