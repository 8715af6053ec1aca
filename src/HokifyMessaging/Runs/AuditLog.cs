using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>Notes what is done by hand where that changes no row by itself, such as a file that is handed out. What changes rows is noted in the same transaction.</summary>
internal sealed class AuditLog(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries)
{
    /// <summary>Returns when it is noted, once. What is noted first cannot be done unnoticed.</summary>
    public Task NoteAsync(Actor actor, Deed deed, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async (attempt, token) =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var entry = AuditEntry.Of(actor, attempt.Begun, deed);
            if (!attempt.IsAgain || !await db.Audit.AnyAsync(a => a.At == attempt.Begun && a.Action == entry.Action && a.Who == entry.Who && a.Detail == entry.Detail, token))
            {
                db.Audit.Add(entry);
                await db.SaveChangesAsync(token);
            }

            return true;
        },
        cancellationToken);
}
