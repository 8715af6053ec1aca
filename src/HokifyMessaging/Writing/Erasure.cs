using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>An application, its person or one of their addresses is among the erased.</summary>
/// <param name="At">When that was.</param>
/// <param name="IsWhole">Whether all by which the application can be recognized is remembered.</param>
internal readonly record struct ErasedBefore(DateTimeOffset At, bool IsWhole);

/// <summary>What an erasure removed.</summary>
internal sealed record ErasedRows(IReadOnlyList<long> Candidates, IReadOnlyList<long> Profiles);

/// <summary>
/// Removes a person: columns, payloads, history and ledger entries go; the empty rows stay, so that what refers to them
/// still does, and keyed hashes stay, so that nothing brings the person back.
/// </summary>
internal sealed class Erasure(ErasureSecret secret, TimeProvider clock)
{
    private static readonly byte[] EmptyHash = new byte[16];

    /// <summary>
    /// The applications among these that were erased earlier. Each copy of an application is asked for by itself: copies may
    /// name different people.
    /// </summary>
    public async Task<IReadOnlyDictionary<IncomingApplication, ErasedBefore>> FindErasedAsync(
        HokifyDbContext db, RunInProgress run, IReadOnlyList<MappedApplication> applications, CancellationToken cancellationToken)
    {
        var found = new Dictionary<IncomingApplication, ErasedBefore>(ReferenceEqualityComparer.Instance);
        if (!run.MayHaveErased)
        {
            return found;
        }

        var scopeId = run.Request.ScopeId;
        var keys = applications.Select(a => (Application: a, Keys: KeysOf(scopeId, a).ToList())).ToList();
        var known = await KnownAsync(db, scopeId, keys.SelectMany(k => k.Keys).Select(k => k.Hash), cancellationToken);
        foreach (var (application, hashes) in keys)
        {
            // An address may belong to a person who came back and applied anew; an id never does.
            var times = hashes
                .Select(key => known.TryGetValue(Convert.ToHexString(key.Hash), out var at)
                    && (!key.IsAddress || application.Profile.DatePublish is not { } applied || applied <= at) ? at : (DateTimeOffset?)null)
                .ToList();
            if (times.OfType<DateTimeOffset>().Any())
            {
                found[application] = new ErasedBefore(times.OfType<DateTimeOffset>().First(), times.TrueForAll(at => at is not null));
            }
        }

        return found;
    }

    /// <summary>The failures among these that nothing may be kept of, because their person was erased.</summary>
    public async Task<IReadOnlyList<RecordFailure>> FindErasedAsync(
        HokifyDbContext db, int scopeId, IReadOnlyList<RecordFailure> failures, CancellationToken cancellationToken)
    {
        var keys = failures.Select(f => (Failure: f, Hashes: Identities(scopeId, f.Application, f.Person).ToList())).ToList();
        var known = await KnownAsync(db, scopeId, keys.SelectMany(k => k.Hashes), cancellationToken);
        return [.. keys.Where(k => k.Hashes.Any(hash => known.ContainsKey(Convert.ToHexString(hash)))).Select(k => k.Failure)];
    }

    private static async Task<Dictionary<string, DateTimeOffset>> KnownAsync(
        HokifyDbContext db, int scopeId, IEnumerable<byte[]> wanted, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, DateTimeOffset>();
        foreach (var hashes in wanted.Chunk(500))
        {
            await foreach (var erased in db.ErasedKeys.AsNoTracking()
                .Where(e => e.ScopeId == scopeId && hashes.Contains(e.Hash)).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                known[Convert.ToHexString(erased.Hash)] = erased.ErasedAt;
            }
        }

        return known;
    }

