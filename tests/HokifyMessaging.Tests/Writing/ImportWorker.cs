using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Importing;
using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What one process does to the database, without a bus and without a hokify: opens runs, writes batches, concludes.</summary>
internal sealed class ImportWorker : IAsyncDisposable
{
    /// <summary>What failed is tried again at once.</summary>
    public static readonly RetrySchedule NoPauses = new(TimeSpan.Zero, Growth: 2, TimeSpan.Zero, int.MaxValue);

    private readonly List<RunInProgress> _opened = [];
    private readonly ServiceProvider _services;
    private readonly int _scopeId;
    private int _lastKey;

    /// <param name="database">The database.</param>
    /// <param name="scopeId">The scope that the worker works on.</param>
    /// <param name="clock">The time; two workers of one test share it.</param>
    /// <param name="settings">What differs from the defaults, by configuration key.</param>
    /// <param name="rows">The way of writing, where it is not the provider's own.</param>
    /// <param name="interceptors">What the test does to commands and transactions.</param>
    public ImportWorker(
        DatabaseOptions database,
        int scopeId = 1,
        FakeTimeProvider? clock = null,
        IEnumerable<KeyValuePair<string, string?>>? settings = null,
        BatchRowsOf? rows = null,
        params IInterceptor[] interceptors)
    {
        _scopeId = scopeId;
        Clock = clock ?? new FakeTimeProvider(new DateTimeOffset(2026, 10, 1, 9, 0, 0, TimeSpan.Zero));
        var configuration = new Dictionary<string, string?>
        {
            ["Database:Provider"] = database.Provider.ToString(),
            ["Database:ConnectionString"] = database.ConnectionString,
            ["Database:CommandTimeout"] = database.CommandTimeout.ToString("c", CultureInfo.InvariantCulture),
            ["Hokify:Privacy:ErasureKey"] = Convert.ToBase64String(new byte[32]),
            [$"Hokify:Scopes:{scopeId}:Name"] = "Gasthaus zur Sandkiste",
            [$"Hokify:Scopes:{scopeId}:Source"] = "CsvFiles",
            [$"Hokify:Scopes:{scopeId}:CsvFiles:Path"] = "nothing reads it",
        };
        foreach (var (key, value) in settings ?? [])
        {
            configuration[key] = value;
        }

        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(configuration).Build());
        services.AddSingleton<TimeProvider>(Clock);
        services.AddHokifyMessaging();

        // The clock stands still unless a test moves it.
        services.AddSingleton(NoPauses);
        if (rows is not null)
        {
            services.AddSingleton(rows);
        }

        foreach (var interceptor in interceptors)
        {
            services.AddSingleton(interceptor);
        }

