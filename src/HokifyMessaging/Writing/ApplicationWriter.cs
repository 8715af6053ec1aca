using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>
/// Carries out the steps of a run: the rows, their activity logs, the run's counters and its checkpoint in one transaction. What is
/// written together is looked up, planned, counted and only then changed. Records that the database refuses are halved until the
/// guilty ones stand alone; they go to the ledger and all others are written.
/// </summary>
internal sealed partial class ApplicationWriter(
    FencedTransactions transactions, BatchRowsOf rowsOf, ApplicationMapping mapping, Erasure erasure, Deletions deletions, PlanWriter plans, IOptions<HokifyOptions> options, TimeProvider clock, ILogger<ApplicationWriter> logger)
{
    private readonly RetrySchedule _schedule = new(
        options.Value.Ledger.FirstInterval, Growth: 2, options.Value.Ledger.LongestInterval, options.Value.Ledger.MaximumRetries);

    private readonly int _largestPlan = options.Value.Import.LargestPlan;

    /// <exception cref="StorageException">The database can take nothing now; what was written before stays.</exception>
    public async Task WriteAsync(RunInProgress run, ImportStep step, CancellationToken cancellationToken)
    {
        try
        {
            await (step.Planned.Count > 0 ? plans.WriteAsync(run, step, cancellationToken) : WriteStepAsync(run, step, cancellationToken));
        }
        catch (Exception exception) when (step.Records.Count > 0 && DatabaseFault.Of(exception) is { } fault)
        {
            throw new StorageException(Counted.Text($"The database cannot take the batch of {step.Records.Count} {step.Records.Count:record|records}: {fault.Clause}."), exception);
        }
    }

    private async Task WriteStepAsync(RunInProgress run, ImportStep step, CancellationToken cancellationToken)
    {
        var (done, isCompleted) = (0, false);
        await Bisecting.WriteAsync(step.Records, WriteSomeAsync, FailOneAsync, IsRecordFault);
        if (!isCompleted)
        {
            await CommitAsync(run, (db, token) => CompleteAsync(db, run, step, new RunStep(new ImportTally(), []), token), cancellationToken);
        }

        async Task<IReadOnlyList<SourceRecord>> WriteSomeAsync(IReadOnlyList<SourceRecord> records)
        {
            var (found, isLast) = ((FoundBatch?)null, false);
            try
            {
                await CommitAsync(
                    run,
                    async (db, token) =>
                    {
                        found = await QuestionsOf(db, run).FindAsync(records, token);
                        isLast = done + found.Records.Count + found.Passed == step.Records.Count;
                        var written = await ApplyAsync(db, run, PlanOf(run, found), token);
                        if (step.Erasing.Count > 0)
                        {
                            await PlanWriter.NoteAsync(db, run, step.Erasing, token);
                            written = written with { Tally = new ImportTally() };
                        }

                        return isLast ? await CompleteAsync(db, run, step, written, token) : written;
                    },
                    cancellationToken);
            }
            catch (Exception exception) when (records.Count == step.Records.Count && IsRecordFault(exception))
            {
                LogBisecting(logger, run.RunId, records.Count);
                throw;
            }

            (done, isCompleted) = (done + found!.Records.Count + found.Passed, isLast);
            return found.Left;
        }

        async Task FailOneAsync(SourceRecord record, Exception failure)
        {
            await FailAsync(run, record, failure, cancellationToken);
            done++;
        }
    }

    private static bool IsRecordFault(Exception exception) => DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Record };

    private BatchQuestions QuestionsOf(HokifyDbContext db, RunInProgress run) => new(db, rowsOf.For(run), run, mapping, erasure, clock.GetUtcNow());

    private BatchPlan PlanOf(RunInProgress run, FoundBatch found) => BatchPlan.Of(found, run, _schedule, erasure, clock.GetUtcNow());

    /// <summary>Does what a plan says; a dry run only counts it.</summary>
    private async Task<RunStep> ApplyAsync(HokifyDbContext db, RunInProgress run, BatchPlan plan, CancellationToken cancellationToken)
    {
        var arrived = plan.Found.Arrived;
        var step = new RunStep(BatchCounts.Of(plan, run.Phase == RunPhase.Retrying), plan.Keys)
        {
            Held = plan.Held,
            ExpectsKnown = plan.Found.IsRefused || plan.Erasure is not null ? null : arrived.Count(a => a.Application is RecognizedApplication) > plan.Found.Records.Count / 2,
        };
        var rows = rowsOf.For(run);
        if (run is { IsPlanning: true, IsPlanTooLarge: true })
        {
            return step;
        }

        var (candidates, profiles) = BatchChanges.Needs(plan);
        var changes = BatchChanges.Of(
            plan,
            candidates.Count == 0 ? [] : await rows.CandidatesAsync(candidates, cancellationToken),
            profiles.Count == 0 ? [] : await rows.ProfilesAsync(profiles, cancellationToken),
            run,
            clock.GetUtcNow());
        if (rows is PlannedRows planned)
        {
            return await RecordAsync(db, run, planned, plan, changes, step, cancellationToken);
        }

        var forgotten = plan.Erasure is { } erased
            ? await new ForgottenPeople(db, erased, run.Request.ScopeId, run.RunId, clock.GetUtcNow()).ForgetAsync(cancellationToken)
            : ForgottenRows.None;

        if (plan.Erasure is { Deferred.Count: > 0 } held)
        {
            await erasure.DeferAsync(db, run.Request.ScopeId, held, clock.GetUtcNow(), cancellationToken);
        }

        await rows.ApplyAsync(changes, cancellationToken);
        return step with
        {
            Keys = With(step.Keys, changes.Left.Select(RecordKeys.OfLeft)),
            EntersLedger = changes.Entered.Count > 0,
            Erased = forgotten.Ids,
        };
    }

    /// <summary>A run that only plans keeps what it would change, and changes nothing.</summary>
    private async Task<RunStep> RecordAsync(HokifyDbContext db, RunInProgress run, PlannedRows planned, BatchPlan plan, RowChanges changes, RunStep step, CancellationToken cancellationToken)
    {
        var recorder = new PlanRecorder(db, planned, run, _largestPlan);
        await recorder.RecordAsync(plan, changes, cancellationToken);
        return step with
        {
            Keys = With(step.Keys, [.. changes.Left.Where(id => id > 0).Select(RecordKeys.OfLeft), .. recorder.IsFull ? [RecordKeys.TooMuch] : Array.Empty<UInt128>()]),
            EntersLedger = plan.Ledger.Any(decision => decision is LedgerDecision.Enter),
        };
    }

    /// <summary>What is left to be done when the records are written: the checkpoint comes last.</summary>
    private async Task<RunStep> CompleteAsync(HokifyDbContext db, RunInProgress run, ImportStep step, RunStep written, CancellationToken cancellationToken)
    {
        var (tally, keys) = (written.Tally.Plus(step.Read), With(written.Keys, step.Marks));
        if (run.IsPlanning && step.Missing.Count + step.Left.Count > 0)
        {
            var recorder = new PlanDeletions(db, run, _largestPlan);
            tally = tally.Plus(await recorder.RecordAsync(step.Missing, step.Left, cancellationToken));
            keys = recorder.IsFull ? With(keys, [RecordKeys.TooMuch]) : keys;
        }
        else
        {
            tally = tally.Plus(await deletions.DeleteAsync(db, run, step, cancellationToken));
        }

        await StoredPlans.NoteAsync(db, run, step.Differences, cancellationToken);
        return written with { Tally = tally, Keys = keys, Position = step.After, ReadTo = step.ReadTo, Retracts = step.Retracts };
    }

    private static List<UInt128> With(List<UInt128> keys, IEnumerable<UInt128> marks) => marks.Any() ? [.. keys, .. marks] : keys;

    private Task FailAsync(RunInProgress run, SourceRecord record, Exception exception, CancellationToken cancellationToken) =>
        CommitAsync(
            run,
            async (db, token) => await ApplyAsync(db, run, PlanOf(run, await QuestionsOf(db, run).FindRefusedAsync(record, exception, token)), token),
            cancellationToken);

    /// <summary>What could not be stored is said when it is certain that it was not.</summary>
    private async Task CommitAsync(RunInProgress run, Func<HokifyDbContext, CancellationToken, Task<RunStep>> write, CancellationToken cancellationToken)
    {
        var before = run.Progress;
        await transactions.CommitAsync(run, write, cancellationToken);
        NotStored.Tell(logger, run.RunId, before, run.Progress);
    }

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: the database refused a batch of {Records} records; halving it to find the guilty ones")]
    private static partial void LogBisecting(ILogger logger, Guid runId, int records);
}
