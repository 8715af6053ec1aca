using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>Something that somebody has done, as others see it.</summary>
/// <param name="Id">Numbers the entries in the order of writing.</param>
/// <param name="At">When.</param>
/// <param name="Who">The user of the operating system, the API key, or that it was a download link.</param>
/// <param name="Machine">On which machine the program ran that was asked.</param>
/// <param name="Action">What.</param>
/// <param name="ScopeId">To which scope; null for what concerns all of them.</param>
/// <param name="Detail">What it changed, as one sentence.</param>
internal sealed record AuditView(long Id, DateTimeOffset At, string Who, string Machine, AuditAction Action, int? ScopeId, string Detail);

/// <summary>Which entries of the audit log to list.</summary>
internal sealed record AuditFilter
{
    /// <summary>Only what was done to this scope. Default: null, all of it.</summary>
    public int? ScopeId { get; init; }

    /// <summary>Only what was done to these scopes, and nothing that concerns all of them. Default: null, all of it.</summary>
    public IReadOnlyCollection<int>? ScopeIds { get; init; }

    /// <summary>Only this. Default: null, all of it.</summary>
    public AuditAction? Action { get; init; }

    /// <summary>Only what was done then or later. Default: null.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what was done before. Default: null.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only entries behind this one: the last one of the page before. Default: null, from the newest on.</summary>
    public long? After { get; init; }

    /// <summary>Only entries that were written after this one. Default: null.</summary>
    public long? NewerThan { get; init; }

    /// <summary>The most to list. Default: 20.</summary>
    public int Limit { get; init; } = 20;
}

/// <summary>Who has done what to the installation.</summary>
internal sealed class AuditQueries(IDbContextFactory<HokifyDbContext> contexts)
{
    /// <summary>The newest entries first.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<AuditView>> ListAsync(AuditFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Matching(db.Audit.AsNoTracking(), filter)
            .OrderByDescending(a => a.Id)
            .Take(filter.Limit)
            .Select(a => new AuditView(a.Id, a.At, a.Who, a.Machine, a.Action, a.ScopeId, a.Detail))
            .ToListAsync(cancellationToken);
    }

    /// <summary>The number of the newest entry; 0 where there is none.</summary>
    public async Task<long> NewestAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Audit.MaxAsync(a => (long?)a.Id, cancellationToken) ?? 0;
    }

    private static IQueryable<AuditEntry> Matching(IQueryable<AuditEntry> entries, AuditFilter filter)
    {
        if (filter.ScopeId is { } scopeId)
        {
            entries = entries.Where(a => a.ScopeId == scopeId);
        }

        if (filter.ScopeIds is { } scopeIds)
        {
            entries = entries.Where(a => a.ScopeId != null && EF.Parameter(scopeIds).Contains(a.ScopeId.Value));
        }

        if (filter.Action is { } action)
        {
            entries = entries.Where(a => a.Action == action);
        }

        if (filter.From is { } from)
        {
            entries = entries.Where(a => a.At >= from);
        }

        if (filter.To is { } to)
        {
            entries = entries.Where(a => a.At < to);
        }

        if (filter.NewerThan is { } known)
        {
            entries = entries.Where(a => a.Id > known);
        }

        return filter.After is { } after ? entries.Where(a => a.Id < after) : entries;
    }
}
