using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// One kind of data that is kept for a time only, in each scope or in the installation. It is gone through from its oldest on, some rows at a time; what is found is read without a
/// transaction, and looked at again in the one that changes it.
/// </summary>
internal abstract class AgedPart(IDbContextFactory<HokifyDbContext> contexts) : IRetentionPart
{
    /// <summary>How many rows one transaction changes: at some thousands of locks SQL Server would lock the table, for all scopes.</summary>
    protected const int AtATime = 500;

    /// <summary>What it is called where it is counted.</summary>
    public abstract string What { get; }

    /// <summary>For how long it is kept; null for ever.</summary>
    protected abstract TimeSpan? Age { get; }

    /// <summary>Whether it is in no scope.</summary>
    protected virtual bool IsOfInstallation => false;

    public bool Concerns(int scopeId) => Age is not null && IsOfInstallation == (scopeId == RetentionRound.OfInstallation);

    public async Task<IReadOnlyList<RetentionCount>> RunAsync(RetentionRound round, CancellationToken cancellationToken)
    {
        var before = round.Now - Age!.Value;
        var found = await GoThroughAsync(round, before, cancellationToken);
        var ahead = await GoThroughAsync(round with { IsDry = true }, before + RetentionRound.Ahead, cancellationToken);

        // What was forgotten is not there any more, and what is on hold is found both times.
        var soon = ahead.Due - (round.IsDry ? found.Due : 0);
        return [new RetentionCount(What, found.Due, Math.Max(0, soon), ahead.Held, round.IsDry ? 0 : found.Due)];
    }

    /// <summary>Counts what has come before an instant, and forgets it unless the round is dry.</summary>
    protected abstract Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken);

    protected async Task<T> ReadAsync<T>(Func<HokifyDbContext, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await read(db);
    }

    /// <summary>Forgets some rows in one transaction, which may have to be tried more than once.</summary>
    /// <param name="round">Commits.</param>
    /// <param name="forget">Tells how many it has forgotten.</param>
    /// <returns>The most that a try has forgotten: one that has landed although nobody heard of it leaves the next nothing.</returns>
    protected async Task<int> CommitAsync(RetentionRound round, Func<HokifyDbContext, CancellationToken, Task<int>> forget)
    {
        var most = 0;
        await round.Commit(async (db, token) => most = Math.Max(most, await forget(db, token)));
        ImportMetrics.Forgot(IsOfInstallation ? null : round.ScopeId, What, most);
        return most;
    }
}

/// <summary>How many rows were old enough.</summary>
/// <param name="Due">Those that are, or would be, forgotten.</param>
/// <param name="Held">Those that a legal hold keeps.</param>
internal readonly record struct AgedRows(int Due, int Held)
{
    public static AgedRows operator +(AgedRows left, AgedRows right) => new(left.Due + right.Due, left.Held + right.Held);
}
