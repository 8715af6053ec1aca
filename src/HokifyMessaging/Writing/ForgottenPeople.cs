using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>Has the database forget some people, in statements that change the rows of these people and look at no others.</summary>
/// <param name="db">The database.</param>
/// <param name="plan">Whom.</param>
/// <param name="scopeId">The scope in which they are.</param>
/// <param name="runId">The run that has met them, which the activity logs name; null where none did, and then there are none.</param>
/// <param name="now">When it happens.</param>
internal sealed class ForgottenPeople(HokifyDbContext db, ErasurePlan plan, int scopeId, Guid? runId, DateTimeOffset now)
{
    private static readonly byte[] EmptyHash = new byte[16];

    public async Task<ForgottenRows> ForgetAsync(CancellationToken cancellationToken)
    {
        if (plan.References.Count + plan.Hashes.Count == 0)
        {
            return ForgottenRows.None;
        }

        db.ErasedKeys.AddRange(plan.Hashes.Select(hash => new ErasedKey { ScopeId = scopeId, Hash = hash, ErasedAt = now }));
        var ledger = await ForgetLedgerAsync(cancellationToken);
        await ForgetChangesAsync(ElementNames.Candidate, plan.Candidates, cancellationToken);
        await ForgetChangesAsync(ElementNames.CandidateProfile, plan.Profiles, cancellationToken);

        // Whom they name nobody can tell, so all of the scope go. Sentences of ours name nobody, and stay.
        await db.ImportRuns.Where(r => r.ScopeId == scopeId && r.SourceSaid != null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, (string?)null), cancellationToken);
        var ids = await WithOwnAsync(ledger, cancellationToken);
        await NamelessSentencesAsync(ledger, ids, cancellationToken);
        var runs = await new NamelessRuns(db, scopeId, ids).ForgetAsync(plan.SentencesSince, cancellationToken);
        await ForgetPlansAsync(cancellationToken);
        await EmptyRowsAsync(cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return new ForgottenRows(plan.Candidates.Count, plan.Profiles.Count, ledger.Count(l => l.IsWaiting), runs) { Ids = ids };
    }

    /// <summary>
    /// What waits holds payloads and goes; what has left the ledger keeps what was done and when, but no longer to whom. An entry
    /// may have left it without a row, so it is looked up by whom it names.
    /// </summary>
    /// <returns>The entries.</returns>
    private async Task<List<LedgerRow>> ForgetLedgerAsync(CancellationToken cancellationToken)
    {
        var entries = db.ActivityLogs.Where(l => l.ScopeId == scopeId);
        var found = await RowsAsync(plan.References, some => entries.Where(l => l.LastRunId != null && some.Contains(l.ReferenceId)));
        found.AddRange(await RowsAsync(plan.References, some => entries.Where(l => some.Contains(l.PersonReferenceId))));
        found.AddRange(await RowsAsync(plan.Settled, some => entries.Where(l => some.Contains(l.PersonReferenceId) && l.Status != ActivityStatus.Open && l.Status != ActivityStatus.Parked)));
        found.AddRange(await Lookups.ListAsync(
            plan.Entries, some => entries.Where(l => some.Contains(l.Id)).Select(l => new LedgerRow(l.Id, l.Status, l.ReferenceId, l.ResultData)), cancellationToken));
        found = [.. found.DistinctBy(l => l.Id)];
        var waiting = found.ToLookup(l => l.IsWaiting, l => l.Id);
        await Lookups.ForAsync(waiting[true], some => db.ActivityLogs.Where(l => some.Contains(l.Id)).ExecuteDeleteAsync(cancellationToken));
        await Lookups.ForAsync(waiting[false], some => NamelessAsync(db.ActivityLogs.Where(l => some.Contains(l.Id)), cancellationToken));
        return found;

        Task<List<LedgerRow>> RowsAsync(IEnumerable<string> references, Func<string[], IQueryable<ActivityLog>> query) =>
            Lookups.ListAsync(references, some => query(some).Select(l => new LedgerRow(l.Id, l.Status, l.ReferenceId, l.ResultData)), cancellationToken);
    }

