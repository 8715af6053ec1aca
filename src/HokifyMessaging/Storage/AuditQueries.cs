using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>Something that somebody has done, as others see it.</summary>
/// <param name="At">When.</param>
/// <param name="Who">Which user of the operating system.</param>
/// <param name="Machine">On which machine.</param>
/// <param name="Action">What.</param>
/// <param name="ScopeId">To which scope; null for what concerns all of them.</param>
/// <param name="Detail">What it changed, as one sentence.</param>
internal sealed record AuditView(DateTimeOffset At, string Who, string Machine, AuditAction Action, int? ScopeId, string Detail);

/// <summary>Who has done what to the installation.</summary>
internal sealed class AuditQueries(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>The newest entries first.</summary>
    /// <param name="scopeId">Only those of this scope; null for all.</param>
    /// <param name="since">Only those since then; null for all.</param>
    /// <param name="limit">The most to list.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<AuditView>> ListAsync(int? scopeId, DateTimeOffset? since, int limit, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Audit.AsNoTracking()
            .Where(a => (scopeId == null || a.ScopeId == scopeId) && (since == null || a.At >= since))
            .OrderByDescending(a => a.Id)
            .Take(limit)
            .Select(a => new AuditView(a.At, a.Who, a.Machine, a.Action, a.ScopeId, a.Detail))
            .ToListAsync(cancellationToken);
    }
}
