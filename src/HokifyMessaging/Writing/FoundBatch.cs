using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>All that has to be known of some records before it is decided what becomes of them: nothing is asked after this.</summary>
/// <param name="Records">The records that are written together.</param>
/// <param name="Arrived">The applications among them, each with its record, in their order.</param>
/// <param name="Failed">The records that will not be in the database.</param>
/// <param name="Stored">The rows that they may touch.</param>
internal sealed record FoundBatch(IReadOnlyList<SourceRecord> Records, List<ArrivedRecord> Arrived, List<FailedRecord> Failed, StoredRows Stored)
{
    /// <summary>Who of them was erased earlier.</summary>
    public KnownErasures Erased { get; init; } = KnownErasures.None;

    /// <summary>How many more records there were, of the ledger, that are not to be tried any more: somebody has parked or dropped them meanwhile, or a ramp holds them back.</summary>
    public int Passed { get; init; }

    /// <summary>The records that have to wait for these, in their order.</summary>
    public IReadOnlyList<SourceRecord> Left { get; init; } = [];

    /// <summary>Whether it is one record that the database has refused.</summary>
    public bool IsRefused { get; init; }

    /// <summary>What the erasures take along, where these records are erasures; otherwise null.</summary>
    public ErasableRows? Erasable { get; init; }

    /// <summary>The entries of the ledger that wait under any reference of the records.</summary>
    public IReadOnlyDictionary<string, ActivityLog> Waiting { get; init; } = new Dictionary<string, ActivityLog>();

    /// <summary>The rows that the run has changed before, of those that a repeated record may change.</summary>
    public IReadOnlySet<(string Element, long Id)> Touched { get; init; } = new HashSet<(string, long)>();

    /// <summary>Whether an erasure is left to be done: the source goes on naming people whom it erased long ago.</summary>
    public bool Erases(IncomingApplication application) => application.PrivacyAutoDeleted
        && !(Erased.Of(application) is { IsWhole: true }
            && !Stored.Profiles.ContainsKey(application.Id) && !Stored.Candidates.ContainsKey(application.PersonId));
}

/// <summary>Finds out what has to be known of some records.</summary>
internal sealed class BatchQuestions(HokifyDbContext db, BatchRows rows, RunInProgress run, ApplicationMapping mapping, Erasure erasure, DateTimeOffset now)
{
    private readonly int _scopeId = run.Request.ScopeId;
    private readonly PlanMemory? _plan = run.IsPlanning ? new PlanMemory(db, run) : null;

