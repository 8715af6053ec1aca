namespace HokifyMessaging.Planning;

/// <summary>What becomes of a record that failed.</summary>
internal abstract record RetryDecision
{
    private RetryDecision()
    {
    }

    /// <summary>Try again after the interval.</summary>
    public sealed record Retry(TimeSpan Interval) : RetryDecision;

    /// <summary>Wait for an operator.</summary>
    public sealed record Park : RetryDecision;
}

/// <summary>When a record that failed is tried again.</summary>
internal sealed record RetrySchedule(TimeSpan FirstInterval, TimeSpan LongestInterval, int MaximumRetries)
{
    /// <param name="failedRetries">How many retries of the record have failed so far; 0 when it failed for the first time.</param>
    public RetryDecision Decide(int failedRetries)
    {
        if (failedRetries >= MaximumRetries)
        {
            return new RetryDecision.Park();
        }

        // Past 2^30 the product no longer fits; the longest interval is reached long before.
        var interval = FirstInterval * Math.Pow(2, Math.Min(failedRetries, 30));
        return new RetryDecision.Retry(interval < LongestInterval ? interval : LongestInterval);
    }
}
