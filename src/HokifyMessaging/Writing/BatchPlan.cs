using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What becomes of some records: of each application, of the ledger, and what the run has to remember. Data, made of data.</summary>
/// <param name="Found">All that was known when it was made.</param>
/// <param name="Applications">What becomes of what arrived, in its order.</param>
/// <param name="Ledger">What becomes of the ledger.</param>
internal sealed record BatchPlan(FoundBatch Found, IReadOnlyList<ApplicationPlan> Applications, IReadOnlyList<LedgerDecision> Ledger)
{
    /// <summary>Whom these records erase; null where none of them does.</summary>
    public ErasurePlan? Erasure { get; init; }

    /// <summary>How many records could not be understood, and are of people who were erased: nothing is kept of them.</summary>
    public int Suppressed { get; init; }

    /// <summary>Copies that wait for the end of the read.</summary>
    public IReadOnlyList<HeldCopy> Held { get; init; } = [];

    /// <summary>What the run has to remember.</summary>
    public required List<UInt128> Keys { get; init; }

    /// <summary>Decides. The same records, over the same rows and the same memory of the run, give the same plan.</summary>
    public static BatchPlan Of(FoundBatch found, RunInProgress run, RetrySchedule schedule, Erasure erasure, DateTimeOffset now)
    {
        var arrived = found.Arrived;
        IReadOnlyList<ApplicationPlan> plans = Planner.Plan(
            arrived.ConvertAll(a => a.Application),
            found.Stored,
            a => run.HasCounted(RecordKeys.Of(a.Id.Value)),
            a => found.Erased.Of(a) is not null,
            a => run.HasRead(RecordKeys.Of(a.Id.Value)));
        if (run.IsPlanning)
        {
            plans = [.. plans.Select(plan => IsPlannedAgain(plan, run) ? ((ApplicationPlan.Store)plan) with { Candidate = ElementPlan.Unchanged } : plan)];
        }

        var (ledger, suppressed) = PlanLedger(found, plans, new LedgerPlanning(found.Waiting, schedule, run.RunId, run.Phase == RunPhase.Retrying));
        return new BatchPlan(found, plans, ledger)
        {
            Erasure = found.Erasable is null ? null
                : erasure.Plan(found.Erasable, run.Request.ScopeId, [.. plans.Select(p => p.Application.Materialize())], now),
            Suppressed = suppressed,
            Held = [.. plans.Zip(arrived).Where(p => p.First is ApplicationPlan.Hold).Select(p => HeldCopy.Of(p.First.Application, p.Second.Record))],
            Keys = KeysOf(found, plans, run),
        };
    }

    /// <summary>A dry run stores nothing that the next records could find a new person by.</summary>
    private static bool IsPlannedAgain(ApplicationPlan plan, RunInProgress run) =>
        plan is ApplicationPlan.Store { Candidate: ElementPlan.Create, Application.Owner: var person } && run.HasCounted(RecordKeys.OfPlanned(person));

    private static (List<LedgerDecision> Decisions, int Suppressed) PlanLedger(FoundBatch found, IReadOnlyList<ApplicationPlan> plans, LedgerPlanning ledger)
    {
        var decisions = new List<LedgerDecision>();
        var erased = found.Failed.Select(f => f.Failure).Where(found.Erased.Contains).ToList();
        decisions.AddRange(erased.SelectMany(ledger.Forget));
        if (found.Waiting.Count > 0)
        {
            decisions.AddRange(plans.Zip(found.Arrived).SelectMany(p => ledger.Arrive(p.First, p.Second.LedgerReference)));
        }

        // In the order of the records, so that it does not matter how many are written together.
        var contradictions = plans.Zip(found.Arrived).Where(p => p.First is ApplicationPlan.Reject)
            .Select(p => p.Second.FailedFor(((ApplicationPlan.Reject)p.First).Rejection));
        var failed = found.Failed.Where(f => !found.Erased.Contains(f.Failure)).Concat(contradictions).OrderBy(f => f.Index);
        decisions.AddRange(failed.Select(f => ledger.Fail(f.Failure)));
        return (decisions, erased.Count);
    }

    /// <summary>A record that fails first, or waits, and is written later in the same run counts as if it were the first.</summary>
    private static List<UInt128> KeysOf(FoundBatch found, IReadOnlyList<ApplicationPlan> plans, RunInProgress run)
    {
        var written = plans.Where(p => p is not ApplicationPlan.Hold).Select(KeyOf).ToHashSet();
        var marks = written.Where(run.HasOnlyFailed).Select(RecordKeys.RecoveryOf).ToHashSet();
        var others = plans.OfType<ApplicationPlan.Hold>().Select(KeyOf).Concat(found.Failed.Select(f => RecordKeys.Of(f.Record)));
        marks.UnionWith(others.Where(key => !written.Contains(key) && !run.HasCounted(key)).Select(RecordKeys.FailureOf));
        if (found.Failed.Exists(f => f.Failure.Application is null))
        {
            marks.Add(RecordKeys.Unidentified);
        }

        if (run.IsPlanning)
        {
            marks.UnionWith(plans.OfType<ApplicationPlan.Store>().Where(s => s.Candidate is ElementPlan.Create).Select(s => RecordKeys.OfPlanned(s.Application.Owner)));
        }

        var keys = new List<UInt128>(found.Records.Count + marks.Count);
        keys.AddRange(found.Records.Select(RecordKeys.Of));
        keys.AddRange(marks);
        return keys;

        static UInt128 KeyOf(ApplicationPlan plan) => RecordKeys.Of(plan.Application.Id.Value);
    }
}
