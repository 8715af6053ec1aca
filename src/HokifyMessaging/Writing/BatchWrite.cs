using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>One batch within its transaction: look up, plan, write what the plan says, count.</summary>
internal sealed class BatchWrite(
    HokifyDbContext db, IBatchRows rows, RunInProgress run, ImportTally tally, RetryLedger ledger, Erasure erasure, DateTimeOffset now)
{
    private readonly int _scopeId = run.Request.ScopeId;
    private readonly bool _dryRun = run.Request.DryRun;
    private readonly BatchCounts _counts = new(db, run, tally);

    /// <summary>What the run must remember beyond the records themselves.</summary>
    public HashSet<UInt128> Keys { get; } = [];

    public async Task WriteAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var found = await FindAsync(records, cancellationToken);
        run.ExpectsKnown = found.Arrived.Count(a => a.Application is RecognizedApplication) > records.Count / 2;
        _counts.Decided(records.Count(r => r.IsDecided));
        var erasures = _dryRun ? [] : found.Arrived.Select(a => a.Application).Where(found.Erases).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        if (erasures.Count == 0)
        {
            await WriteAsync(found, cancellationToken);
            return;
        }

        var parts = await new BatchParts(db, _scopeId, erasures).OfAsync(records, found.Arrived.ConvertAll(a => a.Application), found.Rejected, cancellationToken);
        foreach (var part in parts)
        {
            await WriteAsync(await FindAsync(part, cancellationToken), cancellationToken);
            run.Uncommitted.UnionWith(part.Select(r => r.Key).Concat(Keys));
            db.ChangeTracker.Clear();
        }
    }

    private async Task<Found> FindAsync(IReadOnlyList<BatchRecord> records, CancellationToken cancellationToken)
    {
        var (arrived, rejected, stored) = await new BatchLookUp(rows, run.MayKnowByAddress).FindAsync(records, cancellationToken);
        var erased = await erasure.FindErasedAsync(db, run, [.. arrived.Select(a => a.Application).OfType<MappedApplication>()], cancellationToken);
        return new Found(arrived, rejected, stored, erased);
    }

    private async Task WriteAsync(Found found, CancellationToken cancellationToken)
    {
        var (arrived, rejected, stored, erased) = found;
        var plans = Planner.Plan(
            arrived.ConvertAll(a => a.Application),
            stored,
            a => run.HasCounted(RecordKeys.Of(a.Id.Value)),
            erased.ContainsKey,
            a => run.HasRead(RecordKeys.Of(a.Id.Value)));

        var failures = rejected.ConvertAll(r => RecordFailure.Of(r.Rejection).Under(r.LedgerReference));
        for (var index = 0; index < plans.Count; index++)
        {
            var record = arrived[index].Record;
            switch (plans[index])
            {
                case ApplicationPlan.Reject(_, var rejection):
                    failures.Add(RecordFailure.Of(rejection, park: true).Under(record.LedgerReference));
                    break;
                case ApplicationPlan.Hold held when run is { Held.Count: < RunInProgress.HeldAtMost, HeldCharacters: < RunInProgress.HeldCharactersAtMost }:
                    run.HeldCharacters += held.Application.Whole().Payload.Length;
                    run.Held[(arrived[index].Key, held.Application.Copy.Content)] = record with { IsDecided = true };
                    break;
            }

            if (record is { LedgerReference: null, IsDecided: false } && arrived[index].Application.UnknownMembers is > 0 and var unknown)
            {
                tally.Count(Stat.UnknownFields, unknown);
            }
        }

        RememberFailures(plans, rejected);
        if (_dryRun)
        {
            await WithholdErasedAsync(failures, cancellationToken);
            CountDryRun(plans, failures);
            return;
        }

        var changes = new BatchChanges(rows, run, stored, now);
        await changes.LoadAsync(plans, cancellationToken);
        await changes.ReserveAsync(plans, cancellationToken);
        if (plans.All(p => p is ApplicationPlan.Erase) && plans.Any(p => found.Erases(p.Application)))
        {
            await EraseAsync([.. plans.Select(p => p.Application.Whole())], cancellationToken);
        }
        else
        {
            foreach (var plan in plans)
            {
                await ApplyAsync(plan, found, changes, cancellationToken);
            }
        }

        await changes.SaveAsync(cancellationToken);
        await WithholdErasedAsync(failures, cancellationToken);
        await new LedgerSettlement(db, run, tally, ledger, changes).SettleAsync(plans, arrived, failures, cancellationToken);
        await rows.SaveAsync(cancellationToken);
        Keys.UnionWith(changes.Left.Select(RecordKeys.OfLeft));
    }

    private async Task ApplyAsync(ApplicationPlan plan, Found found, BatchChanges changes, CancellationToken cancellationToken)
    {
        switch (plan)
        {
            case ApplicationPlan.Store store:
                if (store.IsRepeat)
                {
                    await _counts.RepeatedAsync(store, found.Stored, changes, cancellationToken);
                }
                else
                {
                    _counts.Stored(store.Candidate, store.Profile);
                }

                changes.Store(store);
                break;
            case ApplicationPlan.Yield or ApplicationPlan.Hold:
                _counts.Duplicate();
                break;
            case ApplicationPlan.Erase erase when found.Erases(erase.Application):
                await EraseAsync([erase.Application.Whole()], cancellationToken);
                break;
            case ApplicationPlan.Erase or ApplicationPlan.Withhold:
                _counts.Withheld();
                break;
        }

        changes.Remember(plan);
    }

    /// <summary>A record that fails first, or waits, and is written later in the same run counts as if it were the first.</summary>
    private void RememberFailures(IReadOnlyList<ApplicationPlan> plans, List<BatchRecord.Rejected> rejected)
    {
        var written = plans.Where(p => p is not ApplicationPlan.Hold).Select(KeyOf).ToHashSet();
        Keys.UnionWith(written.Where(run.HasOnlyFailed).Select(RecordKeys.RecoveryOf));
        var others = plans.OfType<ApplicationPlan.Hold>().Select(KeyOf).Concat(rejected.Select(r => r.Key));
        Keys.UnionWith(others.Where(key => !written.Contains(key) && !run.HasCounted(key)).Select(RecordKeys.FailureOf));
        if (rejected.Any(r => r.Rejection.Id is null))
        {
            Keys.Add(RecordKeys.Unidentified);
        }

        static UInt128 KeyOf(ApplicationPlan plan) => RecordKeys.Of(plan.Application.Id.Value);
    }

    private async Task EraseAsync(IReadOnlyList<MappedApplication> applications, CancellationToken cancellationToken)
    {
        foreach (var removed in await erasure.EraseAsync(db, run, applications, cancellationToken))
        {
            if (removed is { } rows)
            {
                _counts.Erased(rows);
            }
            else
            {
                _counts.Withheld();
            }
        }
    }

    private void CountDryRun(IReadOnlyList<ApplicationPlan> plans, List<RecordFailure> failures)
    {
        foreach (var plan in plans)
        {
            switch (plan)
            {
                case ApplicationPlan.Store { IsRepeat: true } or ApplicationPlan.Yield or ApplicationPlan.Hold:
                    _counts.Duplicate();
                    break;
                case ApplicationPlan.Store store:
                    // Nothing is stored that the next batch could find the person by.
                    var person = RecordKeys.Of($"person:{store.Application.Owner}");
                    var isKnown = run.HasCounted(person) || !Keys.Add(person);
                    _counts.Stored(isKnown && store.Candidate is ElementPlan.Create ? ElementPlan.Unchanged.Plan(isNewerCopy: false) : store.Candidate, store.Profile);
                    break;
                case ApplicationPlan.Erase or ApplicationPlan.Withhold:
                    _counts.Withheld();
                    break;
            }
        }

        foreach (var failure in failures)
        {
            tally.Count(Stat.Rejected);
            tally.Fail(failure.Element, failure.ToException());
        }
    }

    /// <summary>A record that cannot be understood may still be one of a person who was erased: its payload must not wait in the ledger.</summary>
    private async Task WithholdErasedAsync(List<RecordFailure> failures, CancellationToken cancellationToken)
    {
        var erased = await erasure.FindErasedAsync(db, _scopeId, failures, cancellationToken);
        if (erased.Count == 0)
        {
            return;
        }

        _counts.Withheld(erased.Count);
        failures.RemoveAll(erased.Contains);
        if (!_dryRun)
        {
            db.ActivityLogs.RemoveRange((await RetryLedger.WaitingAsync(db, _scopeId, erased.Select(f => f.ReferenceId), cancellationToken)).Values);
        }
    }

    /// <summary>What is to be written at once, with what is stored of it and who of it was erased earlier.</summary>
    private sealed record Found(
        List<ArrivedRecord> Arrived, List<BatchRecord.Rejected> Rejected, StoredRows Stored, IReadOnlyDictionary<IncomingApplication, ErasedBefore> Erased)
    {
        /// <summary>Whether an erasure is left to be done: the source goes on naming people whom it erased long ago.</summary>
        public bool Erases(IncomingApplication application) => application.PrivacyAutoDeleted
            && !(Erased.TryGetValue(application, out var before) && before.IsWhole
                && !Stored.Profiles.ContainsKey(application.Id) && !Stored.Candidates.ContainsKey(application.PersonId));
    }
}
