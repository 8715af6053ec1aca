using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What the job has done in a scope.</summary>
/// <param name="ScopeId">The scope, or <see cref="RetentionRound.OfInstallation"/>.</param>
/// <param name="IsDry">Whether it only counted.</param>
/// <param name="Counts">What it found.</param>
internal sealed record RetentionReport(int ScopeId, bool IsDry, IReadOnlyList<RetentionCount> Counts);

/// <summary>
/// Forgets what has been kept long enough, scope by scope; once a day, or when somebody says so. Each process may try: what was done for a day is noted, and so is who is at it.
/// What is left undone is due again, so whatever ends it ends it between two transactions.
/// </summary>
internal sealed partial class RetentionJob(
    IDbContextFactory<HokifyDbContext> contexts, IEnumerable<IRetentionPart> parts, ScopeErrands errands, TransientRetries retries, WriteAheadLog log, SqliteRewrite rewrite, IOptions<HokifyOptions> options,
    IOptions<DatabaseOptions> database, TimeProvider clock, ILogger<RetentionJob> logger)
{
    /// <summary>For so long nobody else does it after a sign of life.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(5);

    /// <summary>So long it waits for whoever works on a scope, before it goes on with the others.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Between two imports that follow upon each other a scope is free for a moment only; behind a long one nobody has to be quick.</summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(1);
    private const int ShortPauses = 100;

    /// <summary>
    /// So long nothing is written between two transactions. SQLite has no queue: whoever waits for its lock tries again every 100 milliseconds, and would find it taken again and
    /// again.
    /// </summary>
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(110);

    private readonly RetentionOptions _options = options.Value.Retention;

    /// <summary>For which day this process has seen to it last that the file is written anew.</summary>
    private DateOnly? _rewritten;

    public RetentionSchedule Schedule { get; } = new(options.Value.Retention.At, options.Value.RetentionZone);

    /// <summary>The scopes in which there is something to do by the settings, the installation last.</summary>
    public async Task<IReadOnlyList<int>> ScopesAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var scopes = await db.Scopes.Select(s => s.ScopeId).OrderBy(id => id).ToListAsync(cancellationToken);
        return [.. scopes.Append(RetentionRound.OfInstallation).Where(id => parts.Any(part => part.Concerns(id)))];
    }

    /// <summary>Does it where it is still to be done for a day whose time has come.</summary>
    /// <returns>Why it could not be done somewhere, one clause for each reason.</returns>
    public async Task<IReadOnlyList<string>> RunDueAsync(CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var scopeId in await ScopesAsync(cancellationToken))
        {
            try
            {
                var now = clock.GetUtcNow();
                if (await retries.ExecuteAsync(token => ClaimAsync(scopeId, now, token), cancellationToken))
                {
                    await RunAsync(scopeId, !_options.Enabled, Schedule.LastDay(now), cancellationToken);
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                reasons.Add(exception is ScopeAtWorkException atWork ? atWork.Beginning : PeopleErasure.ReasonOf(exception));
            }
        }

        await RewriteDueAsync(reasons, cancellationToken);
        return [.. reasons.Distinct()];
    }

    /// <summary>Behind all scopes, so that what was forgotten in them goes along.</summary>
    private async Task RewriteDueAsync(List<string> reasons, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!Schedule.IsDue(_rewritten, now))
        {
            return;
        }

        var since = clock.GetTimestamp();
        try
        {
            var outcome = await rewrite.RewriteAsync(cancellationToken);
            _rewritten = Schedule.LastDay(now);
            if (outcome == RewriteOutcome.Done)
            {
                LogRewritten(logger, (long)clock.GetElapsedTime(since).TotalMilliseconds);
            }
            else if (outcome == RewriteOutcome.TooLarge)
            {
                LogTooLarge(logger, database.Value.LargestRewrite);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // What is owed stands in the file.
            reasons.Add($"the database file, in which somebody was erased, cannot be written anew: {PeopleErasure.ReasonOf(exception)}");
        }
    }

    /// <summary>Does it in one scope now.</summary>
    /// <param name="scopeId">The scope, or <see cref="RetentionRound.OfInstallation"/>.</param>
    /// <param name="isDry">Whether to count only.</param>
    /// <param name="day">For which day it counts as done; null for none, where somebody has asked for it beside.</param>
    /// <param name="cancellationToken">Gives up; what was committed stays.</param>
    /// <exception cref="ScopeAtWorkException">Somebody has worked on the scope for too long.</exception>
    public async Task<RetentionReport> RunAsync(int scopeId, bool isDry, DateOnly? day, CancellationToken cancellationToken)
    {
        var begun = clock.GetUtcNow();
        var counts = new List<RetentionCount>();
        try
        {
            var round = new RetentionRound(scopeId, begun, isDry, write => CommitAsync(scopeId, write, cancellationToken));
            foreach (var part in parts.Where(part => part.Concerns(scopeId)))
            {
                counts.AddRange(await part.RunAsync(round, cancellationToken));
            }
        }
        catch
        {
            // What was committed by then is gone, and the next sweep takes it from the log as well.
            log.Owe();
            await NoteAsync(scopeId, state => state.ClaimedUntil = null, CancellationToken.None);
            throw;
        }

        var ended = clock.GetUtcNow();
        await NoteAsync(
            scopeId,
            state =>
            {
                (state.Day, state.ClaimedUntil, state.BegunAt, state.EndedAt) = (day ?? state.Day, null, begun, ended);
                (state.WasDry, state.Counts) = (isDry, JsonSerializer.Serialize(counts));
            },
            cancellationToken);
        if (!isDry && counts.Exists(count => count.Forgotten > 0))
        {
            await log.EmptyAsync(cancellationToken);
        }

        foreach (var count in counts)
        {
            ImportMetrics.Forgot(scopeId == RetentionRound.OfInstallation ? null : scopeId, count.What, 0);
            if (count.Due + count.Forgotten > 0)
            {
                Tell(scopeId, isDry, count);
            }
        }

        return new RetentionReport(scopeId, isDry, counts);
    }

    private void Tell(int scopeId, bool isDry, RetentionCount count)
    {
        var where = scopeId == RetentionRound.OfInstallation ? "the installation" : string.Create(CultureInfo.InvariantCulture, $"scope {scopeId}");
        if (isDry)
        {
            LogWould(logger, where, count.Due, count.What, count.Soon, count.Held);
        }
        else
        {
            LogForgotten(logger, where, count.Forgotten, count.What, count.Soon, count.Held);
        }
    }

    private async Task<bool> ClaimAsync(int scopeId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await EnsureAsync(scopeId, cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);
        await db.Retention.Where(s => s.ScopeId == scopeId).ExecuteUpdateAsync(set => set.SetProperty(s => s.ClaimedUntil, s => s.ClaimedUntil), cancellationToken);
        var state = await db.Retention.SingleAsync(s => s.ScopeId == scopeId, cancellationToken);
        if (!Schedule.IsDue(state.Day, now) || state.ClaimedUntil > now)
        {
            return false;
        }

        state.ClaimedUntil = now + Claim;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private Task NoteAsync(int scopeId, Action<RetentionState> note, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await EnsureAsync(scopeId, token);
            await using var db = await contexts.CreateDbContextAsync(token);
            note(await db.Retention.SingleAsync(s => s.ScopeId == scopeId, token));
            await db.SaveChangesAsync(token);
        },
        cancellationToken);

    private Task EnsureAsync(int scopeId, CancellationToken cancellationToken) => AbsentRow.InsertAsync<RetentionState>(
        contexts, (states, token) => states.AnyAsync(s => s.ScopeId == scopeId, token), () => new RetentionState { ScopeId = scopeId }, cancellationToken);

    /// <summary>Commits as soon as nobody works on the scope.</summary>
    private async Task CommitAsync(int scopeId, Func<HokifyDbContext, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            try
            {
                await (scopeId == RetentionRound.OfInstallation ? CommitAsync(Claiming, cancellationToken) : errands.BrieflyAsync(scopeId, Claiming, cancellationToken));

                // For other programs, too, and so by the clock on the wall.
                await Task.Delay(Gap, TimeProvider.System, cancellationToken);
                return;
            }
            catch (ScopeAtWorkException) when (clock.GetElapsedTime(since) < Patience)
            {
                await Task.Delay(tries < ShortPauses ? ShortPause : LongPause, clock, cancellationToken);
            }
        }

        async Task Claiming(HokifyDbContext db, CancellationToken token)
        {
            DateTimeOffset? until = clock.GetUtcNow() + Claim;
            await db.Retention.Where(s => s.ScopeId == scopeId && s.ClaimedUntil != null).ExecuteUpdateAsync(set => set.SetProperty(s => s.ClaimedUntil, until), token);
            await write(db, token);
        }
    }

    private Task CommitAsync(Func<HokifyDbContext, CancellationToken, Task> write, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            await using var transaction = await db.BeginWritingAsync(token);
            await write(db, token);
            await db.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
        },
        cancellationToken);

    [LoggerMessage(LogLevel.Information, "The database file was written anew in {Milliseconds} ms: nothing of those who were erased or forgotten is left between its rows")]
    private static partial void LogRewritten(ILogger logger, long milliseconds);

    [LoggerMessage(LogLevel.Warning, "The database file is larger than {Largest} bytes (Database:LargestRewrite) and was not written anew: between its rows something may be left of those who were erased or forgotten")]
    private static partial void LogTooLarge(ILogger logger, long largest);

    [LoggerMessage(LogLevel.Information, "Retention would forget {Due} of the {What} of {Where}; {Soon} more become due within 30 days, and {Held} are on hold. Nothing was changed, because Hokify:Retention:Enabled is false")]
    private static partial void LogWould(ILogger logger, string where, long due, string what, long soon, long held);

    [LoggerMessage(LogLevel.Information, "Retention has forgotten {Forgotten} of the {What} of {Where}; {Soon} more become due within 30 days, and {Held} are on hold")]
    private static partial void LogForgotten(ILogger logger, string where, long forgotten, string what, long soon, long held);
}
