using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>Requests for erasures that were carried out. The hashes that keep the erased out stay.</summary>
internal sealed class AgedRequests(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    public override string What => "erasure requests";

    protected override TimeSpan? Age { get; } = options.Value.Retention.ErasureRequests;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var done = await ReadAsync(
            db => db.ErasureRequests.Where(r => r.ScopeId == round.ScopeId && r.State == ErasureState.Done && r.CompletedAt <= before).Select(r => r.Id).ToListAsync(cancellationToken), cancellationToken);
        foreach (var some in round.IsDry ? [] : done.Chunk(AtATime))
        {
            await CommitAsync(round, async (db, token) =>
            {
                await db.ErasureRequests.Where(r => some.Contains(r.Id)).ExecuteDeleteAsync(token);
                return some.Length;
            });
        }

        return new AgedRows(done.Count, Held: 0);
    }
}
