namespace HokifyMessaging.Planning;

/// <summary>What becomes of what failed: of a record, or of a run as a whole.</summary>
internal abstract record RetryDecision
{
    private RetryDecision()
    {
    }

    /// <summary>Try again after the pause.</summary>
    public sealed record Retry(TimeSpan Pause) : RetryDecision;

    /// <summary>Wait for an operator.</summary>
    public sealed record Park : RetryDecision;
}

/// <summary>When what failed is tried again.</summary>
/// <param name="FirstPause">The pause before the first retry, where <paramref name="LongestPause"/> is not shorter.</param>
/// <param name="Growth">How many times as long each further pause is; 2 or more.</param>
/// <param name="LongestPause">What no pause is longer than.</param>
/// <param name="MostRetries">After how many retries that failed it waits for an operator.</param>
internal sealed record RetrySchedule(TimeSpan FirstPause, int Growth, TimeSpan LongestPause, int MostRetries)
{
    /// <summary>From here on the shortest pause, grown, is longer than any duration can be.</summary>
    private const int FullyGrown = 64;

    /// <param name="failedRetries">How many retries of it have failed so far; 0 when it failed for the first time.</param>
    public RetryDecision Decide(int failedRetries) => failedRetries < MostRetries ? new RetryDecision.Retry(Pause(failedRetries)) : new RetryDecision.Park();

    /// <summary>The pause before the next retry, however many there may be.</summary>
    /// <param name="failedRetries">As above.</param>
    public TimeSpan Pause(int failedRetries)
    {
        var grown = FirstPause.Ticks * Math.Pow(Growth, Math.Min(failedRetries, FullyGrown));
        return grown < LongestPause.Ticks ? TimeSpan.FromTicks((long)grown) : LongestPause;
    }
}
