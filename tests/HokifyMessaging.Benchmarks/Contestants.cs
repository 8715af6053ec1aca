using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Benchmarks;

/// <summary>Who is measured. Each is prepared first, and what it then returns is what counts.</summary>
internal static class Contestants
{
    /// <summary>Ours, from the source to the stored result and event.</summary>
    public const string Name = "HokifyMessaging";

    private const string Reading = "reading alone";
    private const string Mapping = "reading and mapping alone";
    private const string OneByOne = "EF Core one by one";
    private const string Batched200 = "EF Core 200 at a time";
    private const string Batched1000 = "EF Core 1000 at a time";
    private const string Limit = "limit: bare prepared inserts of rows at hand";
    private const string LimitFromSource = "limit behind the same reading and mapping";

    public static IReadOnlyList<string> Of(string workload) =>
        workload == "new"
            ? [Name, Reading, Mapping, OneByOne, Batched200, Batched1000, Limit, LimitFromSource]
            : [Name, Reading, Mapping, OneByOne, Batched200, Batched1000];

    public static Task<Func<Task<int>>> Prepare(string name, Setup setup) => name switch
    {
        Name => Task.FromResult(() => ImportAsync(setup)),
        Reading => Task.FromResult(() => ReadAsync(setup)),
        Mapping => Task.FromResult(async () => await setup.MapAsync().CountAsync()),
        OneByOne => EfCorePeer.PrepareAsync(setup, batchSize: 1),
        Batched200 => EfCorePeer.PrepareAsync(setup, batchSize: 200),
        Batched1000 => EfCorePeer.PrepareAsync(setup, batchSize: 1000),
        Limit => BareInserts.PrepareAsync(setup, rowsAtHand: true),
        LimitFromSource => BareInserts.PrepareAsync(setup, rowsAtHand: false),
        _ => throw new ArgumentException($"There is no contestant '{name}'.", nameof(name)),
    };

    private static async Task<int> ImportAsync(Setup setup)
    {
        var request = new ImportRequest(Guid.NewGuid().ToString(), Setup.ScopeId, ImportMode.Full, null, DryRun: false, null);
        var slice = new ImportSlice(DateTimeOffset.MaxValue, CancellationToken.None);
        var outcome = await setup.Importer.ImportAsync(request, slice, CancellationToken.None);
        return outcome is ImportOutcome.Completed({ Result: { ErrorCount: 0 } result })
            ? result.StatsCounter[Stat.Fetched]
            : throw new InvalidOperationException($"The import ended with {outcome}.");
    }

    private static async Task<int> ReadAsync(Setup setup)
    {
        var records = 0;
        await foreach (var page in setup.ReadAsync())
            records += page.Records.Count;
        return records;
    }

    /// <summary>The run that activity logs refer to.</summary>
    public static async Task<Guid> OpenRunAsync(Setup setup)
    {
        await using var db = setup.Open();
        if (await db.Scopes.FindAsync(Setup.ScopeId) is null)
            db.Scopes.Add(new ScopeState { ScopeId = Setup.ScopeId });
        var run = new ImportRun { Id = Guid.NewGuid(), IdempotencyKey = Guid.NewGuid().ToString(), ScopeId = Setup.ScopeId, Tally = "{}", CreatedAt = setup.Clock.GetUtcNow() };
        db.ImportRuns.Add(run);
        await db.SaveChangesAsync();
        return run.Id;
    }
}

/// <summary>
/// EF Core as its documentation advises: a context per batch, one query for the rows of the batch, changes found by the
/// tracker, one SaveChanges. It keeps neither history nor a checkpoint, and counts nothing.
/// </summary>
internal static class EfCorePeer
{
    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup, int batchSize)
    {
        var run = await Contestants.OpenRunAsync(setup);
        return async () =>
        {
            var records = 0;
            await foreach (var batch in setup.MapAsync().Chunk(batchSize))
            {
                await WriteAsync(setup, run, batch);
                records += batch.Length;
            }

            return records;
        };
    }

    private static async Task WriteAsync(Setup setup, Guid run, MappedApplication[] batch)
    {
        await using var db = setup.Open();
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        var now = setup.Clock.GetUtcNow();
        var (people, ids) = (batch.Select(a => a.PersonId.Value).Distinct().ToList(), batch.Select(a => a.Id.Value).ToList());
        var candidates = await db.Candidates.Where(c => c.ScopeId == Setup.ScopeId && EF.Parameter(people).Contains(c.ReferenceId)).ToDictionaryAsync(c => c.ReferenceId);
        var profiles = await db.CandidateProfiles.Where(p => p.ScopeId == Setup.ScopeId && EF.Parameter(ids).Contains(p.ReferenceId)).ToDictionaryAsync(p => p.ReferenceId);
        foreach (var application in batch)
        {
            if (!candidates.TryGetValue(application.PersonId.Value, out var candidate))
            {
                candidates[application.PersonId.Value] = candidate = new Candidate
                {
                    ScopeId = Setup.ScopeId,
                    ReferenceId = application.PersonId.Value,
                    Columns = application.Candidate,
                    ContentHash = application.CandidateHash,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                db.Candidates.Add(candidate);
            }

            (candidate.Columns, candidate.ContentHash) = (application.Candidate, application.CandidateHash);
            (candidate.Version, candidate.VersionReferenceId) = (application.Version, application.Id.Value);
            if (!profiles.TryGetValue(application.Id.Value, out var profile))
            {
                profiles[application.Id.Value] = profile = new CandidateProfile
                {
                    ScopeId = Setup.ScopeId,
                    ReferenceId = application.Id.Value,
                    Columns = application.Profile,
                    ContentHash = application.ProfileHash,
                    CreatedAt = now,
                    ChangedAt = now,
                };
                db.CandidateProfiles.Add(profile);
            }

            (profile.Columns, profile.ContentHash, profile.Candidate) = (application.Profile, application.ProfileHash, candidate);
            (profile.Version, profile.SourcePayload) = (application.Version, application.Payload);
        }

        await using var transaction = await db.Database.BeginTransactionAsync();
        db.ChangeTracker.DetectChanges();
        var changed = db.ChangeTracker.Entries().Where(e => e.State is EntityState.Added or EntityState.Modified).Select(e => (e.Entity, e.State)).ToList();
        foreach (var entity in changed.Where(c => c.State == EntityState.Modified).Select(c => c.Entity))
        {
            if (entity is Candidate candidate)
                candidate.ChangedAt = now;
            else
                ((CandidateProfile)entity).ChangedAt = now;
        }

        db.ChangeTracker.DetectChanges();
        await db.SaveChangesAsync();
        foreach (var (entity, state) in changed)
        {
            var (element, reference, id, name) = entity is Candidate c
                ? (ElementNames.Candidate, c.ReferenceId, c.Id, null)
                : entity is CandidateProfile p ? (ElementNames.CandidateProfile, p.ReferenceId, p.Id, p.Columns.Name) : throw new InvalidOperationException();
            var log = ActivityLog.OfDone(Setup.ScopeId, run, state == EntityState.Added ? ActivityNames.Created : ActivityNames.Updated, element, reference, now);
            (log.ElementId, log.ElementDisplayName) = (id, name);
            db.ActivityLogs.Add(log);
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
