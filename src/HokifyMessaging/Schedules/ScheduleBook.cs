using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Schedules;

/// <summary>That a schedule is paused.</summary>
/// <param name="At">Since when.</param>
/// <param name="By">By whom.</param>
internal sealed record SchedulePause(DateTimeOffset At, string By);

/// <summary>An import that is to be asked for.</summary>
/// <param name="Instant">Its time.</param>
/// <param name="Mode">What is imported.</param>
internal sealed record DueImport(DateTimeOffset Instant, ImportMode Mode);

/// <summary>
/// Writes down what becomes of each scheduled time, behind a lock on the scope: of any number of services one decides. That an import is to be
/// asked for is written before it is, so that whoever comes next does it if that one has died.
/// </summary>
internal sealed class ScheduleBook(IDbContextFactory<HokifyDbContext> contexts, KnownSchedules known, TransientRetries retries, TimeProvider clock)
{
    /// <summary>Decides about the last of its times that has passed, unless that is done.</summary>
    /// <param name="schedule">Which one.</param>
    /// <param name="cancellationToken">Gives up; nothing was decided then.</param>
    /// <returns>The import that is to be asked for, perhaps once more; null for none.</returns>
    public async Task<DueImport?> DecideAsync(KnownSchedule schedule, CancellationToken cancellationToken)
    {
        var (scopeId, name) = (schedule.ScopeId, schedule.Name);

        // Mostly nothing is to be decided: then nobody is locked out.
        if (await FindAsync(scopeId, name, cancellationToken) is { Outcome: not ScheduleOutcome.Starting } before
            && ScheduleTimes.Of(schedule.Schedule).Last(before.Behind, clock.GetUtcNow()) is null)
        {
            return null;
        }

        await ScopeErrands.EnsureAsync(contexts, scopeId, cancellationToken);
        return await retries.ExecuteAsync(DecideBehindLockAsync, cancellationToken);

        async Task<DueImport?> DecideBehindLockAsync(CancellationToken token)
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await using var transaction = await db.BeginWritingAsync(token);
            await RowLocks.ScopeAsync(db, scopeId, token);
            var now = clock.GetUtcNow();
            var state = await StateAsync(db, scopeId, name, now, token);
            if ((schedule.Origin == ScheduleOrigin.Stored ? state.Stored : schedule.Schedule) is not { } said)
            {
                // Somebody has removed it meanwhile.
                return null;
            }

            if (state.Outcome != ScheduleOutcome.Starting
                && ScheduleDecision.Of(said, ScheduleTimes.Of(said), new ScheduleSituation(state.Behind, state.PausedAt is not null, await IsAtWorkAsync(db, scopeId, token)), now) is { } decision)
            {
                (state.LastInstant, state.Outcome) = (decision.Instant.ToUniversalTime(), decision.Outcome);
            }

            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return state.Outcome == ScheduleOutcome.Starting ? new DueImport(state.LastInstant, said.Mode) : null;
        }
    }

    /// <summary>Writes down what came of asking for an import.</summary>
    public Task ConcludeAsync(int scopeId, string name, DateTimeOffset instant, ScheduleOutcome outcome, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await db.Schedules.Where(s => s.ScopeId == scopeId && s.Name == name && s.LastInstant == instant && s.Outcome == ScheduleOutcome.Starting)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.Outcome, outcome), token);
        },
        cancellationToken);

    /// <summary>Has its times pass without an import, until it is resumed.</summary>
    /// <returns>The pause that there was before; null for none.</returns>
    /// <exception cref="ScheduleRefusedException">There is no such schedule.</exception>
    public Task<SchedulePause?> PauseAsync(int scopeId, string name, string? reason, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        scopeId,
        name,
        actor,
        Deed.PauseSchedule(scopeId, name),
        state => state.PausedAt is null,
        (state, now) => (state.PausedAt, state.PausedBy, state.PauseReason) = (now, AuditEntry.Shown(actor.Name, AuditEntry.NameLength), reason),
        cancellationToken);

    /// <summary>Has its times count again, from now on.</summary>
    /// <returns>The pause that there was before; null for none.</returns>
    /// <exception cref="ScheduleRefusedException">There is no such schedule.</exception>
    public Task<SchedulePause?> ResumeAsync(int scopeId, string name, Actor actor, CancellationToken cancellationToken) => ChangeAsync(
        scopeId,
        name,
        actor,
        Deed.ResumeSchedule(scopeId, name),
        state => state.PausedAt is not null,
        (state, now) => (state.PausedAt, state.PausedBy, state.PauseReason, state.FirstSeenAt) = (null, null, null, now),
        cancellationToken);

    /// <summary>All that is known of schedules.</summary>
    public async Task<IReadOnlyList<ScheduleState>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Schedules.AsNoTracking().ToListAsync(cancellationToken);
    }

    private async Task<SchedulePause?> ChangeAsync(
        int scopeId, string name, Actor actor, Deed deed, Func<ScheduleState, bool> isToBeChanged, Action<ScheduleState, DateTimeOffset> change, CancellationToken cancellationToken)
    {
        await ScopeErrands.EnsureAsync(contexts, scopeId, cancellationToken);
        return await retries.ExecuteAsync<SchedulePause?>(
            async token =>
            {
                await using var db = await contexts.CreateDbContextAsync(token);
                await using var transaction = await db.BeginWritingAsync(token);
                await RowLocks.ScopeAsync(db, scopeId, token);
                var now = clock.GetUtcNow();
                var state = await StateAsync(db, scopeId, name, now, token);
                if (state.Stored is null && known.InSettings(scopeId, name) is null)
                {
                    throw new ScheduleRefusedException(string.Create(CultureInfo.InvariantCulture, $"Scope {scopeId} has no schedule '{VisibleText.Of(name)}'; somebody may have removed it."));
                }

                var before = state is { PausedAt: { } at, PausedBy: { } by } ? new SchedulePause(at, by) : null;
                if (isToBeChanged(state))
                {
                    change(state, now);
                    db.Audit.Add(AuditEntry.Of(actor, now, deed));
                }

                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return before;
            },
            cancellationToken);
    }

    private async Task<ScheduleState?> FindAsync(int scopeId, string name, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Schedules.AsNoTracking().SingleOrDefaultAsync(s => s.ScopeId == scopeId && s.Name == name, cancellationToken);
    }

    /// <summary>A schedule counts from when it is first seen: the times before were nobody's.</summary>
    private static async Task<ScheduleState> StateAsync(HokifyDbContext db, int scopeId, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var state = await db.Schedules.SingleOrDefaultAsync(s => s.ScopeId == scopeId && s.Name == name, cancellationToken);
        if (state is null)
        {
            state = new ScheduleState { ScopeId = scopeId, Name = name, FirstSeenAt = now, LastInstant = now };
            db.Schedules.Add(state);
        }

        return state;
    }

    private static Task<bool> IsAtWorkAsync(HokifyDbContext db, int scopeId, CancellationToken cancellationToken) => db.ImportRuns.AnyAsync(
        r => r.ScopeId == scopeId && (r.State == RunState.Queued || r.State == RunState.Running || r.State == RunState.Interrupted), cancellationToken);
}
