using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Writing;

/// <summary>An application, its person or one of their addresses is among the erased.</summary>
/// <param name="At">When that was.</param>
/// <param name="IsWhole">Whether all by which the application can be recognized is remembered.</param>
internal readonly record struct ErasedBefore(DateTimeOffset At, bool IsWhole);

/// <summary>How many rows an erasure emptied.</summary>
internal readonly record struct ErasedRows(int Candidates, int Profiles);

/// <summary>
/// Removes people: columns, payloads, history and ledger entries go; the empty rows stay, so that what refers to them
/// still does, and keyed hashes stay, so that nothing brings the people back.
/// </summary>
internal sealed class Erasure(ErasureSecret secret, TimeProvider clock)
{
    private readonly ErasureHashes _hashes = new(secret);

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
        var keys = applications.Select(a => (Application: a, Keys: _hashes.Of(scopeId, a).ToList())).ToList();
        var known = await KnownAsync(db, scopeId, keys.SelectMany(k => k.Keys).Select(k => k.Hash), cancellationToken);
        foreach (var (application, hashes) in keys)
        {
            if (Before(application, hashes, known) is { } before)
            {
                found[application] = before;
            }
        }

        return found;
    }

    /// <summary>The failures among these that nothing may be kept of, because their person was erased.</summary>
    public async Task<IReadOnlyList<RecordFailure>> FindErasedAsync(
        HokifyDbContext db, int scopeId, IReadOnlyList<RecordFailure> failures, CancellationToken cancellationToken)
    {
        var keys = failures.Select(f => (Failure: f, Hashes: _hashes.Identities(scopeId, f.Application, f.Person).ToList())).ToList();
        var known = await KnownAsync(db, scopeId, keys.SelectMany(k => k.Hashes), cancellationToken);
        return [.. keys.Where(k => k.Hashes.Any(hash => known.ContainsKey(Convert.ToHexString(hash)))).Select(k => k.Failure)];
    }

    /// <summary>
    /// Erases the people behind some applications, as if each came after what the one before it has left; but what is to be asked
    /// and what is to be written is so for all of them at once.
    /// </summary>
    /// <returns>For each of them what it removed; null where the person had been erased before and nothing has come since.</returns>
    public async Task<IReadOnlyList<ErasedRows?>> EraseAsync(
        HokifyDbContext db, RunInProgress run, IReadOnlyList<MappedApplication> applications, CancellationToken cancellationToken)
    {
        var (scopeId, now) = (run.Request.ScopeId, clock.GetUtcNow());
        var rows = await ErasableRows.FindAsync(db, scopeId, applications, cancellationToken);
        var known = run.MayHaveErased ? await KnownAsync(db, scopeId, applications.SelectMany(a => _hashes.Of(scopeId, a)).Select(k => k.Hash).Concat(HashesOf(scopeId, rows)), cancellationToken) : [];
        var forgotten = new ForgottenPeople(db, run, now);
        var outcomes = new List<ErasedRows?>(applications.Count);
        foreach (var application in applications)
        {
            var before = Before(application, _hashes.Of(scopeId, application), known);
            if (before is { IsWhole: true } && !rows.Has(application))
            {
                outcomes.Add(null);
                continue;
            }

            var (candidates, profiles) = rows.Take(application);
            forgotten.Add(application, candidates, profiles);
            foreach (var hash in _hashes.Identities(scopeId, application.Id, application.PersonId)
                .Concat(candidates.SelectMany(c => _hashes.Of(scopeId, c.ReferenceId, c.Columns)))
                .Concat(profiles.Select(p => _hashes.Application(scopeId, p.ReferenceId))))
            {
                if (known.TryAdd(Convert.ToHexString(hash), now))
                {
                    db.ErasedKeys.Add(new ErasedKey { ScopeId = scopeId, Hash = hash, ErasedAt = now });
                }
            }

            // Whoever was erased before we ever stored anything is remembered, and counted, as well.
            outcomes.Add(candidates.Count + profiles.Count > 0 || before is null ? new ErasedRows(candidates.Count, profiles.Count) : null);
        }

        run.MayHaveErased = true;
        await forgotten.ForgetAsync(cancellationToken);
        return outcomes;
    }

    private IEnumerable<byte[]> HashesOf(int scopeId, ErasableRows rows) =>
        rows.Candidates.SelectMany(c => _hashes.Of(scopeId, c.ReferenceId, c.Columns)).Concat(rows.Profiles.Select(p => _hashes.Application(scopeId, p.ReferenceId)));

    private static ErasedBefore? Before(MappedApplication application, IEnumerable<(byte[] Hash, bool IsAddress)> hashes, Dictionary<string, DateTimeOffset> known)
    {
        // An address may belong to a person who came back and applied anew; an id never does.
        var times = hashes
            .Select(key => known.TryGetValue(Convert.ToHexString(key.Hash), out var at)
                && (!key.IsAddress || application.Profile.DatePublish is not { } applied || applied <= at) ? at : (DateTimeOffset?)null)
            .ToList();
        return times.OfType<DateTimeOffset>().Any()
            ? new ErasedBefore(times.OfType<DateTimeOffset>().First(), times.TrueForAll(at => at is not null))
            : null;
    }

    private static async Task<Dictionary<string, DateTimeOffset>> KnownAsync(
        HokifyDbContext db, int scopeId, IEnumerable<byte[]> wanted, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, DateTimeOffset>();
        foreach (var erased in await Lookups.ListAsync(wanted, hashes => db.ErasedKeys.AsNoTracking().Where(e => e.ScopeId == scopeId && hashes.Contains(e.Hash)), cancellationToken))
        {
            known[Convert.ToHexString(erased.Hash)] = erased.ErasedAt;
        }

        return known;
    }
}
