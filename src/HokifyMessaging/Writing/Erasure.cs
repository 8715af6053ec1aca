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

/// <summary>Who of some records was erased earlier.</summary>
/// <param name="applications">When that was, for the applications of whom it is known.</param>
/// <param name="failed">The records that could not be understood and nothing may be kept of all the same.</param>
internal sealed class KnownErasures(IReadOnlyDictionary<IncomingApplication, ErasedBefore> applications, IReadOnlySet<RecordFailure> failed)
{
    public static KnownErasures None { get; } = new(new Dictionary<IncomingApplication, ErasedBefore>(), new HashSet<RecordFailure>());

    /// <summary>Each copy of an application is asked for by itself: copies may name different people.</summary>
    public ErasedBefore? Of(IncomingApplication application) => applications.TryGetValue(application, out var before) ? before : null;

    public bool Contains(RecordFailure failure) => failed.Contains(failure);

    /// <summary>These, and some applications that are erased by now.</summary>
    public KnownErasures With(IEnumerable<IncomingApplication> erased, DateTimeOffset at)
    {
        var all = new Dictionary<IncomingApplication, ErasedBefore>(applications, ReferenceEqualityComparer.Instance);
        foreach (var application in erased)
        {
            all.TryAdd(application, new ErasedBefore(at, IsWhole: true));
        }

        return new KnownErasures(all, failed);
    }
}

/// <summary>
/// Removes people: columns, payloads, history and ledger entries go; the empty rows stay, so that what refers to them
/// still does, and keyed hashes stay, so that nothing brings the people back.
/// </summary>
internal sealed class Erasure(ErasureSecret secret)
{
    private readonly ErasureHashes _hashes = new(secret);

    /// <summary>Who of these was erased earlier.</summary>
    public async Task<KnownErasures> FindErasedAsync(HokifyDbContext db, RunInProgress run, FoundBatch found, CancellationToken cancellationToken)
    {
        if (!run.Progress.MayHaveErased)
        {
            return KnownErasures.None;
        }

        await secret.RequireUnchangedAsync(db, cancellationToken);
        var scopeId = run.Request.ScopeId;
        var applications = found.Arrived.Select(a => a.Application).OfType<MappedApplication>().Select(a => (Application: a, Keys: _hashes.Of(scopeId, a).ToList())).ToList();
        var failed = found.Failed.Select(f => (f.Failure, Keys: _hashes.Of(scopeId, f.Failure).ToList())).ToList();
        var hashes = applications.SelectMany(a => a.Keys.Select(k => k.Hash).Append(_hashes.ForgottenApplication(scopeId, a.Application.Id.Value)));
        var known = await KnownAsync(db, scopeId, hashes.Concat(failed.SelectMany(f => f.Keys).Select(k => k.Hash)), cancellationToken);
        var before = new Dictionary<IncomingApplication, ErasedBefore>(ReferenceEqualityComparer.Instance);
        foreach (var (application, keys) in applications)
        {
            if ((Before(application.Profile.DatePublish, keys, known) ?? ForgottenBefore(scopeId, application, known)) is { } erased)
            {
                before[application] = erased;
            }
        }

        return new KnownErasures(before, failed.Where(f => Before(f.Failure.AppliedAt, f.Keys, known) is not null).Select(f => f.Failure).ToHashSet());
    }

    /// <summary>What there is to be known before people are erased.</summary>
    public async Task<ErasableRows> FindErasableAsync(
        HokifyDbContext db, RunInProgress run, IReadOnlyList<MappedApplication> applications, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await secret.RequireUnchangedAsync(db, cancellationToken);
        var scopeId = run.Request.ScopeId;
        var rows = await ErasableRows.FindAsync(db, scopeId, applications, cancellationToken);
        rows.Held = await HeldRows.FindAsync(db, scopeId, now, cancellationToken);
        if (run.Progress.MayHaveErased)
        {
            var hashes = applications.SelectMany(a => _hashes.Of(scopeId, a)).Select(k => k.Hash).Concat(_hashes.Of(scopeId, rows.Candidates, rows.Profiles));
            rows.Known = await KnownAsync(db, scopeId, hashes, cancellationToken);
        }

        return rows;
    }

    /// <summary>Stores requests for those who are on hold, in the caller's transaction.</summary>
    public async Task DeferAsync(HokifyDbContext db, int scopeId, ErasurePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (candidates, until) in plan.Deferred)
        {
            await new DeferredErasures(secret, "hokify", "hokify has erased the person").StoreAsync(db, scopeId, candidates, until, now, cancellationToken);
        }
    }

    /// <summary>
    /// What is to be erased with some applications, as if each came after what the one before it has left; but what is to be asked
    /// and what is to be written is so for all of them at once.
    /// </summary>
    public ErasurePlan Plan(ErasableRows rows, int scopeId, IReadOnlyList<MappedApplication> applications, DateTimeOffset now)
    {
        var plan = new ErasurePlan();
        var known = new Dictionary<string, DateTimeOffset>(rows.Known);
        foreach (var application in applications)
        {
            var before = Before(application.Profile.DatePublish, _hashes.Of(scopeId, application), known);
            var (candidates, profiles) = rows.Behind(application, plan.Candidates);
            if (before is { IsWhole: true } && candidates.Count == 0)
            {
                plan.Outcomes.Add(null);
                continue;
            }

            if (rows.Held?.HoldOf([.. candidates.Select(c => c.Id)], [.. profiles.Select(p => p.Id)]) is { IsHeld: true, Until: var until })
            {
                plan.Deferred.Add(([.. candidates.Select(c => c.Id)], until));
                plan.Outcomes.Add(null);
                continue;
            }

            plan.Take([application.PersonId.Value, application.Id.Value], candidates, profiles);
            var hashes = _hashes.Identities(scopeId, application.Id, application.PersonId).Concat(_hashes.Of(scopeId, candidates, profiles));
            plan.Hashes.AddRange(hashes.Where(hash => known.TryAdd(Convert.ToHexString(hash), now)));

            // Whoever was erased before we ever stored anything is remembered, and counted, as well.
            plan.Outcomes.Add(candidates.Count + profiles.Count > 0 || before is null ? new ErasedRows(candidates.Count, profiles.Count) : null);
        }

        return plan;
    }

    /// <summary>An application that was forgotten in time. It says nothing of its person, whom hokify may erase after it.</summary>
    private ErasedBefore? ForgottenBefore(int scopeId, MappedApplication application, Dictionary<string, DateTimeOffset> known) =>
        !application.PrivacyAutoDeleted && known.TryGetValue(Convert.ToHexString(_hashes.ForgottenApplication(scopeId, application.Id.Value)), out var at)
            ? new ErasedBefore(at, IsWhole: false)
            : null;

    private static ErasedBefore? Before(DateTimeOffset? appliedAt, IEnumerable<(byte[] Hash, bool IsAddress)> hashes, Dictionary<string, DateTimeOffset> known)
    {
        // An address may belong to a person who came back and applied anew; an id never does.
        var times = hashes
            .Select(key => known.TryGetValue(Convert.ToHexString(key.Hash), out var at)
                && (!key.IsAddress || appliedAt is not { } applied || applied <= at) ? at : (DateTimeOffset?)null)
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
