using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>The row of each scope, which is made with the first request for it.</summary>
internal static class ScopeRows
{
    /// <summary>Makes it where there is none.</summary>
    public static async Task EnsureAsync(IDbContextFactory<HokifyDbContext> contexts, int scopeId, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await db.Scopes.AnyAsync(s => s.ScopeId == scopeId, cancellationToken))
        {
            return;
        }

        db.Scopes.Add(new ScopeState { ScopeId = scopeId });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another was faster, or it cannot be made at all.
            await using var again = await contexts.CreateDbContextAsync(cancellationToken);
            if (!await again.Scopes.AnyAsync(s => s.ScopeId == scopeId, cancellationToken))
            {
                throw;
            }
        }
    }
}
