using HokifyMessaging.Machine;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>A hold as others see it. Says nothing of the person.</summary>
/// <param name="Id">The hold.</param>
/// <param name="ScopeId">In which scope.</param>
/// <param name="Who">Who has put it.</param>
/// <param name="Reason">Why.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="Until">Until when it holds by itself; null until it is released.</param>
/// <param name="ReleasedAt">When it was released; null where it was not.</param>
/// <param name="ReleasedBy">By whom.</param>
/// <param name="People">How many people's rows it holds, with all applications.</param>
/// <param name="Applications">How many applications it holds by themselves.</param>
internal sealed record HoldView(
    Guid Id, int ScopeId, string Who, string Reason, DateTimeOffset CreatedAt, DateTimeOffset? Until, DateTimeOffset? ReleasedAt, string? ReleasedBy, int People, int Applications)
{
    public static HoldView Of(LegalHold hold) => new(
        hold.Id, hold.ScopeId, hold.Who, hold.Reason, hold.CreatedAt, hold.Until, hold.ReleasedAt, hold.ReleasedBy, ErasureRequest.KeysIn(hold.Candidates).Count, ErasureRequest.KeysIn(hold.Profiles).Count);
}

/// <summary>Puts what is stored of people on hold, and releases it. Both at once, whoever works on the scope: whatever forgets looks at the holds in the transaction in which it does.</summary>
internal sealed class LegalHolds(IDbContextFactory<HokifyDbContext> contexts, TransientRetries retries, RetentionRules rules, TimeProvider clock)
{
    /// <summary>Puts people on hold or, where they were named by an application, that application.</summary>
    /// <param name="found">Who was found, of whom all are meant.</param>
    /// <param name="asker">Who asks, and why.</param>
    /// <param name="lastDay">The last day on which it holds; null for no end.</param>
    /// <param name="cancellationToken">Gives up; nothing is stored then.</param>
    /// <returns>Null where nothing is stored that could be held.</returns>
    public Task<HoldView?> PlaceAsync(FoundPeople found, ErasureAsker asker, DateOnly? lastDay, CancellationToken cancellationToken)
    {
        var isOne = found.Asked.By == NamedBy.Application;
        var candidates = isOne ? [] : found.People.SelectMany(person => person.Rows).Select(row => row.Id).Distinct().Order().ToList();
        var profiles = isOne ? found.People.SelectMany(person => person.Applications).Where(one => one.ReferenceId == found.Asked.Value).Select(one => one.Id).Distinct().ToList() : [];
        if (candidates.Count + profiles.Count == 0)
        {
            return Task.FromResult<HoldView?>(null);
        }

        DateTimeOffset? until = lastDay is { } day ? LocalDays.EndOf(day, rules.Zone) : null;
        var reason = asker.Reason ?? throw new ArgumentException("A hold needs a reason.", nameof(asker));
        return retries.ExecuteAsync<HoldView?>(
            async (attempt, token) =>
            {
                await using var db = await contexts.CreateDbContextAsync(token);
                await using var transaction = await db.BeginWritingAsync(token);
                await RowLocks.ScopeAsync(db, found.ScopeId, token);
                if (attempt.IsAgain && await db.LegalHolds.AsNoTracking().FirstOrDefaultAsync(h => h.ScopeId == found.ScopeId && h.CreatedAt == attempt.Begun, token) is { } stored)
                {
                    return HoldView.Of(stored);
                }

                var hold = new LegalHold
                {
                    Id = Guid.CreateVersion7(attempt.Begun),
                    ScopeId = found.ScopeId,
                    Who = AuditEntry.Shown(asker.Name, AuditEntry.NameLength),
                    Machine = AuditEntry.Shown(asker.Machine, AuditEntry.NameLength),
                    Reason = reason,
                    CreatedAt = attempt.Begun,
                    Until = until,
                    Candidates = JsonSerializer.Serialize(candidates),
                    Profiles = JsonSerializer.Serialize(profiles),
                };
                db.LegalHolds.Add(hold);
                db.Audit.Add(AuditEntry.Of(new Actor(asker.Name, asker.Machine), attempt.Begun, Deed.HoldPeople(hold, candidates.Count, profiles.Count)));
                await db.SaveChangesAsync(token);
                await transaction.CommitAsync(token);
                return HoldView.Of(hold);
            },
            cancellationToken);
    }

    /// <summary>Releases a hold. Erasures that it has deferred are looked at again with the next sweep.</summary>
    /// <param name="id">The hold.</param>
    /// <param name="scopeIds">Only in these; null for all.</param>
    /// <param name="asker">Who releases it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The hold as it is then; null where there is none in these scopes. One that was released before stays as it is.</returns>
    public Task<HoldView?> ReleaseAsync(Guid id, IReadOnlyCollection<int>? scopeIds, ErasureAsker asker, CancellationToken cancellationToken) => retries.ExecuteAsync<HoldView?>(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            if (await db.LegalHolds.AsNoTracking().SingleOrDefaultAsync(h => h.Id == id, token) is not { } there || scopeIds?.Contains(there.ScopeId) is false)
            {
                return null;
            }

            await using var transaction = await db.BeginWritingAsync(token);
            await RowLocks.ScopeAsync(db, there.ScopeId, token);
            var hold = await db.LegalHolds.SingleAsync(h => h.Id == id, token);
            if (hold.ReleasedAt is null)
            {
                var now = clock.GetUtcNow();
                (hold.ReleasedAt, hold.ReleasedBy) = (now, AuditEntry.Shown(asker.Name, AuditEntry.NameLength));
                db.Audit.Add(AuditEntry.Of(new Actor(asker.Name, asker.Machine), now, Deed.ReleasePeople(hold)));
                await db.SaveChangesAsync(token);
                await db.ErasureRequests.Where(r => r.ScopeId == hold.ScopeId && r.State == ErasureState.Deferred)
                    .ExecuteUpdateAsync(set => set.SetProperty(r => r.State, ErasureState.Waiting).SetProperty(r => r.DueAt, (DateTimeOffset?)null), token);
                await transaction.CommitAsync(token);
            }

            return HoldView.Of(hold);
        },
        cancellationToken);

    /// <summary>The holds, the newest first.</summary>
    /// <param name="scopeIds">Only in these; null for all.</param>
    /// <param name="all">Whether also those that were released or are over.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyList<HoldView>> ListAsync(IReadOnlyCollection<int>? scopeIds, bool all, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var holds = await db.LegalHolds.AsNoTracking().Where(h => all || (h.ReleasedAt == null && (h.Until == null || h.Until > now))).ToListAsync(cancellationToken);
        return [.. holds.Where(hold => scopeIds?.Contains(hold.ScopeId) is not false).OrderByDescending(hold => hold.CreatedAt).ThenBy(hold => hold.Id).Select(HoldView.Of)];
    }
}
