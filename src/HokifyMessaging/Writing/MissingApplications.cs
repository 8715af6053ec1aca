using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Writing;

/// <summary>Soft-deletes what a full import's source no longer has, as far as the guard allows.</summary>
internal sealed class MissingApplications(
    FencedTransactions transactions, BatchRowsOf rowsOf, IOptions<HokifyOptions> options, TimeProvider clock)
{
    private readonly ImportOptions _options = options.Value.Import;

    /// <summary>What a read did not come to is not gone.</summary>
    public static bool MayBeDeleted(RunInProgress run) =>
        run.Request.ImportMode == ImportMode.Full && !run.Seen[RunPhase.Reading].Contains(RecordKeys.Incomplete);

    /// <summary>Whether the source's reads so far lack any active application.</summary>
    public async Task<bool> AnyAsync(RunInProgress run, CancellationToken cancellationToken) =>
        (await FindAsync(run, cancellationToken)).Missing.Count > 0;

    /// <summary>Deletes batch by batch; <paramref name="mayGoOn"/> ends a slice between two of them.</summary>
    /// <returns>Whether it came to its end.</returns>
    public async Task<bool> DeleteAsync(RunInProgress run, Func<bool> mayGoOn, CancellationToken cancellationToken)
    {
        var (active, missing) = await FindAsync(run, cancellationToken);
        var evidence = run.Seen[RunPhase.Reading].Contains(RecordKeys.Unidentified) || run.Seen[RunPhase.Confirming].Contains(RecordKeys.Unidentified)
            ? AbsenceEvidence.Ambiguous
            : run.Seen[RunPhase.Confirming].Contains(RecordKeys.Unproven) ? AbsenceEvidence.Unproven : AbsenceEvidence.Proven;
        var guard = new DeletionGuard(_options.DeletionGuardShare, _options.DeletionGuardMinimum);
        if (guard.Decide(active, missing.Count, run.Tally.Stats[Stat.Fetched], evidence) is DeletionDecision.Refused(var reason))
        {
            await transactions.CommitAsync(run, (_, _) => Task.FromResult(new RunStep(Refusal(reason), []) { Position = new RunPosition(RunPhase.Concluding, null) }), cancellationToken);
            return true;
        }

        // A dry run marks nothing, so a slice that ended in the middle would count the first half again.
        foreach (var ids in missing.Chunk(run.Request.DryRun ? int.MaxValue : _options.BatchSize))
        {
            if (!mayGoOn())
            {
                return false;
            }

            await transactions.CommitAsync(run, (db, token) => DeleteAsync(db, run, ids, token), cancellationToken);
        }

        return true;
    }

    private async Task<(long Active, List<long> Missing)> FindAsync(RunInProgress run, CancellationToken cancellationToken)
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
        foreach (var ids in missing.Chunk(_options.BatchSize))
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

    private static ImportTally Refusal(string reason)
    {
        var tally = new ImportTally();
        tally.Fail(ElementNames.CandidateProfile, new ImportException
        {
            ClassName = typeof(InvalidOperationException).FullName!,
            Message = reason,
            HResult = new InvalidOperationException().HResult,
            Source = nameof(DeletionGuard),
        });
        return tally;
    }

    private async Task<RunStep> DeleteAsync(HokifyDbContext db, RunInProgress run, long[] ids, CancellationToken cancellationToken)
    {
        var tally = new ImportTally();
        ImportTally.Add(tally.Deleted, ElementNames.CandidateProfile, ids.Length);
        if (run.Request.DryRun)
        {
            return new RunStep(tally, []);
        }

        var now = clock.GetUtcNow();
        var profiles = await db.CandidateProfiles.Where(p => EF.Parameter(ids).Contains(p.Id)).ToListAsync(cancellationToken);
        foreach (var profile in profiles)
        {
            (profile.IsDeleted, profile.ChangedAt) = (true, now);
            profile.History = FieldHistory.Append(profile.History, [LeftPeople.Deletion(run, now)]);
            db.ActivityLogs.Add(LeftPeople.Log(run, ElementNames.CandidateProfile, profile.Id, profile.ReferenceId, profile.Columns.Name, now));
        }

        await db.SaveChangesAsync(cancellationToken);

        ImportTally.Add(tally.Deleted, ElementNames.Candidate, await LeftPeople.DeleteAsync(db, run, [.. profiles.Select(p => p.CandidateId).Distinct()], now, cancellationToken));
        return new RunStep(tally, []);
    }
}