        _services = services.BuildServiceProvider();
    }

    public int ScopeId => _scopeId;

    public FakeTimeProvider Clock { get; }

    public IServiceProvider Services => _services;

    public DatabaseSchema Schema => _services.GetRequiredService<DatabaseSchema>();

    public RunStore Runs => _services.GetRequiredService<RunStore>();

    public ScopeTurns Turns => _services.GetRequiredService<ScopeTurns>();

    public ApplicationWriter Writer => _services.GetRequiredService<ApplicationWriter>();

    public FencedTransactions Transactions => _services.GetRequiredService<FencedTransactions>();

    public RetryLedger Ledger => _services.GetRequiredService<RetryLedger>();

    public MissingApplications Missing => _services.GetRequiredService<MissingApplications>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ImportRequest Request(string? key = null, ImportMode mode = ImportMode.Full, bool dryRun = false) =>
        new(key ?? string.Create(CultureInfo.InvariantCulture, $"run {_scopeId}/{++_lastKey}/{Guid.NewGuid():N}"), _scopeId, mode, null, dryRun, null);

    /// <summary>A nudge as the consumer gets it.</summary>
    public static ImportRequest Received(Nudge nudge) => nudge.Request with { IsNudge = true, NudgedAt = nudge.SentAt };

    /// <summary>Opens a run that nobody is in the way of.</summary>
    public async Task<RunInProgress> OpenAsync(string? key = null, ImportMode mode = ImportMode.Full, bool dryRun = false)
    {
        var run = Assert.IsType<ImportOutcome.Claimed>(await Runs.OpenAsync(Request(key, mode, dryRun), mayWork: true, Cancel)).Run;
        _opened.Add(run);
        return run;
    }

    /// <summary>Opens a run, works on it and ends it.</summary>
    public async Task<ImportTally> RunAsync(Func<RunInProgress, Task> work)
    {
        var run = await OpenAsync();
        await work(run);
        await ConcludeAsync(run);
        return run.Tally;
    }

    /// <summary>As the importer does with one of its chapters.</summary>
    /// <returns>Whether it came to its end.</returns>
    public async Task<bool> CarryOutAsync(RunInProgress run, RunPhase phase, Func<bool>? mayGoOn = null)
    {
        await foreach (var step in _services.GetServices<IChapter>().Single(chapter => chapter.Phase == phase).StepsAsync(run, Cancel))
        {
            if (mayGoOn?.Invoke() is false)
            {
                return false;
            }

            await Writer.WriteAsync(run, step, Cancel);
        }

        return true;
    }

    public Task<bool> DeleteMissingAsync(RunInProgress run, Func<bool>? mayGoOn = null) => CarryOutAsync(run, RunPhase.Deleting, mayGoOn);

    /// <summary>As the importer does with its last chapter and behind it.</summary>
    public async Task<HokifyImportCompleted> ConcludeAsync(RunInProgress run)
    {
        await CarryOutAsync(run, RunPhase.Concluding);
        var completed = await Runs.ConcludeAsync(run, now => ImportResults.Completed(run, now, null), Cancel);
        await run.DisposeAsync();
        Accounting.Closes(completed.Result);
        return completed;
    }

    public async Task<T> QueryAsync<T>(Func<HokifyDbContext, Task<T>> query)
    {
        await using var db = await _services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        return await query(db);
    }

    public Task ExecuteAsync(string sql) => QueryAsync(db => db.Database.ExecuteSqlRawAsync(sql, Cancel));

    public async ValueTask DisposeAsync()
    {
        foreach (var run in _opened)
        {
            await run.DisposeAsync();
        }

        await _services.DisposeAsync();
    }
}

/// <summary>Records in the shape in which they reach the writer.</summary>
internal static class Record
{
    public static readonly DateTimeOffset Epoch = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static MappedApplication Application(
        string id, string person = "p1", int? version = 0, CandidateColumns? candidate = null, ProfileColumns? profile = null, bool erased = false)
    {
        candidate ??= new CandidateColumns { DisplayName = "Mizzi Muster", Email = $"{person}@example.at" };
        profile ??= new ProfileColumns { Name = "Köchin", CandidateName = "Mizzi Muster" };
        return new MappedApplication(
            new ApplicationId(id), new PersonId(person), version is { } minutes ? Epoch.AddMinutes(minutes) : null, erased,
            candidate, profile, $$"""{"_id":"{{id}}","copy":"{{version}}"}""", 0, $"page 1, application {id}")
        {
            CandidateHash = ContentHash.Of(candidate),
            ProfileHash = ContentHash.Of(profile),
        };
    }

    public static MappedApplication Named(this MappedApplication application, string name)
    {
        var profile = application.Profile with { Name = name };
        return application with { Profile = profile, ProfileHash = ContentHash.Of(profile) };
    }

    public static SourceRecord Ready(MappedApplication application) => new(application.Id, application.Position, () => throw new InvalidOperationException("There is nothing to read."))
    {
        Mapped = application,
    };

    public static SourceRecord Rejected(string? id, string payload = "{}", string? person = null) => Of(
        new Rejection(ElementNames.CandidateProfile, "page 1, item 1", id is null ? null : new ApplicationId(id), "datematch", FailureCause.BadDate, "is not a date; expected is ISO 8601", payload)
        {
            Person = person is null ? null : new PersonId(person),
        });

    public static SourceRecord Of(Rejection rejection) => new(rejection.Position, rejection);

    public static ImportStep Batch(params IReadOnlyList<SourceRecord> records) =>
        new(new RunPosition(RunPhase.Reading, string.Create(CultureInfo.InvariantCulture, $"behind {records.Count}"))) { Records = records };
}
