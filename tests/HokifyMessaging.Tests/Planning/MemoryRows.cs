using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Planning;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Planning;

/// <summary>A database of two dictionaries, into which batches go as into any other: they are found, planned, counted and changed.</summary>
internal sealed class MemoryRows
{
    private static readonly RetrySchedule Schedule = new(TimeSpan.FromMinutes(1), 2, TimeSpan.FromDays(1), 10);

    private readonly SortedDictionary<string, Candidate> _candidates = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, CandidateProfile> _profiles = new(StringComparer.Ordinal);
    private readonly HashSet<PersonId> _erased = [];
    private readonly bool _dryRun;
    private RunInProgress _run;
    private long _lastId;

    /// <param name="dryRun">Whether runs only count.</param>
    public MemoryRows(bool dryRun = false) => (_dryRun, _run) = (dryRun, NewRun(dryRun));

    /// <summary>What the run has counted so far.</summary>
    public ImportTally Tally => _run.Tally;

    public IReadOnlyList<ApplicationPlan> Import(params IReadOnlyList<MappedApplication> batch)
    {
        var plan = BatchPlan.Of(Find(batch), _run, Schedule, null!, Applications.Epoch);
        var step = new RunStep(BatchCounts.Of(plan, isRetry: false), plan.Keys);
        _run.Advance(step, _run.Progress.After(step));
        var (candidates, profiles) = BatchChanges.Needs(plan);
        if (_dryRun)
        {
            return plan.Applications;
        }

        var before = Describe();
        var changes = BatchChanges.Of(
            plan, [.. _candidates.Values.Where(c => candidates.Contains(c.Id))], [.. _profiles.Values.Where(p => profiles.Contains(p.Id))], _run, Applications.Epoch);
        Assert.Equal(before, Describe());
        AssertEachRowIsInOneList(changes);
        Apply(changes);
        _erased.UnionWith(plan.Applications.OfType<ApplicationPlan.Erase>().Select(p => p.Application.PersonId));
        return plan.Applications;
    }

    /// <summary>Begins with what another database holds.</summary>
    public void TakeRowsOf(MemoryRows other)
    {
        foreach (var (reference, candidate) in other._candidates)
        {
            _candidates[reference] = candidate.Copy();
        }

        foreach (var (reference, profile) in other._profiles)
        {
            _profiles[reference] = profile.Copy();
        }

        _lastId = other._lastId;
    }

    /// <summary>Ends the run: what it has counted no longer matters.</summary>
    public void EndRun() => _run = NewRun(_dryRun);

    public void Delete(string id) => _profiles[id].IsDeleted = true;

    /// <summary>The rows as text: who is there, in which version, belonging to whom; without integer ids, which depend on the order of arrival.</summary>
    public string Describe()
    {
        var people = _candidates.Values.ToDictionary(c => c.Id, c => c.ReferenceId);
        return string.Join(
            '\n',
            _candidates.Values.Select(c => string.Create(CultureInfo.InvariantCulture, $"C {c.ReferenceId} {c.Columns.DisplayName} {c.Version:O} {c.IsDeleted}"))
                .Concat(_profiles.Values.Select(p => string.Create(CultureInfo.InvariantCulture, $"P {p.ReferenceId} {p.Columns.Name} {p.Version:O} {p.IsDeleted} of {people[p.CandidateId]}"))));
    }

    private FoundBatch Find(IReadOnlyList<MappedApplication> batch)
    {
        var stored = new StoredRows(
            _candidates.Values.ToDictionary(
                c => new PersonId(c.ReferenceId), c => new StoredCandidate(c.Id, ContentHash.Of(c.ContentHash), c.Version, c.VersionReferenceId, c.IsDeleted)),
            _profiles.Values.ToDictionary(
                p => new ApplicationId(p.ReferenceId),
                p => new StoredProfile(
                    p.Id, p.CandidateId, ContentHash.Of(p.ContentHash), p.Version, p.IsDeleted, SourceDigest.Of(p.SourceDigest), PersonKey.Of(p.PersonKey), OtherCopies.Of(p.OtherCopies))));
        var records = batch.Select(Record.Ready).ToList();
        var erased = batch.Where(a => _erased.Contains(a.PersonId)).ToHashSet<IncomingApplication>(ReferenceEqualityComparer.Instance)
            .ToDictionary(a => a, _ => new ErasedBefore(Applications.Epoch, IsWhole: true), ReferenceEqualityComparer.Instance as IEqualityComparer<IncomingApplication>);
        return new FoundBatch(records, [.. batch.Select((application, index) => new ArrivedRecord(index, application, records[index]))], [], stored)
        {
            Erased = new KnownErasures(erased, new HashSet<RecordFailure>()),
        };
    }

    private void Apply(RowChanges changes)
    {
        foreach (var candidate in changes.NewCandidates)
        {
            candidate.Id = ++_lastId;
            _candidates.Add(candidate.ReferenceId, candidate);
        }

        changes.ChangedCandidates.ForEach(c => _candidates[c.ReferenceId] = c);
        foreach (var (id, version, reference) in changes.ConfirmedCandidates)
        {
            var confirmed = _candidates.Values.Single(c => c.Id == id);
            (confirmed.Version, confirmed.VersionReferenceId) = (version, reference);
        }

        changes.AssignOwners();
        foreach (var profile in changes.NewProfiles)
        {
            profile.Id = ++_lastId;
            _profiles.Add(profile.ReferenceId, profile);
        }

        changes.ChangedProfiles.ForEach(p => _profiles[p.ReferenceId] = p);
        foreach (var (id, version, payload, payloadAt, digest, key) in changes.ConfirmedProfiles)
        {
            var confirmed = _profiles.Values.Single(p => p.Id == id);
            (confirmed.Version, confirmed.SourcePayload, confirmed.PayloadAt, confirmed.SourceDigest, confirmed.PersonKey) = (version, payload, payloadAt, digest, key);
        }
    }

    private static void AssertEachRowIsInOneList(RowChanges changes)
    {
        var candidates = changes.NewCandidates.Select(c => c.ReferenceId).Concat(changes.ChangedCandidates.Select(c => c.ReferenceId)).ToList();
        var profiles = changes.NewProfiles.Select(p => p.ReferenceId).Concat(changes.ChangedProfiles.Select(p => p.ReferenceId)).ToList();
        Assert.Equal((candidates.Count, profiles.Count), (candidates.Distinct().Count(), profiles.Distinct().Count()));
        Assert.Empty(changes.ChangedCandidates.Select(c => c.Id).Intersect(changes.ConfirmedCandidates.Select(c => c.Id)));
        Assert.Empty(changes.ChangedProfiles.Select(p => p.Id).Intersect(changes.ConfirmedProfiles.Select(p => p.Id)));
    }

    private static RunInProgress NewRun(bool dryRun) => new()
    {
        Request = new ImportRequest("key", 1, ImportMode.Full, null, dryRun, null),
        RunId = Guid.Empty,
        Lease = new ScopeLease(1, "worker", 1),
        StartedAt = Applications.Epoch,
        Progress = new ImportProgress(new RunPosition(RunPhase.Reading, null), new ReadWindow(null, Applications.Epoch), ImportTally.ForNewRun()),
        MayKnowByAddress = false,
        MayHaveOthers = false,
    };
}
