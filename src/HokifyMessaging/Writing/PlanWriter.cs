using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// Writes what a plan says, and nothing else: each entry in the transaction that notes that it is done, so that it is done once. What the database refuses, and what is no
/// longer as the plan has it, is left as it is and told.
/// </summary>
internal sealed class PlanWriter(
    FencedTransactions transactions, BatchRowsOf rowsOf, ApplicationMapping mapping, Erasure erasure, Deletions deletions, IOptions<HokifyOptions> options, TimeProvider clock)
{
    private readonly RetrySchedule _schedule = new(
        options.Value.Ledger.FirstInterval, Growth: 2, options.Value.Ledger.LongestInterval, options.Value.Ledger.MaximumRetries);

    /// <summary>Writes the entries of a step.</summary>
    public Task WriteAsync(RunInProgress run, ImportStep step, CancellationToken cancellationToken) => Bisecting.WriteAsync(
        step.Planned,
        async some =>
        {
            await transactions.CommitAsync(run, (db, token) => ApplyAsync(db, run, step, some, token), cancellationToken);
            return [];
        },
        (entry, failure) => transactions.CommitAsync(
            run,
            (db, token) => LeaveAsync(db, run, new PlanApplied([], [entry]), $"the database has refused it: {DatabaseFault.Of(failure)?.Description ?? failure.GetType().Name}", token),
            cancellationToken),
        exception => DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Record });

    private async Task<RunStep> ApplyAsync(HokifyDbContext db, RunInProgress run, ImportStep step, IReadOnlyList<PlanEntry> entries, CancellationToken cancellationToken)
    {
        var applied = entries[0].Kind switch
        {
            PlannedChange.Deleted => await DeleteAsync(db, run, step, entries, cancellationToken),
            PlannedChange.Refused => await EnterLedgerAsync(db, run, entries, cancellationToken),
            _ => await WriteRowsAsync(db, run, entries, cancellationToken),
        };
        return await LeaveAsync(db, run, applied, "it has changed since the plan was made", cancellationToken);
    }

    private async Task<PlanApplied> WriteRowsAsync(HokifyDbContext db, RunInProgress run, IReadOnlyList<PlanEntry> entries, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var gone = await ErasedAsync(db, run, entries, cancellationToken);
        var left = entries.Where(e => !gone.Contains(e.ReferenceId) && !(e.Kind == PlannedChange.Created && gone.Contains(e.PersonReferenceId ?? ""))).ToList();
        var found = await FoundPlanRows.FindAsync(db, run.Request.ScopeId, left, cancellationToken);
        var application = PlanApplication.Of(left, found, run, now);
        if (run.Progress.MayHaveWaiting)
        {
            await SettleAsync(db, run, application, now, cancellationToken);
        }

        await rowsOf.For(run).ApplyAsync(application.Changes, cancellationToken);
        return new PlanApplied([.. entries.Except(application.Moved)], application.Moved);
    }

    /// <summary>Whoever was erased since the plan was made is not brought back by it, whoever erased them and where.</summary>
    private async Task<HashSet<string>> ErasedAsync(HokifyDbContext db, RunInProgress run, IReadOnlyList<PlanEntry> entries, CancellationToken cancellationToken)
    {
        if (!run.Progress.MayHaveErased)
        {
            return [];
        }

        var arrived = new List<ArrivedRecord>();
        foreach (var (index, entry) in entries.Where(e => e.Payload is not null).Index())
        {
            var position = $"entry {entry.Number} of the plan";
            var record = new SourceRecord(position, ApplicationPayload.Read(entry.Payload!, position));
            if (record.Map(mapping).Value is { } application)
            {
                arrived.Add(new ArrivedRecord(index, application, record));
            }
        }

        var erased = await erasure.FindErasedAsync(db, run, new FoundBatch([], arrived, [], StoredRows.None), cancellationToken);
        var gone = arrived.Select(a => a.Application).Where(a => erased.Of(a) is not null).ToList();
        return [.. gone.Select(a => a.Id.Value), .. gone.Select(a => a.PersonId.Value)];
    }

    /// <summary>What waited for such a record waits no longer.</summary>
    private static async Task SettleAsync(HokifyDbContext db, RunInProgress run, PlanApplication application, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var waiting = await RetryLedger.WaitingAsync(db, run.Request.ScopeId, application.Written.Select(w => w.Entry.ReferenceId), cancellationToken);
        foreach (var (entry, version, key) in application.Written)
        {
            if (waiting.TryGetValue(entry.ReferenceId, out var waits) && (entry is { Kind: PlannedChange.Confirmed, Fields: null } ? version >= waits.Version : !(version < waits.Version)))
            {
                application.Changes.Settled.Add((LedgerDecision.Settled(waits, isSuperseded: false, run, now), key));
            }
        }
    }

    private async Task<PlanApplied> DeleteAsync(HokifyDbContext db, RunInProgress run, ImportStep step, IReadOnlyList<PlanEntry> entries, CancellationToken cancellationToken)
    {
        var found = await FoundPlanRows.FindAsync(db, run.Request.ScopeId, entries, cancellationToken);
        var moved = entries.Where(e => e.ElementName == ElementNames.CandidateProfile
            && !(found.Profiles.TryGetValue(e.ReferenceId, out var row) && row.Id == e.RowId && PlannedState.Of(row).HashOfProfile().AsSpan().SequenceEqual(e.Before))).ToList();
        var ids = entries.Except(moved).ToLookup(e => e.ElementName, e => e.RowId!.Value);
        await deletions.DeleteAsync(db, run, step with { Missing = [.. ids[ElementNames.CandidateProfile]], Left = [.. ids[ElementNames.Candidate]] }, cancellationToken);
        return new PlanApplied([.. entries.Except(moved)], moved);
    }

    /// <summary>Records that cannot be stored wait in the ledger, as behind any import.</summary>
    private async Task<PlanApplied> EnterLedgerAsync(HokifyDbContext db, RunInProgress run, IReadOnlyList<PlanEntry> entries, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var ledger = new LedgerPlanning(
            await RetryLedger.WaitingAsync(db, run.Request.ScopeId, entries.Select(e => e.ReferenceId), cancellationToken), _schedule, run.RunId, isRetry: false);
        foreach (var decision in entries.Select(entry => ledger.Fail(PlannedFailure.From(entry))))
        {
            if (decision.Row(run, now) is { } row)
            {
                db.Entry(row).State = decision is LedgerDecision.Enter ? EntityState.Added : EntityState.Modified;
            }
        }

        return new PlanApplied(entries, []) { EntersLedger = true };
    }

    /// <summary>Notes what is done, and tells what is not: it counts as unchanged, and as an exception.</summary>
    private static async Task<RunStep> LeaveAsync(HokifyDbContext db, RunInProgress run, PlanApplied applied, string why, CancellationToken cancellationToken)
    {
        await NoteAsync(db, run, applied.Done, cancellationToken);
        await Lookups.ForAsync(applied.Moved.Select(e => e.Number), some => db.PlanEntries.Where(e => e.RunId == run.RunId && some.Contains(e.Number)).ExecuteUpdateAsync(
            set => set.SetProperty(e => e.Difference, PlanDifference.Moved).SetProperty(e => e.Payload, (string?)null), cancellationToken));
        var tally = new ImportTally();
        foreach (var entry in applied.Moved)
        {
            if (CountOf(tally, entry.Kind) is { } counts)
            {
                ImportTally.Add(counts, entry.ElementName, -1);
                ImportTally.Add(tally.Unchanged, entry.ElementName, entry.Kind == PlannedChange.Deleted ? 0 : 1);
            }

            var what = entry.ElementName == ElementNames.Candidate ? "person" : "application";
            tally.Fail(entry.ElementName, new ImportException
            {
                ClassName = typeof(InvalidOperationException).FullName!,
                Message = $"The plan's change of {what} {entry.ReferenceId} was not written, because {why}.",
                HResult = new InvalidOperationException().HResult,
                Source = $"entry {entry.Number.ToString(CultureInfo.InvariantCulture)} of the plan",
            });
        }

        return new RunStep(tally, applied.Moved.Count == 0 ? [] : [RecordKeys.Kept]) { EntersLedger = applied.EntersLedger };
    }

    /// <summary>Notes that entries are carried out; their records are needed no more.</summary>
    public static Task NoteAsync(HokifyDbContext db, RunInProgress run, IEnumerable<PlanEntry> done, CancellationToken cancellationToken) =>
        Lookups.ForAsync(done.Select(e => e.Number), some => db.PlanEntries.Where(e => e.RunId == run.RunId && some.Contains(e.Number)).ExecuteUpdateAsync(
            set => set.SetProperty(e => e.IsApplied, true).SetProperty(e => e.Payload, (string?)null), cancellationToken));

    private static SortedDictionary<string, int>? CountOf(ImportTally tally, PlannedChange kind) => kind switch
    {
        PlannedChange.Created => tally.Created,
        PlannedChange.Updated => tally.Updated,
        PlannedChange.Deleted => tally.Deleted,
        _ => null,
    };

    /// <param name="Done">What is as the plan has it.</param>
    /// <param name="Moved">What is left as it is.</param>
    private sealed record PlanApplied(IReadOnlyList<PlanEntry> Done, IReadOnlyList<PlanEntry> Moved)
    {
        public bool EntersLedger { get; init; }
    }
}