    /// <summary>The people's ids, also those of applications that were never stored: unless they are somebody else's, of whom only a copy said otherwise.</summary>
    private async Task<HashSet<string>> WithOwnAsync(List<LedgerRow> ledger, CancellationToken cancellationToken)
    {
        var others = ledger.Select(l => l.ReferenceId).Where(id => !plan.References.Contains(id)).ToHashSet(StringComparer.Ordinal);
        others.ExceptWith(await Lookups.ListAsync(
            others.ToList(), some => db.CandidateProfiles.Where(p => p.ScopeId == scopeId && some.Contains(p.ReferenceId)).Select(p => p.ReferenceId), cancellationToken));
        return [.. plan.References, .. plan.Settled, .. others];
    }

    /// <summary>Why a record could not be stored at first stays, without the id in it.</summary>
    private async Task NamelessSentencesAsync(List<LedgerRow> ledger, HashSet<string> ids, CancellationToken cancellationToken)
    {
        foreach (var entry in ledger.Where(l => !l.IsWaiting && l.ResultData is not null))
        {
            var sentence = WholeText.WithoutIds(entry.ResultData!, ids, ErasedRow.Reference);
            await db.ActivityLogs.Where(l => l.Id == entry.Id).ExecuteUpdateAsync(set => set.SetProperty(l => l.ResultData, sentence), cancellationToken);
        }
    }

    /// <summary>What was planned of them goes, and what is left of such a plan is no longer what somebody looked at: nobody applies it.</summary>
    private async Task ForgetPlansAsync(CancellationToken cancellationToken)
    {
        var (names, found) = (plan.References.Concat(plan.Settled).ToList(), new HashSet<(Guid Run, long Number)>());
        var planned = db.PlanEntries.AsNoTracking().Where(e => e.ScopeId == scopeId);
        foreach (var entry in await Lookups.ListAsync(names, some => planned.Where(e => some.Contains(e.ReferenceId)).Select(e => new { e.RunId, e.Number }), cancellationToken))
        {
            found.Add((entry.RunId, entry.Number));
        }

        foreach (var entry in await Lookups.ListAsync(names, some => planned.Where(e => some.Contains(e.PersonReferenceId)).Select(e => new { e.RunId, e.Number }), cancellationToken))
        {
            found.Add((entry.RunId, entry.Number));
        }

        DateTimeOffset? forgotten = now;
        foreach (var run in found.GroupBy(entry => entry.Run, entry => entry.Number))
        {
            await Lookups.ForAsync(run, some => db.PlanEntries.Where(e => e.RunId == run.Key && some.Contains(e.Number)).ExecuteDeleteAsync(cancellationToken));
            await db.ImportRuns.Where(r => r.Id == run.Key && r.PlanForgottenAt == null).ExecuteUpdateAsync(set => set.SetProperty(r => r.PlanForgottenAt, forgotten), cancellationToken);
        }
    }

    /// <summary>A row may have been changed ever so often: so many entries at a time that SQL Server does not lock the table instead of them.</summary>
    private async Task ForgetChangesAsync(string element, IEnumerable<long> ids, CancellationToken cancellationToken)
    {
        var changes = await Lookups.ListAsync(
            ids.Select(id => (long?)id), some => db.ActivityLogs.Where(l => l.ElementName == element && some.Contains(l.ElementId)).Select(l => l.Id), cancellationToken);
        await Lookups.ForAsync(changes, some => NamelessAsync(db.ActivityLogs.Where(l => some.Contains(l.Id)), cancellationToken));
    }

