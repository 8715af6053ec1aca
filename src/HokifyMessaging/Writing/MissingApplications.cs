using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>Finds what a full import's source no longer has.</summary>
internal sealed class MissingApplications(
    FencedTransactions transactions, BatchRowsOf rowsOf, IOptions<HokifyOptions> options)
{
    private readonly int _batchSize = options.Value.Import.BatchSize;

    /// <summary>What a read did not come to is not gone.</summary>
    public static bool MayBeDeleted(RunInProgress run) =>
        run.Request.ImportMode == ImportMode.Full && !run.Seen[RunPhase.Reading].Contains(RecordKeys.Incomplete);

    /// <summary>Whether the source's reads so far lack any active application.</summary>
    public async Task<bool> AnyAsync(RunInProgress run, CancellationToken cancellationToken) =>
        (await FindAsync(run, cancellationToken)).Missing.Count > 0;

    /// <summary>How many applications are active, and the keys of those that the source's reads lack.</summary>
    public async Task<(long Active, List<long> Missing)> FindAsync(RunInProgress run, CancellationToken cancellationToken)
    {
        var (active, missing) = await transactions.ReadAsync((db, token) => FindAsync(db, run, token), cancellationToken);
        return (active, await WithoutOthersAsync(run, missing, cancellationToken));
    }

    private async Task<(long Active, List<long> Missing)> FindAsync(HokifyDbContext db, RunInProgress run, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        using var rows = rowsOf(db, run.Request.ScopeId);
        var (active, missing) = (0L, new List<long>());
        await rows.VisitActiveAsync(
            (id, application) =>
            {
                active++;
                if (!run.Seen[RunPhase.Reading].Contains(application) && !run.Seen[RunPhase.Confirming].Contains(application))
                {
                    missing.Add(id);
                }
            },
            cancellationToken);
        missing.Sort();
        return (active, missing);
    }

    /// <summary>A run that failed or was cancelled leaves its scope to others: what one of them has written since was there after this one looked.</summary>
    private async Task<List<long>> WithoutOthersAsync(RunInProgress run, List<long> missing, CancellationToken cancellationToken)
    {
        var others = new HashSet<long>();
        foreach (var ids in missing.Chunk(_batchSize))
        {
            var changed = await transactions.ReadAsync(
                (db, token) => db.CandidateProfiles
                    .Where(p => EF.Parameter(ids).Contains(p.Id) && p.ChangedAt > run.StartedAt)
                    .Select(p => new { p.Id, p.ReferenceId })
                    .ToListAsync(token),
                cancellationToken);
            others.UnionWith(changed.Where(p => !run.Seen[RunPhase.Retrying].Contains(RecordKeys.Of(p.ReferenceId))).Select(p => p.Id));
        }

        return [.. missing.Where(id => !others.Contains(id))];
    }
}
