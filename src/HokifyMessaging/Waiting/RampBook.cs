using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Waiting;

/// <summary>What became of the wish for a ramp.</summary>
internal abstract record RampStart
{
    private RampStart()
    {
    }

    /// <summary>It is under way.</summary>
    public sealed record Started(RetryRamp Ramp) : RampStart;

    /// <summary>Somebody has started one of these records before.</summary>
    public sealed record UnderWay(RetryRamp Ramp) : RampStart;

    /// <summary>No record waits that is meant.</summary>
    public sealed record Nothing : RampStart;
}

/// <summary>What is to be done with a ramp next.</summary>
internal abstract record RampErrand
{
    private RampErrand()
    {
    }

    /// <summary>The import of its step is to be asked for, perhaps once more.</summary>
    public sealed record Ask(RetryRamp Ramp) : RampErrand;

    /// <summary>Something was done and more can be done at once.</summary>
    public sealed record GoOn : RampErrand;

    /// <summary>The import of its step has not ended yet, or the ramp has.</summary>
    public sealed record Wait : RampErrand;
}

/// <summary>
/// Writes down how ramps go on, behind a lock on the scope: of any number of services one decides, whoever comes. All that is decided is written before it is done, so that whoever
/// comes next goes on where one has died. Nothing of a record changes but to which ramp and step it belongs: one that was not tried is given back as it was.
/// </summary>
internal sealed partial class RampBook(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries)
{
    /// <summary>So many that SQL Server does not lock the table instead of the rows.</summary>
    private const int AtATime = 1_000;

