using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Privacy;

/// <summary>An application that a rule forgets.</summary>
/// <param name="Id">The key of its row.</param>
/// <param name="CandidateId">The key of the person's row.</param>
/// <param name="ForgetFrom">From when on.</param>
internal sealed record AgedApplication(long Id, long CandidateId, DateTimeOffset ForgetFrom);

/// <summary>
/// Finds the applications that a rule forgets by an instant: those that are old enough by their receipt, and of these whatever else decides. Of the records as they were received
/// only those are read whose people may have agreed to be kept longer.
/// </summary>
internal sealed class AgedApplications(HokifyDbContext db, int scopeId, RetentionRule rule, TalentPool pool)
{
    private const int AtATime = 1_000;
    private const int PayloadsAtATime = 100;

    /// <summary>Those that are forgotten by an instant, the oldest first.</summary>
    public async IAsyncEnumerable<AgedApplication> ThroughAsync(DateTimeOffset until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var latest = rule.LatestReceipt(until);
        var (from, behind) = (DateTimeOffset.MinValue, long.MinValue);
        while (true)
        {
            var page = await Facts(Rows.Where(p => p.ReceivedAt <= latest && p.ReceivedAt >= from && (p.ReceivedAt > from || p.Id > behind)).OrderBy(p => p.ReceivedAt).ThenBy(p => p.Id).Take(AtATime))
                .ToListAsync(cancellationToken);
            foreach (var one in await DecideAsync(page, until, cancellationToken))
            {
                yield return one;
            }

            if (page is not [.., var last] || page.Count < AtATime)
            {
                yield break;
            }

            (from, behind) = (last.ReceivedAt, last.Id);
        }
    }

    /// <summary>Those of some that are forgotten by an instant.</summary>
    public async Task<IReadOnlyList<AgedApplication>> AmongAsync(IEnumerable<long> ids, DateTimeOffset until, CancellationToken cancellationToken) =>
        await DecideAsync(await Lookups.ListAsync(ids, some => Facts(db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.Id) && p.ReceivedAt != null)), cancellationToken), until, cancellationToken);

    /// <summary>What decides about some, whether it is old enough or not.</summary>
    public async Task<IReadOnlyDictionary<long, RetentionFacts>> FactsOfAsync(IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        var rows = await Lookups.ListAsync(ids, some => Facts(db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.Id) && p.ReceivedAt != null)), cancellationToken);
        var consenting = rule.PoolMonths is null ? [] : await ConsentingAsync(rows.Select(row => row.Id), cancellationToken);
        return rows.ToDictionary(row => row.Id, row => FactsOf(row, consenting.Contains(row.Id)));
    }

    private IQueryable<CandidateProfile> Rows => db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == scopeId && p.ReceivedAt != null);

    private static IQueryable<Row> Facts(IQueryable<CandidateProfile> rows) =>
        rows.Select(p => new Row(p.Id, p.CandidateId, p.ReceivedAt!.Value, p.CreatedAt, p.Version, p.ChangedAt, p.Columns.Status, p.History));

    private async Task<IReadOnlyList<AgedApplication>> DecideAsync(List<Row> rows, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var due = rows.Select(row => (Row: row, From: rule.ForgetFrom(FactsOf(row, hasConsent: false)))).Where(one => one.From <= until).ToList();
        var consenting = await ConsentingAsync(due.Where(one => rule.MayBeInPool(one.Row.ReceivedAt, one.From!.Value)).Select(one => one.Row.Id), cancellationToken);
        return
        [
            .. due.Select(one => (one.Row, From: consenting.Contains(one.Row.Id) ? rule.ForgetFrom(FactsOf(one.Row, hasConsent: true)) : one.From))
                .Where(one => one.From <= until).Select(one => new AgedApplication(one.Row.Id, one.Row.CandidateId, one.From!.Value)),
        ];
    }

    private RetentionFacts FactsOf(Row row, bool hasConsent)
    {
        var changed = row.Version ?? row.ChangedAt;
        return new RetentionFacts(row.ReceivedAt, changed, row.Stage, RejectionStart.Of(row.Stage, row.History, row.CreatedAt, changed, rule.RejectionStages), hasConsent);
    }

    private async Task<HashSet<long>> ConsentingAsync(IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        // As many as one payload each leaves room for.
        var consenting = new HashSet<long>();
        foreach (var few in ids.Chunk(PayloadsAtATime))
        {
            var rows = db.CandidateProfiles.AsNoTracking().Where(p => few.Contains(p.Id));
            var found = pool.NeedsPayload
                ? await rows.Select(p => new { p.Id, p.Columns, p.SourcePayload }).ToListAsync(cancellationToken)
                : (await rows.Select(p => new { p.Id, p.Columns }).ToListAsync(cancellationToken)).ConvertAll(p => new { p.Id, p.Columns, SourcePayload = (string?)null });
            consenting.UnionWith(found.Where(row => pool.HasConsent(row.Columns, row.SourcePayload)).Select(row => row.Id));
        }

        return consenting;
    }

    private sealed record Row(long Id, long CandidateId, DateTimeOffset ReceivedAt, DateTimeOffset CreatedAt, DateTimeOffset? Version, DateTimeOffset ChangedAt, string? Stage, string? History);
}
