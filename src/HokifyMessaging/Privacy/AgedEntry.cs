using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>What decides whether a record that could not be stored has waited for long enough.</summary>
/// <param name="Id">The entry.</param>
/// <param name="ReferenceId">The record's id.</param>
/// <param name="PersonReferenceId">The person's, where it is known.</param>
/// <param name="Status">Open or parked.</param>
/// <param name="Date">When it failed first.</param>
/// <param name="DateExecuted">When it was last tried.</param>
/// <param name="RetryInterval">After how many seconds it was to be tried again.</param>
/// <param name="DueAt">When it is to be tried again.</param>
/// <param name="LastRunId">The run that has tried it.</param>
internal sealed record AgedEntry(
    long Id, string ReferenceId, string? PersonReferenceId, ActivityStatus Status, DateTimeOffset Date, DateTimeOffset? DateExecuted, int RetryInterval, DateTimeOffset? DueAt, Guid? LastRunId)
{
    /// <summary>
    /// Whether it goes. One that is parked counts from its last try, which the source brings on as well; one that is tried again and again, from its first: it would never be old
    /// else. One that somebody has asked to be tried once more counts from then on, and what a run has in hand stays until that has ended.
    /// </summary>
    /// <param name="before">What has come before it is old.</param>
    /// <param name="underWay">The runs that go on.</param>
    public bool IsDue(DateTimeOffset before, IReadOnlySet<Guid> underWay) => Since <= before && !(LastRunId is { } run && underWay.Contains(run));

    private DateTimeOffset Since => Status == ActivityStatus.Parked ? DateExecuted ?? Date : WasAskedFor ? DueAt!.Value : Date;

    /// <summary>Who has it tried again leaves it no pause.</summary>
    private bool WasAskedFor => DueAt > (DateExecuted ?? Date).AddSeconds(RetryInterval);
}
