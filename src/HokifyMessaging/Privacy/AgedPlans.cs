using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What runs have planned. The run itself stays, and says that its plan is gone; one that has not ended, or stopped in the middle of applying a plan, keeps it, because it goes on with it.</summary>
internal sealed class AgedPlans(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    public override string What => "plans";

    protected override TimeSpan? Age { get; } = options.Value.Retention.Plans;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var runs = await ReadAsync(
            db => db.ImportRuns.Where(r => r.ScopeId == round.ScopeId && r.PlanKeptSince <= before
                    && (r.State == RunState.Completed || ((r.State == RunState.Failed || r.State == RunState.Cancelled) && r.Phase != RunPhase.Applying)))
                .OrderBy(r => r.PlanKeptSince).Select(r => r.Id).ToListAsync(cancellationToken),
            cancellationToken);
        var due = 0;
        foreach (var run in runs)
        {
            due += round.IsDry ? await ReadAsync(db => db.PlanEntries.CountAsync(e => e.RunId == run, cancellationToken), cancellationToken) : await ForgetAsync(round, run);
        }

        return new AgedRows(due, Held: 0);
    }

    private async Task<int> ForgetAsync(RetentionRound round, Guid run)
    {
        // First it is said, so that nobody applies what is half gone.
        DateTimeOffset? now = round.Now;
        await CommitAsync(round, async (db, token) =>
        {
            await db.ImportRuns.Where(r => r.Id == run && r.PlanForgottenAt == null).ExecuteUpdateAsync(set => set.SetProperty(r => r.PlanForgottenAt, now), token);
            return 0;
        });
        var (all, some) = (0, AtATime);
        while (some == AtATime)
        {
            some = await CommitAsync(round, async (db, token) =>
            {
                var numbers = await db.PlanEntries.Where(e => e.RunId == run).OrderBy(e => e.Number).Select(e => e.Number).Take(AtATime).ToListAsync(token);
                await Lookups.ForAsync(numbers, part => db.PlanEntries.Where(e => e.RunId == run && part.Contains(e.Number)).ExecuteDeleteAsync(token));
                if (numbers.Count < AtATime)
                {
                    await db.ImportRuns.Where(r => r.Id == run).ExecuteUpdateAsync(set => set.SetProperty(r => r.PlanKeptSince, (DateTimeOffset?)null), token);
                }

                return numbers.Count;
            });
            all += some;
        }

        return all;
    }
}
