using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Waiting;

/// <summary>How a ramp goes on by itself.</summary>
internal sealed partial class RampBook
{
    /// <summary>Does what can be done for a ramp in one small transaction.</summary>
    public Task<RampErrand> AdvanceAsync(long rampId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);

            // Mostly its import is under way: then nobody is locked out.
            if (await IsUnderWayAsync(db, rampId, token))
            {
                return new RampErrand.Wait();
            }

            await using var transaction = await db.BeginWritingAsync(token);
            if (await LockAsync(db, rampId, token) is not { IsActive: true } ramp)
            {
                return new RampErrand.Wait();
            }

            var errand = ramp.State switch
            {
                RampState.Gathering => await GatherAsync(db, ramp, token),
                RampState.Climbing => await ClimbAsync(db, ramp, attempt.Begun, token),
                _ => await ReleaseAsync(db, ramp, token),
            };
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return errand;
        },
        cancellationToken);

    private static async Task<bool> IsUnderWayAsync(HokifyDbContext db, long rampId, CancellationToken cancellationToken)
    {
        var ramp = await db.Ramps.AsNoTracking().SingleOrDefaultAsync(r => r.Id == rampId && r.State == RampState.Climbing, cancellationToken);
        return ramp is not null && await PresentStepAsync(db, ramp, cancellationToken) is { RunId: { } run } && !await HasTriedAsync(db, run, cancellationToken);
    }

    /// <summary>Finds some more of its records, and has them.</summary>
    private static async Task<RampErrand> GatherAsync(HokifyDbContext db, RetryRamp ramp, CancellationToken cancellationToken)
    {
        var found = await Meant(db, ramp).Where(l => l.RampId == null && l.Id > ramp.GatheredTo && l.Id <= ramp.UpTo)
            .OrderBy(l => l.Id).Take(AtATime).Select(l => l.Id).ToListAsync(cancellationToken);
        await Lookups.ForAsync(found, some => db.ActivityLogs.Where(l => some.Contains(l.Id)).ExecuteUpdateAsync(set => set.SetProperty(l => l.RampId, (long?)ramp.Id), cancellationToken));
        (ramp.Size, ramp.GatheredTo) = (ramp.Size + found.Count, found.Count == AtATime ? found[^1] : ramp.UpTo);
        if (found.Count < AtATime)
        {
            (ramp.State, ramp.Text) = (RampState.Climbing, null);
        }

        return new RampErrand.GoOn();
    }

    /// <summary>Looks at what became of the present step, and begins the next one or ends.</summary>
    private static async Task<RampErrand> ClimbAsync(HokifyDbContext db, RetryRamp ramp, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (tries, notTried) = (default(RampTries), 0);
        if (await PresentStepAsync(db, ramp, cancellationToken) is { } step)
        {
            if (step.RunId is not { } run)
            {
                return new RampErrand.Ask(ramp);
            }

            if (!await HasTriedAsync(db, run, cancellationToken))
            {
                return new RampErrand.Wait();
            }

            notTried = await JudgeAsync(db, ramp, step, now, cancellationToken);
            tries = new RampTries(step.Done, step.Failed);
        }

        var waiting = db.ActivityLogs.Where(l => l.RampId == ramp.Id && l.RampStep == null && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked));
        var left = await waiting.CountAsync(cancellationToken);

        // Whatever is not there any more was stored, dropped or erased without the ramp.
        ramp.Ignored = Math.Max(ramp.Ignored, ramp.Size - ramp.Done - ramp.Failed - left - notTried);
        switch (RampDecision.Of(ramp.Step, tries, new RampTries(ramp.Done, ramp.Failed), notTried, left))
        {
            case RampDecision.Climb(var size):
                await BeginStepAsync(db, ramp, await waiting.OrderBy(l => l.Id).Take(size).Select(l => l.Id).ToListAsync(cancellationToken), now, cancellationToken);
                return new RampErrand.Ask(ramp);
            case RampDecision.Stop(var end):
                End(ramp, end, now);
                break;
        }

        return new RampErrand.GoOn();
    }

    private static async Task BeginStepAsync(HokifyDbContext db, RetryRamp ramp, List<long> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ramp.Step++;
        db.RampSteps.Add(new RetryRampStep { RampId = ramp.Id, Number = ramp.Step, StartedAt = now, Size = ids.Count });
        await Lookups.ForAsync(ids, some => db.ActivityLogs.Where(l => some.Contains(l.Id)).ExecuteUpdateAsync(set => set.SetProperty(l => l.RampStep, (int?)ramp.Step), cancellationToken));
    }

    /// <summary>Counts what became of a step's records, and gives them back.</summary>
    /// <returns>How many were not tried.</returns>
    private static async Task<int> JudgeAsync(HokifyDbContext db, RetryRamp ramp, RetryRampStep step, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Whoever has asked for the import may not have come to say so.
        step.RunId ??= await db.ImportRuns.Where(r => r.ScopeId == ramp.ScopeId && r.IdempotencyKey == ramp.KeyOf(step.Number)).Select(r => (Guid?)r.Id).SingleOrDefaultAsync(cancellationToken);
        var rows = await db.ActivityLogs.Where(l => l.RampId == ramp.Id && l.RampStep == step.Number).Select(l => new { l.Id, l.Status, l.LastRunId }).ToListAsync(cancellationToken);
        var tried = rows.Where(l => l.LastRunId == step.RunId && step.RunId is not null).ToLookup(l => l.Status);
        var notTried = rows.Count(l => l.Status is ActivityStatus.Open or ActivityStatus.Parked && (step.RunId is null || l.LastRunId != step.RunId));
        (step.Done, step.Failed) = (tried[ActivityStatus.Closed].Count(), tried[ActivityStatus.Open].Count() + tried[ActivityStatus.Parked].Count());
        (step.Ignored, step.EndedAt) = (step.Size - step.Done - step.Failed - notTried, now);
        (ramp.Done, ramp.Failed, ramp.Ignored) = (ramp.Done + step.Done, ramp.Failed + step.Failed, ramp.Ignored + step.Ignored);
        await GiveBackAsync(db, rows.Select(l => l.Id), cancellationToken);
        return notTried;
    }

    /// <summary>Gives some more of what was not tried back.</summary>
    private static async Task<RampErrand> ReleaseAsync(HokifyDbContext db, RetryRamp ramp, CancellationToken cancellationToken)
    {
        var some = await db.ActivityLogs.Where(l => l.RampId == ramp.Id).Take(AtATime).Select(l => l.Id).ToListAsync(cancellationToken);
        await GiveBackAsync(db, some, cancellationToken);
        if (some.Count < AtATime)
        {
            ramp.State = RampState.Ended;
        }

        return new RampErrand.GoOn();
    }

    private static Task GiveBackAsync(HokifyDbContext db, IEnumerable<long> ids, CancellationToken cancellationToken) => Lookups.ForAsync(
        ids,
        some => db.ActivityLogs.Where(l => some.Contains(l.Id)).ExecuteUpdateAsync(set => set.SetProperty(l => l.RampId, (long?)null).SetProperty(l => l.RampStep, (int?)null), cancellationToken));

    /// <summary>
    /// Whether a run tries no more of the ledger: it has ended, or it waits for a hokify that is away, behind what it had to try. One that goes on later from before that tries the
    /// rest then.
    /// </summary>
    private static async Task<bool> HasTriedAsync(HokifyDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        var run = await db.ImportRuns.Where(r => r.Id == runId).Select(r => new { r.State, r.Phase, r.ResumeAt }).SingleOrDefaultAsync(cancellationToken);
        return run is null || run.State is RunState.Completed or RunState.Cancelled
            || (run.State == RunState.Failed && (run.ResumeAt is null || run.Phase != RunPhase.Retrying));
    }
}