    /// <summary>Starts a ramp, unless one has these records already.</summary>
    /// <param name="scopeId">In which scope.</param>
    /// <param name="filter">Of which of its records; those that were picked by hand, or one by its id, are none for a ramp.</param>
    /// <param name="actor">Who.</param>
    /// <param name="cancellationToken">Gives up; what is written down is done all the same.</param>
    public async Task<RampStart> StartAsync(int scopeId, WaitingFilter filter, Actor actor, CancellationToken cancellationToken)
    {
        if (filter.Ids is not null || filter.ReferenceId is not null)
        {
            throw new ArgumentException("A ramp is of a group; records that were picked are tried at once.", nameof(filter));
        }

        return await retries.ExecuteAsync(StartOnceAsync, cancellationToken);

        async Task<RampStart> StartOnceAsync(Attempt attempt, CancellationToken token)
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            if (!await db.Scopes.AnyAsync(s => s.ScopeId == scopeId, token))
            {
                return new RampStart.Nothing();
            }

            await using var transaction = await db.BeginWritingAsync(token);
            await RowLocks.ScopeAsync(db, scopeId, token);
            var ramp = new RetryRamp
            {
                ScopeId = scopeId,
                State = RampState.Gathering,
                StartedAt = attempt.Begun,
                StartedBy = AuditEntry.Shown(actor.Name, AuditEntry.NameLength),
                Status = filter.Status,
                Cause = filter.Cause,
                Field = filter.Field,
                RunId = filter.RunId,
                Text = filter.Text is { Length: > 0 } text ? text : null,
            };
            foreach (var other in await db.Ramps.AsNoTracking().Where(r => r.ScopeId == scopeId && r.State != RampState.Ended).OrderBy(r => r.Id).ToListAsync(token))
            {
                if (attempt.HasLeft(other.StartedAt) && other.StartedBy == ramp.StartedBy)
                {
                    return new RampStart.Started(other);
                }

                if (MeansTheSame(other, ramp))
                {
                    return new RampStart.UnderWay(other);
                }
            }

            var meant = Meant(db, ramp);
            if (await meant.Where(l => l.RampId == null).OrderByDescending(l => l.Id).Select(l => (long?)l.Id).FirstOrDefaultAsync(token) is not { } last)
            {
                var holder = await meant.Where(l => l.RampId != null).OrderBy(l => l.RampId).Select(l => l.RampId).FirstOrDefaultAsync(token);
                return holder is null ? new RampStart.Nothing() : new RampStart.UnderWay(await db.Ramps.AsNoTracking().SingleAsync(r => r.Id == holder, token));
            }

            ramp.UpTo = last;
            db.Ramps.Add(ramp);
            db.Audit.Add(AuditEntry.Of(actor, attempt.Begun, Deed.StartRamp(ramp, $"{filter}")));
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return new RampStart.Started(ramp);
        }
    }

    /// <summary>Stops a ramp. What it has not tried is given back as it was, what its present step has tried is counted.</summary>
    /// <returns>The ramp; null where there is none. Its end is that of somebody else where it was stopped or had ended before.</returns>
    public Task<RetryRamp?> StopAsync(long rampId, Actor actor, CancellationToken cancellationToken) => retries.ExecuteAsync<RetryRamp?>(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await using var transaction = await db.BeginWritingAsync(token);
            if (await LockAsync(db, rampId, token) is not { } ramp)
            {
                return null;
            }

            if (ramp.State is RampState.Gathering or RampState.Climbing)
            {
                if (await PresentStepAsync(db, ramp, token) is { } step)
                {
                    await JudgeAsync(db, ramp, step, attempt.Begun, token);
                }

                End(ramp, RampEnd.ByHand, attempt.Begun);
                ramp.StoppedBy = AuditEntry.Shown(actor.Name, AuditEntry.NameLength);
                db.Audit.Add(AuditEntry.Of(actor, attempt.Begun, Deed.StopRamp(ramp)));
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
            }

            return ramp;
        },
        cancellationToken);

    /// <summary>The ramps that have records, the oldest first.</summary>
    public async Task<IReadOnlyList<long>> ActiveAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Ramps.Where(r => r.State == RampState.Gathering || r.State == RampState.Climbing || r.State == RampState.Releasing).OrderBy(r => r.Id).Select(r => r.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Writes down that the import of the present step was asked for.</summary>
    public Task AskedAsync(long rampId, int step, Guid runId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await db.RampSteps.Where(s => s.RampId == rampId && s.Number == step && s.RunId == null).ExecuteUpdateAsync(set => set.SetProperty(s => s.RunId, (Guid?)runId), token);
        },
        cancellationToken);

    /// <summary>Writes down that the import of the present step was refused: the ramp ends.</summary>
    public Task RefusedAsync(long rampId, int step, DateTimeOffset now, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await using var transaction = await db.BeginWritingAsync(token);
            if (await LockAsync(db, rampId, token) is { State: RampState.Climbing } ramp && ramp.Step == step)
            {
                End(ramp, RampEnd.Refused, now);
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
            }
        },
        cancellationToken);

    private static void End(RetryRamp ramp, RampEnd end, DateTimeOffset now) => (ramp.State, ramp.End, ramp.EndedAt, ramp.Text) = (RampState.Releasing, end, now, null);

    /// <summary>With words of a reason it is the records that tell whether it is the same.</summary>
    private static bool MeansTheSame(RetryRamp one, RetryRamp other) =>
        one.State != RampState.Releasing && one.Text is null && other.Text is null
        && (one.Status, one.Cause, one.Field, one.RunId) == (other.Status, other.Cause, other.Field, other.RunId);

    private static IQueryable<ActivityLog> Meant(HokifyDbContext db, RetryRamp ramp) => new WaitingFilter
    {
        ScopeIds = [ramp.ScopeId],
        Status = ramp.Status,
        Cause = ramp.Cause,
        Field = ramp.Field,
        RunId = ramp.RunId,
        Text = ramp.Text,
    }.Of(db.ActivityLogs);

    /// <summary>Locks the ramp's scope, behind which all is decided about it, and reads it for the caller to change.</summary>
    private static async Task<RetryRamp?> LockAsync(HokifyDbContext db, long rampId, CancellationToken cancellationToken)
    {
        if (await db.Ramps.Where(r => r.Id == rampId).Select(r => (int?)r.ScopeId).SingleOrDefaultAsync(cancellationToken) is not { } scopeId)
        {
            return null;
        }

        await RowLocks.ScopeAsync(db, scopeId, cancellationToken);
        return await db.Ramps.SingleOrDefaultAsync(r => r.Id == rampId, cancellationToken);
    }

    private static Task<RetryRampStep?> PresentStepAsync(HokifyDbContext db, RetryRamp ramp, CancellationToken cancellationToken) =>
        db.RampSteps.SingleOrDefaultAsync(s => s.RampId == ramp.Id && s.Number == ramp.Step && s.EndedAt == null, cancellationToken);
}