    /// <summary>Takes as many of the records as can be decided on together; erasures are decided on by themselves (see <see cref="ErasureOrder"/>).</summary>
    public async Task<FoundBatch> FindAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        var tried = await WithoutSettledAsync(records, cancellationToken);
        return await FindAllAsync(tried, cancellationToken) with { Passed = records.Count - tried.Count };
    }

    /// <summary>The records that are tried again were read before the transaction began.</summary>
    private async Task<IReadOnlyList<SourceRecord>> WithoutSettledAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        var references = records.Select(r => r.LedgerReference).OfType<string>().Distinct().ToList();
        if (references.Count == 0)
        {
            return records;
        }

        var due = await RetryLedger.ToBeTriedAsync(db, run, references, now, cancellationToken);
        return due.Count == references.Count ? records : [.. records.Where(r => r.LedgerReference is not { } reference || due.Contains(reference))];
    }

    private async Task<FoundBatch> FindAllAsync(IReadOnlyList<SourceRecord> records, CancellationToken cancellationToken)
    {
        var found = await new BatchLookUp(rows, mapping, run.MayKnowByAddress).FindAsync(records, cancellationToken);
        found = found with { Erased = await erasure.FindErasedAsync(db, run, found, cancellationToken) };
        found = _plan is null ? found : found with { Erased = await _plan.WithPlannedAsync(found, cancellationToken) };
        var erasures = found.Arrived.Where(a => found.Erases(a.Application)).Select(a => a.Index).ToHashSet();
        if (erasures.Count == 0)
        {
            return await FindOthersAsync(found, cancellationToken);
        }

        if (erasures.Count < records.Count)
        {
            var (together, left) = await new ErasureOrder(db, run, found, erasures).SplitAsync(cancellationToken);
            var first = await FindAllAsync(together, cancellationToken);
            return first with { Left = [.. first.Left, .. left] };
        }

        return await FindOthersAsync(
            found with { Erasable = await erasure.FindErasableAsync(db, run, [.. found.Arrived.Select(a => a.Application.Materialize())], now, cancellationToken) }, cancellationToken);
    }

    /// <summary>What has to be known of a record that the database has refused: whether it waits already.</summary>
    public async Task<FoundBatch> FindRefusedAsync(SourceRecord record, Exception exception, CancellationToken cancellationToken)
    {
        if ((await WithoutSettledAsync([record], cancellationToken)).Count == 0)
        {
            return new FoundBatch([], [], [], StoredRows.None) { IsRefused = true, Passed = 1 };
        }

        var failure = record.Map(mapping) is { Value: { } application } ? RecordFailure.Of(record, application, exception) : RecordFailure.Of(record, record.Rejection!);
        return await FindOthersAsync(new FoundBatch([record], [], [new FailedRecord(0, record, failure)], StoredRows.None) { IsRefused = true }, cancellationToken);
    }

    private async Task<FoundBatch> FindOthersAsync(FoundBatch found, CancellationToken cancellationToken)
    {
        var seen = new HashSet<ApplicationId>(found.Arrived.Count);
        var again = found.Arrived.Select(a => a.Application).Where(a => !seen.Add(a.Id)).ToList();
        var counted = found.Arrived.Where(a => run.HasCounted(a.Key)).Select(a => a.Application).ToList();
        var contradicting = again.Concat(counted.OfType<MappedApplication>());
        return found with
        {
            Waiting = run.Progress.MayHaveWaiting ? await WaitingAsync(found, contradicting, cancellationToken) : found.Waiting,
            Touched = await FindTouchedAsync(found.Stored, again.Concat(counted), cancellationToken),
        };
    }

    private async Task<IReadOnlyDictionary<string, ActivityLog>> WaitingAsync(FoundBatch found, IEnumerable<IncomingApplication> contradicting, CancellationToken cancellationToken)
    {
        var references = References(found, contradicting).ToList();
        var waiting = await RetryLedger.WaitingAsync(db, _scopeId, references, cancellationToken);
        return _plan is null ? waiting : await _plan.WithPlannedAsync(waiting, references, cancellationToken);
    }

    /// <param name="found">What was found of the records.</param>
    /// <param name="contradicting">Each of these may turn out to contradict another record of its run, and goes by its content then.</param>
    private static IEnumerable<string> References(FoundBatch found, IEnumerable<IncomingApplication> contradicting) => found.Arrived.Select(a => a.Application.Id.Value)
        .Concat(found.Records.Select(r => r.LedgerReference).OfType<string>())
        .Concat(found.Failed.Select(f => f.Failure.ReferenceId))
        .Concat(contradicting.Select(RecordFailure.ReferenceOf))
        .Distinct();

    /// <summary>A repeated record counts once more only if it is what made the difference: where nothing has before.</summary>
    private async Task<IReadOnlySet<(string Element, long Id)>> FindTouchedAsync(StoredRows stored, IEnumerable<IncomingApplication> repeated, CancellationToken cancellationToken)
    {
        var changing = repeated.Where(a => !Says(stored, a)).ToList();
        if (_plan is not null)
        {
            return await _plan.ChangedAsync(changing, cancellationToken);
        }

        var ids = changing.Select(a => stored.IdOf(a.Id)).Concat(changing.Select(a => stored.IdOf(a.Owner))).OfType<long>().Select(id => (long?)id);
        var touched = await Lookups.ListAsync(
            ids, some => db.ActivityLogs.Where(l => some.Contains(l.ElementId) && l.RunId == run.RunId).Select(l => new { l.ElementName, l.ElementId }), cancellationToken);
        return touched.Where(l => l.ElementId is not null).Select(l => (l.ElementName, l.ElementId!.Value)).ToHashSet();
    }

    /// <summary>Whether the stored rows say already what the application does.</summary>
    private static bool Says(StoredRows stored, IncomingApplication application) =>
        stored.Profiles.TryGetValue(application.Id, out var profile) && stored.Candidates.TryGetValue(application.Owner, out var candidate)
        && !profile.IsDeleted && !candidate.IsDeleted && profile.CandidateId == candidate.Id
        && profile.ContentHash == application.ProfileHash && candidate.ContentHash == application.CandidateHash;
}