    /// <summary>Erases the person behind one application.</summary>
    public async Task<ErasedRows> EraseAsync(
        HokifyDbContext db, RunInProgress run, IncomingApplication application, CancellationToken cancellationToken)
    {
        var scopeId = run.Request.ScopeId;
        run.MayHaveErased = true;
        var person = application.PersonId.Value;
        var id = application.Id.Value;
        var candidates = await db.Candidates
            .Where(c => c.ScopeId == scopeId && (c.ReferenceId == person
                || db.CandidateProfiles.Any(p => p.ScopeId == scopeId && p.ReferenceId == id && p.CandidateId == c.Id)))
            .ToListAsync(cancellationToken);

        // The same person may also be there by address, from a source that knows no user ids.
        candidates.AddRange(await FindByAddressAsync(db, scopeId, candidates, cancellationToken));
        candidates = [.. candidates.DistinctBy(c => c.Id)];

        var candidateIds = candidates.Select(c => c.Id).ToList();
        var profiles = await db.CandidateProfiles
            .Where(p => p.ScopeId == scopeId && EF.Parameter(candidateIds).Contains(p.CandidateId)).ToListAsync(cancellationToken);

        await RememberAsync(
            db,
            scopeId,
            [
                .. Identities(scopeId, application.Id, application.PersonId),
                .. candidates.SelectMany(c => Addresses(scopeId, c.Columns).Append(secret.Hash(scopeId, "person", c.ReferenceId))),
                .. profiles.Select(p => secret.Hash(scopeId, "application", p.ReferenceId)),
            ],
            cancellationToken);
        await ForgetActivitiesAsync(db, scopeId, [person, id, .. candidates.Select(c => c.ReferenceId), .. profiles.Select(p => p.ReferenceId)], candidateIds, [.. profiles.Select(p => p.Id)], cancellationToken);

        // Whom they name nobody can tell, so all of the scope go. Sentences of ours name nobody, and stay.
        await db.ImportRuns.Where(r => r.ScopeId == scopeId && r.SourceSaid != null)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, (string?)null), cancellationToken);

        foreach (var candidate in candidates)
        {
            (candidate.ReferenceId, candidate.Columns, candidate.ContentHash) = (Pseudonym(candidate.Id), new CandidateColumns(), EmptyHash);
            (candidate.History, candidate.Version, candidate.VersionReferenceId) = (null, null, null);
            (candidate.IsDeleted, candidate.ChangedAt) = (true, clock.GetUtcNow());
            db.ActivityLogs.Add(Log(run, ElementNames.Candidate, candidate.Id, clock.GetUtcNow()));
        }

        foreach (var profile in profiles)
        {
            (profile.ReferenceId, profile.Columns, profile.ContentHash) = (Pseudonym(profile.Id), new ProfileColumns(), EmptyHash);
            (profile.History, profile.Version, profile.SourcePayload, profile.SourceDigest) = (null, null, null, null);
            (profile.PersonKey, profile.OtherCopies) = (null, null);
            (profile.IsDeleted, profile.ChangedAt) = (true, clock.GetUtcNow());
            db.ActivityLogs.Add(Log(run, ElementNames.CandidateProfile, profile.Id, clock.GetUtcNow()));
        }

        await db.SaveChangesAsync(cancellationToken);
        return new ErasedRows(candidateIds, [.. profiles.Select(p => p.Id)]);
    }

    /// <summary>
    /// The rows of the same people that a source without ids of people has made: under the address and the name, with which others
    /// of that address have nothing to do, or under the address alone, from before names were looked at.
    /// </summary>
    private static async Task<List<Candidate>> FindByAddressAsync(HokifyDbContext db, int scopeId, List<Candidate> candidates, CancellationToken cancellationToken)
    {
        var keys = candidates.SelectMany(c => KeysOf(c.Columns)).Distinct().ToList();
        var stored = keys.ConvertAll(key => key.ToBytes());
        var found = await db.Candidates
            .Where(c => c.ScopeId == scopeId && db.CandidateProfiles.Any(p => p.ScopeId == scopeId && p.CandidateId == c.Id && stored.Contains(p.PersonKey)))
            .ToListAsync(cancellationToken);
        found.AddRange(await db.Candidates
            .Where(c => c.ScopeId == scopeId)
            .WithIdIn(db, c => c.ReferenceId, keys.Select(key => PersonId.Of(key).Value).Concat(candidates.SelectMany(c => AddressesOf(c.Columns)).Select(a => PersonId.OfAddress(a).Value)))
            .ToListAsync(cancellationToken));
        return found;
    }

    private async Task RememberAsync(HokifyDbContext db, int scopeId, IEnumerable<byte[]> hashes, CancellationToken cancellationToken)
    {
        foreach (var hash in hashes.DistinctBy(Convert.ToHexString))
        {
            if (!await db.ErasedKeys.AnyAsync(e => e.ScopeId == scopeId && e.Hash == hash, cancellationToken))
            {
                db.ErasedKeys.Add(new ErasedKey { ScopeId = scopeId, Hash = hash, ErasedAt = clock.GetUtcNow() });
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ledger entries hold payloads and go; the other entries keep what was done and when, but no longer to whom.</summary>
    private static async Task ForgetActivitiesAsync(
        HokifyDbContext db, int scopeId, List<string> references, List<long> candidateIds, List<long> profileIds, CancellationToken cancellationToken)
    {
        var entries = db.ActivityLogs.Where(l => l.ScopeId == scopeId && l.Data != null);
        await entries.WithIdIn(db, l => l.ReferenceId, references).ExecuteDeleteAsync(cancellationToken);
        await entries.WithIdIn(db, l => l.PersonReferenceId, references).ExecuteDeleteAsync(cancellationToken);
        await db.ActivityLogs
            .Where(l => l.ScopeId == scopeId && l.ElementId != null
                && ((l.ElementName == ElementNames.Candidate && EF.Parameter(candidateIds).Contains(l.ElementId.Value))
                    || (l.ElementName == ElementNames.CandidateProfile && EF.Parameter(profileIds).Contains(l.ElementId.Value))))
            .ExecuteUpdateAsync(
                set => set
                    .SetProperty(l => l.ReferenceId, "erased")
                    .SetProperty(l => l.PersonReferenceId, (string?)null)
                    .SetProperty(l => l.ElementDisplayName, (string?)null),
                cancellationToken);
    }

    private IEnumerable<(byte[] Hash, bool IsAddress)> KeysOf(int scopeId, MappedApplication application)
    {
        foreach (var identity in Identities(scopeId, application.Id, application.PersonId))
        {
            yield return (identity, false);
        }

        if (application.PersonId.IsDerived)
        {
            foreach (var address in Addresses(scopeId, application.Candidate).Concat(AddressesOf(application.Candidate).Select(a => secret.Hash(scopeId, "address", a))))
            {
                yield return (address, true);
            }
        }
    }

    private IEnumerable<byte[]> Identities(int scopeId, ApplicationId? application, PersonId? person)
    {
        if (application is { } id)
        {
            yield return secret.Hash(scopeId, "application", id.Value);
        }

        if (person is { IsDerived: false } known)
        {
            yield return secret.Hash(scopeId, "person", known.Value);
        }
    }

    /// <summary>An address is remembered with the names beside it: others of the same address are not kept out. By itself it is where there is no name, and was before names were looked at.</summary>
    private IEnumerable<byte[]> Addresses(int scopeId, CandidateColumns person)
    {
        var keys = KeysOf(person).ToList();
        return keys.Count > 0
            ? keys.Select(key => secret.Hash(scopeId, "address and name", PersonId.Of(key).Value))
            : AddressesOf(person).Select(a => secret.Hash(scopeId, "address", a));
    }

    private static IEnumerable<string> AddressesOf(CandidateColumns person) => new[] { person.Email, person.HokifyMail }.OfType<string>().Where(a => a.Length > 0);

    private static IEnumerable<PersonKey> KeysOf(CandidateColumns person) => AddressesOf(person)
        .SelectMany(a => new[] { PersonKey.Of(a, person.DisplayName), PersonKey.Of(a, $"{person.FirstName} {person.LastName}") })
        .Where(key => key.IsWhole)
        .Distinct();

    private static string Pseudonym(long id) => FormattableString.Invariant($"erased:{id}");

    private static ActivityLog Log(RunInProgress run, string element, long id, DateTimeOffset now)
    {
        var log = ActivityLog.OfDone(run.Request.ScopeId, run.RunId, ActivityNames.Erased, element, "erased", now);
        log.ElementId = id;
        return log;
    }
}
