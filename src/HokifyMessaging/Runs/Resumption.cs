using HokifyMessaging.Planning;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>Why a run failed as a whole.</summary>
/// <param name="Reason">One sentence.</param>
internal sealed record RunFailure(string Reason)
{
    /// <summary>One sentence, in which everything can be seen.</summary>
    public string Reason { get; } = VisibleText.Of(Reason);

    /// <summary>The source's own words, for the run's details alone; null when it said nothing.</summary>
    public string? SourceSaid
    {
        get;
        init => field = value is null ? null : VisibleText.Of(value, HokifyDbContext.SourceSaidLength);
    }

    /// <summary>When the source wants to be asked again; null when it did not say.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }

    /// <summary>Whether the source only asked to wait, for longer than a delivery waits: nothing is wrong that a retry should be counted for.</summary>
    public bool IsPostponement { get; init; }

    /// <summary>Whether resuming the run would only fail again at the same cost.</summary>
    public bool IsLasting { get; init; }
}

/// <summary>When a run that failed as a whole is resumed without being asked.</summary>
/// <param name="Failures">How many of its failures count by now.</param>
/// <param name="ResumeAt">Null when it waits for an operator.</param>
internal sealed record Resumption(int Failures, DateTimeOffset? ResumeAt)
{
    /// <summary>A source that asks to be left alone for longer has lost its clock, and a run would seem forgotten.</summary>
    private static readonly TimeSpan LongestWish = TimeSpan.FromDays(1);

    public static Resumption After(RunFailure failure, int failuresBefore, DateTimeOffset now, ImportOptions options)
    {
        var wished = failure.AskAgainAt is { } at && at > now + LongestWish ? now + LongestWish : failure.AskAgainAt;
        if (failure.IsPostponement && wished > now && options.FailedRunRetries > 0)
        {
            return new Resumption(failuresBefore, wished);
        }

        var failures = failuresBefore + 1;
        var schedule = new RetrySchedule(options.FailedRunDelay, Growth: 4, options.FailedRunLongestDelay, options.FailedRunRetries);
        return !failure.IsLasting && schedule.Decide(failuresBefore) is RetryDecision.Retry(var pause)
            ? new Resumption(failures, wished > now + pause ? wished : now + pause)
            : new Resumption(failures, null);
    }
}
