using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>Which sessions of the console were ended before their time. In the database, because every process takes the cookies of every other.</summary>
internal sealed class EndedSessions(IDbContextFactory<HokifyDbContext> contexts, TimeProvider clock)
{
    /// <param name="session">Its id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<bool> HasAsync(Guid session, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.EndedSessions.AnyAsync(s => s.Id == session, cancellationToken);
    }

    /// <summary>Notes that a session has ended, once, and forgets those whose cookies are too old by now.</summary>
    /// <param name="session">Its id.</param>
    /// <param name="lifetime">How long a cookie of it may still be good.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AddAsync(Guid session, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await AbsentRow.InsertAsync<EndedSession>(
            contexts,
            (sessions, token) => sessions.AnyAsync(s => s.Id == session, token),
            () => new EndedSession { Id = session, Until = now + lifetime },
            cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.EndedSessions.Where(s => s.Until < now).ExecuteDeleteAsync(cancellationToken);
    }
}
