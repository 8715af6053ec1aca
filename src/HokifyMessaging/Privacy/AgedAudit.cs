using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>What was done by hand. Entries are written in the order of time, so that the oldest are the first.</summary>
internal sealed class AgedAudit(IDbContextFactory<HokifyDbContext> contexts, IOptions<HokifyOptions> options) : AgedPart(contexts)
{
    public override string What => "audit entries";

    protected override TimeSpan? Age { get; } = options.Value.Retention.Audit;

    protected override bool IsOfInstallation => true;

    protected override async Task<AgedRows> GoThroughAsync(RetentionRound round, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var (count, last) = (0, 0L);
        while (true)
        {
            var from = last;
            var page = await ReadAsync(
                db => db.Audit.Where(a => a.Id > from).OrderBy(a => a.Id).Take(AtATime).Select(a => new { a.Id, a.At }).ToListAsync(cancellationToken), cancellationToken);
            var due = page.Where(entry => entry.At <= before).Select(entry => entry.Id).ToArray();
            if (due.Length > 0 && !round.IsDry)
            {
                await CommitAsync(round, async (db, token) =>
                {
                    await db.Audit.Where(a => due.Contains(a.Id)).ExecuteDeleteAsync(token);
                    return due.Length;
                });
            }

            count += due.Length;

            // Clocks of machines differ by less than so many entries take.
            if (page.Count < AtATime || due.Length == 0)
            {
                return new AgedRows(count, Held: 0);
            }

            last = page[^1].Id;
        }
    }
}
