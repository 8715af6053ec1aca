using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>Ramps that have ended, as long after that as details of a run are kept. Their records are not theirs any more.</summary>
internal sealed class AgedRamps(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    public override string What => "ramps";

    protected override TimeSpan? Age { get; } = options.Value.Retention.RunDetails;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var ended = await ReadAsync(
            db => db.Ramps.Where(r => r.ScopeId == round.ScopeId && r.State == RampState.Ended && r.EndedAt <= before).Select(r => r.Id).ToListAsync(cancellationToken), cancellationToken);
        foreach (var some in round.IsDry ? [] : ended.Chunk(AtATime))
        {
            await CommitAsync(round, async (db, token) =>
            {
                await db.RampSteps.Where(s => some.Contains(s.RampId)).ExecuteDeleteAsync(token);
                await db.Ramps.Where(r => some.Contains(r.Id)).ExecuteDeleteAsync(token);
                return some.Length;
            });
        }

        return new AgedRows(ended.Count, Held: 0);
    }
}
