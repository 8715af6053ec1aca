using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>That somebody was erased, without saying who: what one database tells another.</summary>
/// <param name="ScopeId">In which scope.</param>
/// <param name="Hash">A keyed hash of one of the person's ids or addresses.</param>
/// <param name="ErasedAt">When that was.</param>
internal sealed record RememberedErasure(int ScopeId, byte[] Hash, DateTimeOffset ErasedAt);

/// <summary>What became of a database that was told who was erased.</summary>
/// <param name="Hashes">How many of the hashes were new to it.</param>
/// <param name="People">How many people it still had.</param>
/// <param name="Applications">How many applications they had there.</param>
internal sealed record ErasedAgain(int Hashes, int People, int Applications)
{
    public ErasedAgain Plus(ErasedAgain other) => new(Hashes + other.Hashes, People + other.People, Applications + other.Applications);
}

/// <summary>
/// Erases in a database whom another one has erased. The hashes are remembered first, so that nobody comes back from then on; then the
/// rows are looked for to which they belong, by hashing each of them as well. To do it again changes nothing.
/// </summary>
/// <param name="secret">The key that the hashes were made with.</param>
/// <param name="clock">The time.</param>
internal sealed class ErasureReplay(ErasureSecret secret, TimeProvider clock)
{
    /// <summary>How much one transaction writes: more, and SQL Server would lock tables, and SQLite keep others waiting.</summary>
    private const int HashesAtATime = 1_000;
    private const int PeopleAtATime = 100;

    private readonly ErasureHashes _hashes = new(secret);
    private readonly DeferredErasures _deferred = new(secret, AuditEntry.Shown(Environment.UserName, AuditEntry.NameLength), "another database has erased the person");

    /// <param name="db">Reads what is there.</param>
    /// <param name="scopeId">The scope, in which nobody else writes meanwhile.</param>
    /// <param name="erasures">Who was erased in it.</param>
    /// <param name="commit">Writes.</param>
    /// <param name="cancellationToken">Gives up; what was committed stays.</param>
    public async Task<ErasedAgain> ReplayAsync(
        HokifyDbContext db, int scopeId, IReadOnlyCollection<RememberedErasure> erasures, CommitOf commit, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, DateTimeOffset>();
        foreach (var erasure in erasures.Where(e => e.ScopeId == scopeId))
        {
            known.TryAdd(Convert.ToHexString(erasure.Hash), erasure.ErasedAt);
        }

        var again = new ErasedAgain(0, 0, 0);
        foreach (var some in known.Chunk(HashesAtATime))
        {
            var added = 0;
            await commit(async (writing, token) => added = await RememberAsync(writing, scopeId, some, token));
            again = again with { Hashes = again.Hashes + added };
        }

        var named = await new RowsOfTheErased(db, scopeId, _hashes, known).FindAsync(cancellationToken);
        foreach (var kind in named.ToLookup(n => n.IsForgotten).OrderBy(kind => kind.Key))
        {
            foreach (var some in kind.Chunk(PeopleAtATime))
            {
                var forgotten = new ErasedRows();
                await commit(async (writing, token) => forgotten = kind.Key
                    ? await ForgetApplicationsAsync(writing, scopeId, some, token)
                    : await ForgetAsync(writing, scopeId, some, token));
                again = again with { People = again.People + forgotten.Candidates, Applications = again.Applications + forgotten.Profiles };
            }
        }

        return again;
    }

