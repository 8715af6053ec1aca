using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Makes of some entries of a plan what they change of the rows. Each row is compared with what the plan relied on: one that has moved since is left as it is, and so is
/// whatever depends on it. Pure: what was loaded stays as it is.
/// </summary>
internal sealed class PlanApplication
{
    private readonly RunInProgress _run;
    private readonly FoundPlanRows _found;
    private readonly DateTimeOffset _now;
    private readonly Dictionary<long, Candidate> _new = [];

    private PlanApplication(RunInProgress run, FoundPlanRows found, DateTimeOffset now) => (_run, _found, _now) = (run, found, now);

    /// <summary>What is to be written.</summary>
    public RowChanges Changes { get; } = new();

    /// <summary>The entries that are not written, because what they rely on has moved.</summary>
    public List<PlanEntry> Moved { get; } = [];

    /// <summary>The applications that are written, with the keys that they have or get.</summary>
    public List<(PlanEntry Entry, DateTimeOffset? Version, Func<long> Key)> Written { get; } = [];

    public static PlanApplication Of(IReadOnlyList<PlanEntry> entries, FoundPlanRows found, RunInProgress run, DateTimeOffset now)
    {
        var application = new PlanApplication(run, found, now);
        var profiles = entries.Where(e => e.ElementName == ElementNames.CandidateProfile).ToList();
        var kept = profiles.Where(application.IsAsPlanned).ToList();
        var wanted = kept.Select(e => e.PersonReferenceId).ToHashSet();
        var alone = entries.Where(e => profiles.TrueForAll(p => p.PersonReferenceId != e.ReferenceId)).ToHashSet();
        foreach (var entry in entries.Where(e => e.ElementName == ElementNames.Candidate))
        {
            // Nobody is written for the sake of an application that is not.
            if ((entry.Kind == PlannedChange.Created && !wanted.Contains(entry.ReferenceId) && !alone.Contains(entry)) || !application.IsAsPlanned(entry))
            {
                application.Moved.Add(entry);
            }
            else
            {
                application.WriteCandidate(entry);
            }
        }

        application.Moved.AddRange(profiles.Except(kept));
        foreach (var entry in kept)
        {
            application.WriteProfile(entry);
        }

        return application;
    }

    private bool IsAsPlanned(PlanEntry entry) => entry.ElementName == ElementNames.Candidate
        ? _found.Candidates.GetValueOrDefault(entry.ReferenceId) is var candidate
            && (entry.RowId is null ? candidate is null : candidate?.Id == entry.RowId && PlannedState.Of(candidate!).HashOfCandidate().AsSpan().SequenceEqual(entry.Before))
        : _found.Profiles.GetValueOrDefault(entry.ReferenceId) is var profile
            && (entry.RowId is null ? profile is null : profile?.Id == entry.RowId && PlannedState.Of(profile!).HashOfProfile().AsSpan().SequenceEqual(entry.Before));

    private void WriteCandidate(PlanEntry entry)
    {
        var row = PlannedRows.Over(entry, _found.Candidates.GetValueOrDefault(entry.ReferenceId));
        switch (entry.Kind)
        {
            case PlannedChange.Created:
                (row.Id, row.CreatedAt, row.ChangedAt) = (0, _now, _now);
                _new[-entry.Number] = row;
                Changes.NewCandidates.Add(row);
                Log(ActivityName.Created, entry, displayName: null, () => row.Id);
                break;
            case PlannedChange.Updated:
                row.History = FieldHistory.Append(row.History, HistoryOf(entry));
                row.ChangedAt = _now;
                Changes.ChangedCandidates.Add(row);
                Log(ActivityName.Updated, entry, displayName: null, () => row.Id);
                break;
            case PlannedChange.Confirmed:
                Changes.ConfirmedCandidates.Add(new ConfirmedCandidate(row.Id, row.Version, row.VersionReferenceId!));
                break;
        }
    }

