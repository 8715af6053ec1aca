using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SQLitePCL;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>A SQLite file in a folder of its own that other processes work on and the test looks into.</summary>
internal sealed class HokifyDatabase : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-database-");
    private readonly HokifyDbContexts _contexts;

    private HokifyDatabase() =>
        // What the test opens it closes: a pooled connection would keep the file's locks and its own view of the file.
        _contexts = new HokifyDbContexts(Options.Create(new DatabaseOptions { ConnectionString = $"{ConnectionString};Pooling=False" }), []);

    public string ConnectionString => ConnectionStringOf("hokify.db");

    /// <summary>Where the file and what belongs to it lies.</summary>
    public string Folder => _folder.FullName;

    public string File => Path.Combine(Folder, "hokify.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<HokifyDatabase> CreateAsync()
    {
        var database = new HokifyDatabase();
        await MigratedFile.PlaceAsync(database.File);
        return database;
    }

    /// <summary>A file beside the database.</summary>
    public string ConnectionStringOf(string file) => $"Data Source={Path.Combine(Folder, file)}";

    public async Task<T> QueryAsync<T>(Func<HokifyDbContext, Task<T>> query)
    {
        await using var db = _contexts.CreateDbContext();
        return await query(db);
    }

    /// <summary>Puts runs that nobody works on into the database, as a broker that lost their messages leaves them there.</summary>
    public Task QueueAsync(params ImportRequest[] requests) => QueryAsync(async db =>
    {
        foreach (var scopeId in requests.Select(r => r.ScopeId).Distinct())
        {
            if (!await db.Scopes.AnyAsync(s => s.ScopeId == scopeId, Cancel))
            {
                db.Scopes.Add(new ScopeState { ScopeId = scopeId });
            }
        }

        var now = TimeProvider.System.GetUtcNow();
        db.ImportRuns.AddRange(requests.Select((request, place) => new ImportRun
        {
            Id = Guid.NewGuid(),
            IdempotencyKey = request.IdempotencyKey,
            ScopeId = request.ScopeId,
            ImportMode = request.ImportMode,
            UnixSecondsFrom = request.UnixSecondsFrom,
            DryRun = request.DryRun,
            State = RunState.Queued,
            Phase = request.DryRun ? RunPhase.Reading : RunPhase.Retrying,
            CreatedAt = now.AddMilliseconds(place),
            Tally = ImportTally.ForNewRun().ToJson(),
        }));
        return await db.SaveChangesAsync(Cancel);
    });

    public Task QueueFullAsync(string key) => QueueAsync(new ImportRequest(key, 1, ImportMode.Full, null, false, null));

    public Task<ImportRun> RunAsync(string key) => QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.IdempotencyKey == key, Cancel));

    /// <summary>The run is there, and it is so.</summary>
    public async Task<bool> IsAsync(string key, Func<ImportRun, bool> condition) =>
        await QueryAsync(db => db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.IdempotencyKey == key, Cancel)) is { } run && condition(run);

    /// <summary>The run has ended and the broker has its event.</summary>
    public Task<bool> IsAnnouncedAsync(string key) => IsAsync(key, run => run is { State: RunState.Completed, AnnouncedAt: not null });

    /// <summary>How many records the run's committed batches hold.</summary>
    public static int Fetched(ImportRun run) => ImportTally.FromJson(run.Tally).Stats[Stat.Fetched];

    /// <summary>Whether somebody is inside a write transaction at this moment.</summary>
    public bool IsBeingWritten()
    {
        using var connection = new SqliteConnection($"{ConnectionString};Pooling=False");
        connection.Open();

        // Microsoft.Data.Sqlite would wait until the lock is free.
        var answer = raw.sqlite3_exec(connection.Handle!, "BEGIN IMMEDIATE; ROLLBACK;");
        Assert.True(answer is raw.SQLITE_OK or raw.SQLITE_BUSY, $"SQLite answered {answer}");
        return answer == raw.SQLITE_BUSY;
    }

    /// <summary>What an import leaves behind, without what differs from import to import: ids of rows, times, the run's id and its signed link.</summary>
    public Task<Outcome> OutcomeAsync(string key) => QueryAsync(async db =>
    {
        var candidates = await db.Candidates.AsNoTracking().OrderBy(c => c.ReferenceId).ToListAsync(Cancel);
        var people = candidates.ToDictionary(c => c.Id, c => c.ReferenceId);
        var profiles = await db.CandidateProfiles.AsNoTracking().OrderBy(p => p.ReferenceId).ToListAsync(Cancel);
        var logs = await db.ActivityLogs.AsNoTracking().OrderBy(l => l.ReferenceId).ThenBy(l => l.ElementName).ThenBy(l => l.Name).ToListAsync(Cancel);
        var run = await db.ImportRuns.AsNoTracking().SingleAsync(r => r.IdempotencyKey == key, Cancel);
        var completed = JsonSerializer.Deserialize<HokifyImportCompleted>(run.CompletedEvent!)!;
        Accounting.Closes(completed.Result);
        return new Outcome(
            Lines(candidates.Select(c => new { c.ScopeId, c.ReferenceId, c.IsDeleted, c.Version, c.VersionReferenceId, c.Columns })),
            Lines(profiles.Select(p => new { p.ScopeId, p.ReferenceId, p.IsDeleted, p.Version, p.SourcePayload, p.Columns, Person = people[p.CandidateId] })),
            Lines(logs.Select(l => new { l.ReferenceId, l.ElementName, l.Name, l.Status, l.ScopeId, l.ElementDisplayName })),
            Comparable(completed));
    });

    /// <summary>Makes the other database what this one is.</summary>
    public void CopyTo(HokifyDatabase other)
    {
        using var from = new SqliteConnection($"{ConnectionString};Pooling=False");
        using var to = new SqliteConnection($"{other.ConnectionString};Pooling=False");
        from.Open();
        to.Open();
        from.BackupDatabase(to);
    }

    /// <summary>Every row of every table: two equal dumps, and nothing was written between them.</summary>
    public Task<string> DumpAsync() => SqliteText.DumpAsync(File);

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Lines<T>(IEnumerable<T> rows) => string.Join('\n', rows.Select(row => JsonSerializer.Serialize(row)));

    private static string Comparable(HokifyImportCompleted completed) => JsonSerializer.Serialize(completed with
    {
        RunId = Guid.Empty,
        StartedAt = default,
        CompletedAt = default,
        Result = completed.Result with
        {
            DownloadUrl = null,
            // A slice that ends commits what it has, be it less than a batch.
            StatsCounter = completed.Result.StatsCounter.Where(s => s.Key is not (Stat.DurationMilliseconds or Stat.Batches)).ToDictionary(),
        },
    });
}

/// <summary>What an import leaves behind: the people, their applications, what is noted about each, and the event.</summary>
internal sealed record Outcome(string Candidates, string Profiles, string Activities, string Event);
