using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>
/// The records as they were delivered. What was made of them stays, and so does the hash by which the same record is recognized: it is not written anew because its text is gone.
/// </summary>
internal sealed class AgedPayloads(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    public override string What => "payloads";

    protected override TimeSpan? Age { get; } = options.Value.Retention.Payloads;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (all, last, held) = (default(AgedRows), new Row(0, DateTimeOffset.MinValue), await ReadAsync(db => HeldIds.ProfilesAsync(db, round.ScopeId, round.Now, cancellationToken), cancellationToken));
        while (true)
        {
            var from = last;
            var page = await ReadAsync(
                db => db.CandidateProfiles
                    .Where(p => p.ScopeId == round.ScopeId && p.PayloadAt <= before && p.PayloadAt >= from.At && (p.PayloadAt > from.At || p.Id > from.Id))
                    .OrderBy(p => p.PayloadAt).ThenBy(p => p.Id).Take(AtATime).Select(p => new Row(p.Id, p.PayloadAt!.Value)).ToListAsync(cancellationToken),
                cancellationToken);
            var due = page.Select(row => row.Id).Where(id => !held.Contains(id)).ToArray();
            all += new AgedRows(round.IsDry || due.Length == 0 ? due.Length : await ForgetAsync(round, before, due), page.Count - due.Length);
            if (page.Count < AtATime)
            {
                return all;
            }

            last = page[^1];
        }
    }

    /// <summary>An import may have brought a newer record since these were found, or somebody have put a hold.</summary>
    private Task<int> ForgetAsync(RetentionRound round, DateTimeOffset before, long[] ids) => CommitAsync(round, async (db, token) =>
    {
        var held = await HeldIds.ProfilesAsync(db, round.ScopeId, round.Now, token);
        var due = (await db.CandidateProfiles.Where(p => ids.Contains(p.Id) && p.PayloadAt <= before).Select(p => p.Id).ToListAsync(token)).Where(id => !held.Contains(id)).ToArray();
        await Lookups.ForAsync(due, some => db.CandidateProfiles.Where(p => some.Contains(p.Id)).ExecuteUpdateAsync(
            set => set.SetProperty(p => p.SourcePayload, (string?)null).SetProperty(p => p.PayloadAt, (DateTimeOffset?)null), token));
        return due.Length;
    });

    private sealed record Row(long Id, DateTimeOffset At);
}
