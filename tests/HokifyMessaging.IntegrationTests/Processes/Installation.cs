using System.Collections.Concurrent;
using System.Diagnostics;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>
/// A hokify over real HTTP, a database file and any number of <c>hokify serve</c> that work on it. The same number of
/// applications gives the same applications: two installations can be compared.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    /// <summary>A lease that nobody outlives by being slow.</summary>
    public const string Long = "00:01:00";

    /// <summary>The shortest lease there is: a worker that was killed is soon replaced.</summary>
    public const string Short = "00:00:02";

    private readonly ConcurrentQueue<HokifyProcess> _processes = new();

    private Installation(HokifySandbox sandbox, HokifyDatabase database)
    {
        (Sandbox, Database) = (sandbox, database);
        Settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Logging:Console:FormatterName"] = "simple",
            ["Logging:Console:FormatterOptions:SingleLine"] = "true",

            // Says under which number a worker has a scope. A shell passes no name with a dot on.
            ["Logging:LogLevel:HokifyMessaging"] = "Debug",
            ["Database:ConnectionString"] = database.ConnectionString,
            ["Hokify:Import:BatchSize"] = "5",
            ["Hokify:Import:LeaseDuration"] = Long,
            ["Hokify:Import:SweepInterval"] = "00:00:00.200",
        };
        AddScope(1, "demo", "demo-token");
    }

    /// <summary>hokify's applications are dated from here. Long ago, so that no clock of a machine lies before it.</summary>
    public static DateTimeOffset Today { get; } = new(2025, 10, 1, 9, 0, 0, TimeSpan.Zero);

    public HokifySandbox Sandbox { get; }

    public HokifyDatabase Database { get; }

    /// <summary>By configuration key; what a process is started with.</summary>
    public Dictionary<string, string> Settings { get; }

    /// <summary>All processes, ended ones included.</summary>
    public IReadOnlyList<HokifyProcess> Processes => [.. _processes];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Installation> StartAsync(int applications, Action<SandboxOptions>? sandbox = null)
    {
        HokifyProcess.Require();
        var options = new SandboxOptions { Applications = applications, Clock = new StoppedClock() };
        sandbox?.Invoke(options);
        return new Installation(await HokifySandbox.StartAsync(options, Cancel), await HokifyDatabase.CreateAsync());
    }

    public void LeaseFor(string duration) => Settings["Hokify:Import:LeaseDuration"] = duration;

    public void AddScope(int scopeId, string mandator, string token)
    {
        var scope = $"Hokify:Scopes:{scopeId}";
        Settings[$"{scope}:Name"] = mandator;
        Settings[$"{scope}:AtsApi:BaseAddress"] = Sandbox.AtsApi.ToString();
        Settings[$"{scope}:AtsApi:Mandator"] = mandator;
        Settings[$"{scope}:AtsApi:Token"] = token;
        Settings[$"{scope}:AtsApi:PageSize"] = "5";

        // An import has a middle where one page is waited for after the other.
        Settings[$"{scope}:AtsApi:PagesAtOnce"] = "1";
        Settings[$"{scope}:AtsApi:Http:Retries"] = "1";
        Settings[$"{scope}:AtsApi:Http:Delay"] = "00:00:00.010";
    }

    public void Use(BrokerVirtualHost host)
    {
        foreach (var (key, value) in host.Settings)
        {
            Settings[key] = value;
        }
    }

    /// <summary>Makes every page take its time, so that an import has a middle.</summary>
    public void SlowDown(int milliseconds) =>
        Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(milliseconds), Times = null });

    /// <summary>Ends <see cref="SlowDown"/>; what is on its way still takes its time.</summary>
    public void SpeedUp() => Sandbox.Faults.Clear();

    public async Task<HokifyProcess> ServeAsync()
    {
        var process = await HokifyProcess.StartAsync(Database.Folder, Settings, "serve");
        _processes.Enqueue(process);
        return process;
    }

    /// <summary>Waits for a condition that the processes together should bring about; fails with what all of them printed.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (waited.Elapsed > HokifyProcess.Patience)
            {
                Assert.Fail($"Within {HokifyProcess.Patience.TotalSeconds} seconds it did not come true that {what}:\n{string.Join("\n--\n", _processes)}");
            }

            await poll.WaitForNextTickAsync(Cancel);
        }
    }

    /// <summary>Imports everything under the key, by a process that nobody disturbs.</summary>
    public async Task CompleteAsync(string key)
    {
        await Database.QueueFullAsync(key);
        var worker = await ServeAsync();
        await worker.UntilAsync(() => Database.IsAnnouncedAsync(key), "the run is completed and announced");
        Assert.Equal(0, await worker.TerminateAsync());
    }

    /// <summary>The requests for a page of applications, oldest first.</summary>
    public IReadOnlyList<SandboxRequest> PageRequests() =>
        [.. Sandbox.Requests.Where(r => r.Path.EndsWith("getAllApplications", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Sandbox.DisposeAsync();
        await Accounting.ClosesInAsync(Database.File);
        Database.Dispose();
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Today;
    }
}