    private static Task<int> NamelessAsync(IQueryable<ActivityLog> logs, CancellationToken cancellationToken) => logs.ExecuteUpdateAsync(
        set => set.SetProperty(l => l.ReferenceId, ErasedRow.Reference).SetProperty(l => l.PersonReferenceId, (string?)null).SetProperty(l => l.ElementDisplayName, (string?)null),
        cancellationToken);

    /// <summary>The rows are emptied where they are: what is in them is large, and nobody needs it any more.</summary>
    private async Task EmptyRowsAsync(CancellationToken cancellationToken)
    {
        await Lookups.ForAsync(plan.Unversioned, some => db.Candidates.Where(c => some.Contains(c.Id)).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.VersionReferenceId, (string?)null), cancellationToken));
        await Lookups.ForAsync(plan.Candidates, some => db.Candidates.Where(c => some.Contains(c.Id)).ExecuteUpdateAsync(
            set => set
                .SetProperty(c => c.ReferenceId, c => ErasedRow.Prefix + c.Id)
                .SetProperty(c => c.Columns, new CandidateColumns())
                .SetProperty(c => c.ContentHash, EmptyHash)
                .SetProperty(c => c.History, (string?)null)
                .SetProperty(c => c.Version, (DateTimeOffset?)null)
                .SetProperty(c => c.VersionReferenceId, (string?)null)
                .SetProperty(c => c.IsDeleted, true)
                .SetProperty(c => c.ChangedAt, now),
            cancellationToken));
        await Lookups.ForAsync(plan.Profiles, some => db.CandidateProfiles.Where(p => some.Contains(p.Id)).ExecuteUpdateAsync(
            set => set
                .SetProperty(p => p.ReferenceId, p => ErasedRow.Prefix + p.Id)
                .SetProperty(p => p.Columns, new ProfileColumns())
                .SetProperty(p => p.ContentHash, EmptyHash)
                .SetProperty(p => p.History, (string?)null)
                .SetProperty(p => p.Version, (DateTimeOffset?)null)
                .SetProperty(p => p.ReceivedAt, (DateTimeOffset?)null)
                .SetProperty(p => p.SourcePayload, (string?)null)
                .SetProperty(p => p.PayloadAt, (DateTimeOffset?)null)
                .SetProperty(p => p.SourceDigest, (byte[]?)null)
                .SetProperty(p => p.PersonKey, (byte[]?)null)
                .SetProperty(p => p.OtherCopies, (byte[]?)null)
                .SetProperty(p => p.IsDeleted, true)
                .SetProperty(p => p.ChangedAt, now),
            cancellationToken));
        if (runId is { } run)
        {
            LogRows(run);
        }
    }

    private void LogRows(Guid run)
    {
        foreach (var (element, ids) in new (string, IEnumerable<long>)[] { (ElementNames.Candidate, plan.Candidates), (ElementNames.CandidateProfile, plan.Profiles) })
        {
            foreach (var id in ids)
            {
                var log = ActivityLog.OfDone(scopeId, run, ActivityName.Erased, element, ErasedRow.Reference, now);
                log.ElementId = id;
                db.ActivityLogs.Add(log);
            }
        }
    }

    private sealed record LedgerRow(long Id, ActivityStatus Status, string ReferenceId, string? ResultData)
    {
        public bool IsWaiting => Status is ActivityStatus.Open or ActivityStatus.Parked;
    }
}

/// <summary>What an erasure has taken from the database.</summary>
/// <param name="Candidates">People whose rows were emptied.</param>
/// <param name="Profiles">Applications whose rows were emptied.</param>
/// <param name="Waiting">Records that waited, and were deleted.</param>
/// <param name="Runs">Runs in whose sentences an id stood.</param>
internal sealed record ForgottenRows(int Candidates, int Profiles, int Waiting, int Runs)
{
    public static ForgottenRows None { get; } = new(0, 0, 0, 0);

    /// <summary>The ids of the people and of their applications.</summary>
    public IReadOnlySet<string> Ids { get; init; } = new HashSet<string>();
}
