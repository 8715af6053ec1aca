using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// What a step changes of its rows, as data: each row in exactly one list, as it is to be, with its history and its logs. New rows
/// have no key yet; what needs one is given it while they are written.
/// </summary>
internal sealed class RowChanges
{
    public List<Candidate> NewCandidates { get; } = [];

    public List<Candidate> ChangedCandidates { get; } = [];

    public List<ConfirmedCandidate> ConfirmedCandidates { get; } = [];

    public List<CandidateProfile> NewProfiles { get; } = [];

    public List<CandidateProfile> ChangedProfiles { get; } = [];

    public List<ConfirmedProfile> ConfirmedProfiles { get; } = [];

    /// <summary>The logs of what was done, in the order in which it was; each with the key of its row, once that is known.</summary>
    public List<(ActivityLog Log, Func<long> ElementId)> Logs { get; } = [];

    /// <summary>Entries of the ledger that are new.</summary>
    public List<ActivityLog> Entered { get; } = [];

    /// <summary>Entries of the ledger that have changed; where a row settled them, with its key.</summary>
    public List<(ActivityLog Log, Func<long>? ElementId)> Settled { get; } = [];

    /// <summary>Entries of the ledger that nothing may remain of.</summary>
    public List<ActivityLog> Forgotten { get; } = [];

    /// <summary>The people whom applications belong to that have no key yet.</summary>
    public Dictionary<CandidateProfile, Candidate> NewOwners { get; } = [];

    /// <summary>The rows of people whom an application has left.</summary>
    public HashSet<long> Left { get; } = [];

    /// <summary>Once the new people have their keys, before their applications are written.</summary>
    public void AssignOwners()
    {
        foreach (var (profile, owner) in NewOwners)
        {
            profile.CandidateId = owner.Id;
        }
    }

    /// <summary>Once all rows have their keys, before the logs are written.</summary>
    public void AssignElements()
    {
        Logs.ForEach(entry => entry.Log.ElementId = entry.ElementId());
        Settled.ForEach(entry => entry.Log.ElementId = entry.ElementId?.Invoke() ?? entry.Log.ElementId);
    }

    /// <summary>The ledger is written by EF Core whatever writes the rest: there is little of it.</summary>
    public void TrackLedger(HokifyDbContext db)
    {
        db.ActivityLogs.AddRange(Entered);
        db.ActivityLogs.UpdateRange(Settled.Select(s => s.Log));
        db.ActivityLogs.RemoveRange(Forgotten);
    }
}

/// <summary>The copy that a person's row agrees with, and remembers; nothing else of the row changes.</summary>
internal sealed record ConfirmedCandidate(long Id, DateTimeOffset? Version, string VersionReferenceId);

/// <summary>
/// The copy that an application's row agrees with, and remembers whole: the copy may say something new of the person, or in what has no
/// column. Nothing else of the row changes.
/// </summary>
internal sealed record ConfirmedProfile(long Id, DateTimeOffset? Version, string SourcePayload, DateTimeOffset PayloadAt, byte[] SourceDigest, byte[]? PersonKey);
