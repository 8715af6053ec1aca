using System.Diagnostics;
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
/// The import as a host in this process runs it: a SQLite file and a hokify over real HTTP. Only the edge is not real, and that is a
/// sandbox that is held to hokify's own documents.
/// </summary>
internal abstract class HostedImport : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-import-");
    private IHost? _host;

    /// <param name="sandbox">The hokify, which goes with the import.</param>
    protected HostedImport(HokifySandbox sandbox)
    {
        Sandbox = sandbox;
        Settings = new Dictionary<string, string?>
        {
            ["Database:ConnectionString"] = $"Data Source={DatabaseFile};Pooling=False",
            ["Hokify:Scopes:1:Name"] = "Gasthaus zur Sandkiste",
            ["Hokify:Scopes:1:AtsApi:BaseAddress"] = sandbox.AtsApi.ToString(),
            ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
            ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
            ["Hokify:Scopes:1:AtsApi:PageSize"] = "10",

            // Most tests say which call goes wrong, and of calls that are under way at once nobody knows which is which.
            ["Hokify:Scopes:1:AtsApi:PagesAtOnce"] = "1",
            ["Hokify:Scopes:1:AtsApi:Http:Delay"] = "00:00:00.010",
            ["Hokify:Import:SweepInterval"] = "01:00:00",
            ["Hokify:Import:FailedRunDelay"] = "01:00:00",
        };
    }

    public HokifySandbox Sandbox { get; }

    /// <summary>By configuration key; what the host starts with.</summary>
    public Dictionary<string, string?> Settings { get; }

    public IServiceProvider Services => _host!.Services;

    public string DatabaseFile => Path.Combine(_folder.FullName, "hokify.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts the host, after <see cref="StopHostAsync"/> once more.</summary>
    /// <param name="services">What the test replaces in the host.</param>
    public async Task StartHostAsync(Action<IServiceCollection>? services = null)
    {
        // MassTransit keeps the first host's loggers for the next one in the same process; these are never disposed of.
        LogContext.ConfigureCurrentLogContext(NullLoggerFactory.Instance);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Logging.ClearProviders();
        builder.Services.AddHokifyMessaging();
        AddBus(builder.Services, builder.Configuration);
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

    public async Task<T> QueryAsync<T>(Func<HokifyDbContext, Task<T>> query)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync(Cancel);
        return await query(db);
    }

    public async Task<ImportRun> RunAsync(string key) => await FindRunAsync(key) ?? throw new InvalidOperationException($"There is no run with the key {key}.");

    public Task<ImportRun?> FindRunAsync(string key) => QueryAsync(db => db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.IdempotencyKey == key, Cancel));

    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    /// <summary>Waits for a condition; a test that hangs says so instead of running for ever.</summary>
    public static async Task Until(Func<Task<bool>> condition, TimeSpan? limit = null, TimeSpan? every = null)
    {
        var longest = limit ?? TimeSpan.FromMinutes(1);
        var waited = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(every ?? TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            Assert.True(waited.Elapsed < longest, $"the condition did not come true within {longest}");
            await timer.WaitForNextTickAsync(Cancel);
        }
    }

    public virtual async ValueTask DisposeAsync()
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

    protected void Set(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        foreach (var (key, value) in settings)
        {
            Settings[key] = value;
        }
    }

    protected abstract void AddBus(IServiceCollection services, IConfiguration configuration);
}
