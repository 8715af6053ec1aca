using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.Tests;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>
/// SIGTERM at each 50 ms of the start, whatever the broker does meanwhile: the service ends with 0. A few tries as a rule;
/// <c>HOKIFY_TEST_STARTS=200</c> makes so many.
/// </summary>
public sealed class StopWhileStartingTests(SharedBroker shared)
{
    /// <summary>At the first place where the program can hear a signal; before it, the system ends it with this.</summary>
    private const int NotHeard = 128 + 15;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private static int Tries => int.TryParse(Environment.GetEnvironmentVariable("HOKIFY_TEST_STARTS"), CultureInfo.InvariantCulture, out var tries) ? tries : 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Told_to_stop_at_any_moment_of_its_start_the_service_ends_with_0()
    {
        HokifyProcess.Require();
        await using var host = await shared.CreateVirtualHostAsync(Cancel);
        using var silent = new SilentBroker();
        await using var slow = new TcpRelay(host.Amqp.Port, TimeSpan.FromMilliseconds(100));
        var brokers = new (string Name, Action<Installation> Use)[]
        {
            ("none", _ => { }),
            ("away", site => Use(site, host, port: 1)),
            ("silent", site => Use(site, host, silent.Port)),
            ("slow", site => Use(site, host, slow.Port)),
            ("there", site => site.Use(host)),
        };
        var steps = (int)(await StartDurationAsync() / Step) + 10;
        var heard = 0;
        for (var number = 0; number < Tries; number++)
        {
            var (broker, use) = brokers[number % brokers.Length];
            var delay = Step * (Tries > steps ? number % steps : number * steps / Tries);
            await using var site = await Installation.StartAsync(applications: 1);
            use(site);
            heard += await TryAsync(site, delay, $"try {number}, broker {broker}, after {delay.TotalMilliseconds} ms") ? 1 : 0;
        }

        Assert.True(heard > Tries / 2, $"only {heard} of {Tries} signals came when the program could hear them");
    }

    [Fact]
    public async Task A_start_that_hangs_in_a_locked_database_does_not_keep_the_process_beyond_its_limit()
    {
        await using var site = await Installation.StartAsync(applications: 1);
        site.Settings["Transport:StopTimeout"] = "00:00:01";
        site.Settings["Database:CommandTimeout"] = "01:00:00";
        await using var other = new SqliteConnection($"{site.Database.ConnectionString};Pooling=False");
        await other.OpenAsync(Cancel);
        await using var command = other.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
        await command.ExecuteNonQueryAsync(Cancel);

        var service = await site.ServeAsync();
        await service.UntilLineAsync("Database: Sqlite");

        Assert.Equal(0, await service.TerminateAsync());
    }

    /// <returns>Whether the program could hear the signal.</returns>
    private static async Task<bool> TryAsync(Installation site, TimeSpan delay, string what)
    {
        var service = await site.ServeAsync();
        await Task.Delay(delay, Cancel);
        var canHear = CanHear(service);
        var code = await service.TerminateAsync();

        // The shell that started it says "Terminated"; the program itself has said nothing yet.
        Assert.True(code == 0 || (code == NotHeard && !canHear && service.Lines.All(line => line == "Terminated")), $"{what}: ended with {code}:\n{service}");
        return canHear;
    }

    /// <summary>The runtime makes a thread of its own for signals when the program first asks for them.</summary>
    private static bool CanHear(HokifyProcess service)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{service.Id}/task")
                .Any(thread => File.ReadAllText($"{thread}/comm").StartsWith(".NET SigHandler", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // Threads come and go.
            return false;
        }
    }

    private static async Task<TimeSpan> StartDurationAsync()
    {
        await using var site = await Installation.StartAsync(applications: 1);
        var since = Stopwatch.StartNew();
        var service = await site.ServeAsync();
        await service.UntilStartedAsync();
        var took = since.Elapsed;
        Assert.Equal(0, await service.TerminateAsync());
        return took;
    }

    private static void Use(Installation site, BrokerVirtualHost host, int port)
    {
        site.Use(host);
        site.Settings["Transport:RabbitMq:Port"] = $"{port}";
    }

    /// <summary>Takes connections and says nothing.</summary>
    private sealed class SilentBroker : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public SilentBroker() => _listener.Start();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();
    }
}