    private void WriteProfile(PlanEntry entry)
    {
        var before = _found.Profiles.GetValueOrDefault(entry.ReferenceId);
        var row = PlannedRows.Over(entry, before);
        if (OwnerOf(entry, row.CandidateId) is not { } owner)
        {
            Moved.Add(entry);
            return;
        }

        (row.SourcePayload, row.PayloadAt) = entry.Payload is null ? (row.SourcePayload, row.PayloadAt) : (entry.Payload, _now);
        row.CandidateId = owner.Id;
        if (owner.Row is { } person)
        {
            Changes.NewOwners[row] = person;
        }

        switch (entry.Kind)
        {
            case PlannedChange.Created:
                (row.Id, row.CreatedAt, row.ChangedAt, row.ReceivedAt) = (0, _now, _now, CandidateProfile.ReceiptOf(row.Columns.DatePublish, _now));
                Changes.NewProfiles.Add(row);
                Log(ActivityName.Created, entry, row.Columns.Name, () => row.Id);
                break;
            case PlannedChange.Updated:
                row.History = FieldHistory.Append(row.History, HistoryOf(entry));
                (row.ChangedAt, row.ReceivedAt) = (_now, CandidateProfile.ReceiptOf(row.Columns.DatePublish, row.CreatedAt));
                Changes.ChangedProfiles.Add(row);
                Log(ActivityName.Updated, entry, row.Columns.Name, () => row.Id);
                break;
            default:
                Changes.ChangedProfiles.Add(row);
                break;
        }

        Written.Add((entry, row.Version, () => row.Id));
    }

    /// <summary>Whose row it is to be; null where that one is not what it was.</summary>
    private (long Id, Candidate? Row)? OwnerOf(PlanEntry entry, long owner) =>
        _new.TryGetValue(owner, out var person) ? (0, person)
        : entry.PersonReferenceId is null && owner > 0 ? (owner, null)
        : _found.Candidates.GetValueOrDefault(entry.PersonReferenceId ?? "") is { } row && (owner < 0 || row.Id == owner) ? (row.Id, null)
        : null;

    private IEnumerable<FieldChange> HistoryOf(PlanEntry entry) => PlannedFields.FromJson(entry.Fields)
        .Where(field => field.Field != PlannedFields.Owner)
        .Select(field => new FieldChange(_now, _run.RunId, field.Field, field.Before, field.After));

    private void Log(ActivityName name, PlanEntry entry, string? displayName, Func<long> key)
    {
        var log = ActivityLog.OfDone(_run.Request.ScopeId, _run.RunId, name, entry.ElementName, entry.ReferenceId, _now);
        log.ElementDisplayName = displayName;
        Changes.Logs.Add((log, key));
    }
}

/// <summary>The rows that some entries of a plan are about, as they are now, by their ids.</summary>
internal sealed record FoundPlanRows(IReadOnlyDictionary<string, Candidate> Candidates, IReadOnlyDictionary<string, CandidateProfile> Profiles)
{
    /// <summary>Looks them up, with the people behind the applications.</summary>
    public static async Task<FoundPlanRows> FindAsync(HokifyDbContext db, int scopeId, IReadOnlyList<PlanEntry> entries, CancellationToken cancellationToken)
    {
        var people = entries.Select(e => e.ElementName == ElementNames.Candidate ? e.ReferenceId : e.PersonReferenceId).OfType<string>();
        var candidates = await Lookups.ListAsync(people, some => db.Candidates.AsNoTracking().Where(c => c.ScopeId == scopeId && some.Contains(c.ReferenceId)), cancellationToken);
        var applications = entries.Where(e => e.ElementName == ElementNames.CandidateProfile).Select(e => e.ReferenceId);
        var profiles = await Lookups.ListAsync(applications, some => db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == scopeId && some.Contains(p.ReferenceId)), cancellationToken);
        return new FoundPlanRows(candidates.ToDictionary(c => c.ReferenceId), profiles.ToDictionary(p => p.ReferenceId));
    }
}
