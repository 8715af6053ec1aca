using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HokifyMessaging.Tests.Importing;

/// <summary>
/// The whole import as a host runs it: the bus in memory, a SQLite file, a hokify over real HTTP. Only the edge is not
/// real, and that is a sandbox that is held to hokify's own documents.
/// </summary>
internal sealed class ImportSetup : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-import-");
    private IHost? _host;

    private ImportSetup(HokifySandbox sandbox) => Sandbox = sandbox;

    public HokifySandbox Sandbox { get; }

    public Dictionary<string, string?> Settings { get; } = [];

    public Completions Completions { get; private set; } = new();

    public IServiceProvider Services => _host!.Services;

    public string DatabaseFile => Path.Combine(_folder.FullName, "hokify.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="applications">How many applications hokify has.</param>
    /// <param name="settings">What differs from the defaults, by configuration key.</param>
    /// <param name="sandbox">Which hokify.</param>
    /// <param name="services">What the test replaces in the host.</param>
    public static async Task<ImportSetup> StartAsync(
        int applications = 40,
        IEnumerable<KeyValuePair<string, string?>>? settings = null,
        Action<SandboxOptions>? sandbox = null,
        Action<IServiceCollection>? services = null)
    {
        var options = new SandboxOptions { Applications = applications };
        sandbox?.Invoke(options);
        var setup = new ImportSetup(await HokifySandbox.StartAsync(options, Cancel));
        setup.Configure(settings ?? []);
        await setup.StartHostAsync(services);
        return setup;
    }

    /// <summary>Two tenants, each with applications of its own.</summary>
    public static async Task<ImportSetup> OfTwoScopesAsync(int applications, int ofSecond)
    {
        var options = new SandboxOptions { Applications = applications };
        options.Mandators.Add(new SandboxMandator("other", "other-token") { Applications = ofSecond });
        var setup = new ImportSetup(await HokifySandbox.StartAsync(options, Cancel));
        setup.Configure([]);
        foreach (var (key, value) in setup.Settings.Where(setting => setting.Key.StartsWith("Hokify:Scopes:1:", StringComparison.Ordinal)).ToList())
        {
            setup.Settings[key.Replace(":1:", ":2:", StringComparison.Ordinal)] = value;
        }

        setup.Settings["Hokify:Scopes:2:AtsApi:Mandator"] = "other";
        setup.Settings["Hokify:Scopes:2:AtsApi:Token"] = "other-token";
        await setup.StartHostAsync();
        return setup;
    }

    private void Configure(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        Settings["Database:ConnectionString"] = $"Data Source={DatabaseFile};Pooling=False";
        Settings["Hokify:Scopes:1:Name"] = "Gasthaus zur Sandkiste";
        Settings["Hokify:Scopes:1:AtsApi:BaseAddress"] = Sandbox.AtsApi.ToString();
        Settings["Hokify:Scopes:1:AtsApi:Mandator"] = "demo";
        Settings["Hokify:Scopes:1:AtsApi:Token"] = "demo-token";
        Settings["Hokify:Scopes:1:AtsApi:PageSize"] = "10";
        Settings["Hokify:Scopes:1:AtsApi:Http:Delay"] = "00:00:00.010";
        Settings["Hokify:Scopes:1:AtsApi:Http:Retries"] = "2";
        Settings["Hokify:Import:BatchSize"] = "20";
        Settings["Hokify:Import:SweepInterval"] = "01:00:00";
        Settings["Hokify:Import:FailedRunDelay"] = "01:00:00";
        Settings["Hokify:Ledger:FirstInterval"] = "00:00:00";
        foreach (var (key, value) in settings)
        {
            Settings[key] = value;
        }
    }

    public async Task StartHostAsync(Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Logging.ClearProviders();

        // MassTransit keeps the first host's loggers for the next one in the same process; these are never disposed of.
        LogContext.ConfigureCurrentLogContext(NullLoggerFactory.Instance);
        Completions = new Completions();
        builder.Services.AddSingleton(Completions);
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration, bus =>
        {
            bus.AddConsumer<Completions.Subscriber>().Endpoint(endpoint => endpoint.Name = "completions");
            bus.AddConsumer<Completions.FaultSubscriber>().Endpoint(endpoint => endpoint.Name = "faults");
        });
        services?.Invoke(builder.Services);
        var host = builder.Build();
        if (!File.Exists(DatabaseFile))
        {
            await MigratedFile.PlaceAsync(DatabaseFile);
        }

        await host.StartAsync(Cancel);
        _host = host;
    }

    public async Task StopHostAsync()
    {
        var host = _host!;
        _host = null;
        await host.StopAsync(Cancel);
        host.Dispose();
    }

    public Task PublishAsync(HokifyImportRequested request, Action<PublishContext>? configure = null) =>
        Services.GetRequiredService<IBus>().Publish(request, context => configure?.Invoke(context), Cancel);

    /// <summary>Asks for an import as a publisher does and waits for the event as a subscriber does.</summary>
    public async Task<HokifyImportCompleted> ImportAsync(HokifyImportRequested request)
    {
        request = request with { IdempotencyKey = request.IdempotencyKey ?? $"test-{Guid.NewGuid()}" };
        var before = Completions.Of(request.IdempotencyKey!).Count;
        await PublishAsync(request);
        await Until(() => Completions.Of(request.IdempotencyKey!).Count > before
            || Completions.Faults.Any(f => f.Message.IdempotencyKey == request.IdempotencyKey));
        var faults = Completions.Faults.Where(f => f.Message.IdempotencyKey == request.IdempotencyKey).ToList();
        Assert.True(faults.Count == 0, faults.FirstOrDefault()?.Exceptions[0].Message);
        var completed = Completions.Of(request.IdempotencyKey!)[^1].Event;
        Accounting.Closes(completed.Result);
        return completed;
    }

    public Task<HokifyImportCompleted> ImportFullAsync() => ImportAsync(new HokifyImportRequested { ImportMode = ImportMode.Full });

    public Task<HokifyImportCompleted> ImportIncrementalAsync() => ImportAsync(new HokifyImportRequested());

    /// <summary>Publishes a request that fails and returns the fault's sentence.</summary>
    public async Task<string> FaultAsync(HokifyImportRequested request)
    {
        var before = Completions.Faults.Count;
        await PublishAsync(request);
        await Until(() => Completions.Faults.Count > before);
        return Completions.Faults.Last().Exceptions[0].Message;
    }

    public async Task<T> QueryAsync<T>(Func<HokifyDbContext, Task<T>> query)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        return await query(db);
    }

    public Task ExecuteAsync(string sql) => QueryAsync(db => db.Database.ExecuteSqlRawAsync(sql, Cancel));

    public Task<ImportRun> RunAsync(string key) => QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.IdempotencyKey == key, Cancel));

    /// <summary>The applicants' rows as text, without what differs from import to import.</summary>
    public Task<string> RowsAsync() => QueryAsync(RowsAsync);

    public static async Task<string> RowsAsync(HokifyDbContext db)
    {
        var candidates = await db.Candidates.AsNoTracking().OrderBy(c => c.ReferenceId).ToListAsync(Cancel);
        var people = candidates.ToDictionary(c => c.Id, c => c.ReferenceId);
        var profiles = await db.CandidateProfiles.AsNoTracking().OrderBy(p => p.ReferenceId).ToListAsync(Cancel);
        return string.Join('\n', candidates.Select(c => JsonSerializer.Serialize(new { c.ScopeId, c.ReferenceId, c.IsDeleted, c.Version, c.VersionReferenceId, c.Columns }))
            .Concat(profiles.Select(p => JsonSerializer.Serialize(new { p.ScopeId, p.ReferenceId, p.IsDeleted, p.Version, p.Columns, Person = people[p.CandidateId] }))));
    }

    /// <summary>Waits for a condition; a test that hangs says so instead of running for ever.</summary>
    public static async Task Until(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "the condition did not come true within a minute");
            await timer.WaitForNextTickAsync(Cancel);
        }
    }

    public static async Task Until(Func<Task<bool>> condition)
    {
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "the condition did not come true within a minute");
            await timer.WaitForNextTickAsync(Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None);
            _host.Dispose();
        }

        await Sandbox.DisposeAsync();
        await Accounting.ClosesInAsync(DatabaseFile);
        _folder.Delete(recursive: true);
    }
}

/// <summary>What subscribers have received.</summary>
internal sealed class Completions
{
    private readonly ConcurrentQueue<(Guid? MessageId, HokifyImportCompleted Event)> _received = new();
    private readonly ConcurrentQueue<Fault<HokifyImportRequested>> _faults = new();

    public IReadOnlyCollection<Fault<HokifyImportRequested>> Faults => _faults;

    public IReadOnlyCollection<(Guid? MessageId, HokifyImportCompleted Event)> All => _received;

    public IReadOnlyList<(Guid? MessageId, HokifyImportCompleted Event)> Of(string key) =>
        [.. _received.Where(r => r.Event.IdempotencyKey == key)];

    internal sealed class Subscriber(Completions completions) : IConsumer<HokifyImportCompleted>
    {
        public Task Consume(ConsumeContext<HokifyImportCompleted> context)
        {
            completions._received.Enqueue((context.MessageId, context.Message));
            return Task.CompletedTask;
        }
    }

    internal sealed class FaultSubscriber(Completions completions) : IConsumer<Fault<HokifyImportRequested>>
    {
        public Task Consume(ConsumeContext<Fault<HokifyImportRequested>> context)
        {
            completions._faults.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
