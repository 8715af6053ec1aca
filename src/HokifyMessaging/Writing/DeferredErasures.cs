using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>
/// People whom somebody else has erased, and of whom something is on hold here. They are not erased, and not forgotten either: a request is stored, which is carried out when the
/// hold is over.
/// </summary>
/// <param name="secret">Makes the mark by which the same request is recognized.</param>
/// <param name="who">Who has erased them.</param>
/// <param name="reason">Why they are to be erased.</param>
internal sealed class DeferredErasures(ErasureSecret secret, string who, string reason)
{
    /// <summary>Stores it in the caller's transaction, unless the same waits already.</summary>
    /// <param name="db">The database.</param>
    /// <param name="scopeId">The scope.</param>
    /// <param name="candidates">The keys of the people's rows.</param>
    /// <param name="until">Until when the hold lasts by itself; null where it has no end.</param>
    /// <param name="now">When it was said.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StoreAsync(HokifyDbContext db, int scopeId, IEnumerable<long> candidates, DateTimeOffset? until, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = JsonSerializer.Serialize(candidates.Distinct().Order());
        var asked = secret.Hash(scopeId, "asked held", rows);
        if (await db.ErasureRequests.AnyAsync(r => r.ScopeId == scopeId && r.Asked == asked && r.State != ErasureState.Done, cancellationToken))
        {
            return;
        }

        db.ErasureRequests.Add(new ErasureRequest
        {
            Id = Guid.CreateVersion7(now),
            ScopeId = scopeId,
            Who = who,
            Machine = AuditEntry.Shown(Environment.MachineName, AuditEntry.NameLength),
            Reason = reason,
            CreatedAt = now,
            State = ErasureState.Deferred,
            DueAt = until,
            Asked = asked,
            Candidates = rows,
            Entries = "[]",
        });
        await db.SaveChangesAsync(cancellationToken);
    }
}