    /// <returns>How many of the hashes were not there.</returns>
    private static async Task<int> RememberAsync(
        HokifyDbContext db, int scopeId, KeyValuePair<string, DateTimeOffset>[] known, CancellationToken cancellationToken)
    {
        var missing = await ErasedKeys.MissingAsync(db, scopeId, [.. known.Select(k => (Convert.FromHexString(k.Key), k.Value))], cancellationToken);
        if (missing.Count > 0)
        {
            db.ErasedKeys.AddRange(missing);
            await db.SaveChangesAsync(cancellationToken);

            // Whom the source's words name nobody can tell.
            await db.ImportRuns.Where(r => r.ScopeId == scopeId && r.SourceSaid != null)
                .ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, (string?)null), cancellationToken);
        }

        return missing.Count;
    }

    private async Task<ErasedRows> ForgetApplicationsAsync(HokifyDbContext db, int scopeId, NamedByHash[] named, CancellationToken cancellationToken)
    {
        var ids = named.Select(n => n.Reference).Distinct().ToList();
        var rows = await Lookups.ListAsync(ids, some => db.CandidateProfiles.Where(p => p.ScopeId == scopeId && some.Contains(p.ReferenceId)).Select(p => p.Id), cancellationToken);
        var applications = new ForgottenApplications(db, scopeId, _hashes);
        var gone = await applications.ForgetAsync(await applications.PlanAsync(rows, ids, cancellationToken), clock.GetUtcNow(), cancellationToken);
        return new ErasedRows(gone.Candidates, gone.Profiles);
    }

    private async Task<ErasedRows> ForgetAsync(HokifyDbContext db, int scopeId, NamedByHash[] named, CancellationToken cancellationToken)
    {
        // What has become of them since they were found decides, and who is the same by their addresses goes along.
        var references = named.Select(n => n.Reference).Distinct().ToList();
        var rows = await ErasableRows.FindAsync(db, scopeId, references, references, cancellationToken);
        var holds = await HeldRows.FindAsync(db, scopeId, clock.GetUtcNow(), cancellationToken);
        var held = rows.Candidates.Where(c => HoldOf(c) is { IsHeld: true }).ToList();
        if (held.Count > 0)
        {
            await _deferred.StoreAsync(db, scopeId, held.Select(c => c.Id), LatestOf(held.ConvertAll(c => HoldOf(c).Until)), clock.GetUtcNow(), cancellationToken);
        }

        var heldIds = held.Select(c => c.Id).ToHashSet();
        var at = named.Max(n => n.ErasedAt);
        var times = named.GroupBy(n => n.Reference).ToDictionary(of => of.Key, of => of.Max(n => n.ErasedAt));
        var (candidates, profiles) = (rows.Candidates.Where(c => !heldIds.Contains(c.Id)).ToList(), rows.Profiles.Where(p => !heldIds.Contains(p.CandidateId)).ToList());
        var hashes = candidates.SelectMany(c => _hashes.Of(scopeId, [c], []).Select(hash => (hash, TimeOf(c.ReferenceId))))
            .Concat(profiles.SelectMany(p => _hashes.Of(scopeId, [], [p]).Select(hash => (hash, TimeOf(p.ReferenceId)))));
        db.ErasedKeys.AddRange(await ErasedKeys.MissingAsync(db, scopeId, [.. hashes], cancellationToken));

        var plan = new ErasurePlan();
        var kept = held.Select(c => c.ReferenceId).Concat(rows.Profiles.Where(p => heldIds.Contains(p.CandidateId)).Select(p => p.ReferenceId)).ToHashSet(StringComparer.Ordinal);
        plan.Take(references.Where(reference => !kept.Contains(reference)), candidates, profiles);
        await new ForgottenPeople(db, plan, scopeId, runId: null, clock.GetUtcNow()).ForgetAsync(cancellationToken);
        return new ErasedRows(plan.Candidates.Count, plan.Profiles.Count);

        (bool IsHeld, DateTimeOffset? Until) HoldOf(ErasableCandidate candidate) => holds.HoldOf([candidate.Id], [.. rows.ProfilesOf(candidate.Id).Select(p => p.Id)]);

        // One hold without an end is enough.
        static DateTimeOffset? LatestOf(List<DateTimeOffset?> ends) => ends.Contains(null) ? null : ends.Max();

        DateTimeOffset TimeOf(string reference) => times.GetValueOrDefault(reference, at);
    }
}
