using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>What the service as a process leaves behind, and to whom, and how soon it ends, while clients read slowly.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LeavingNothingTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly OwnFolder _folder = new();

    private const string Header = "X-Api-Key";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_are_their_owners_alone_spools_have_no_name_and_SIGTERM_ends_it_within_ten_seconds()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The signal TERM and modes of files are Unix's.");
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 20 }, Cancel);
        await using var service = await StartAsync(sandbox);
        using var http = await ClientAsync(service);
        var run = await ImportAsync(http);
        await GrowAsync(run);
        var clients = new List<TcpClient>
        {
            await AskAsync(http, $"GET {run}/records.csv"),
            await AskAsync(http, $"GET {await LinkAsync(http, run)}"),
        };
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Times = null, Delay = TimeSpan.FromMinutes(10) });
        using var held = await http.PostAsync(new Uri("/api/imports", UriKind.Relative), null, Cancel);
        clients.Add(await AskAsync(http, $"GET {held.Headers.Location}/events"));

        // The runtime puts pipes for debuggers there, too.
        var files = Directory.GetFiles(_folder.Path, "hokify*").ToDictionary(file => Path.GetFileName(file), File.GetUnixFileMode);
        Assert.Superset(new HashSet<string> { "hokify.db", "hokify.db-wal", "hokify.db-shm", "hokify.db.erasure-key", "hokify.db.local-token" }, files.Keys.ToHashSet());
        Assert.All(files, file => Assert.Equal((file.Key, OwnerOnly), (file.Key, file.Value)));
        Assert.DoesNotContain(files.Keys, file => file.EndsWith(".csv", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Lines, line => line.Contains("about people", StringComparison.Ordinal));

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await service.TerminateAsync());
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"it took {watch.Elapsed}:\n{service}");
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Killed_while_a_CSV_is_read_it_leaves_no_file_of_it()
    {
        HokifyProcess.Require();
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 20 }, Cancel);
        await using var service = await StartAsync(sandbox);
        using var http = await ClientAsync(service);
        var run = await ImportAsync(http);
        await GrowAsync(run);
        using var client = await AskAsync(http, $"GET {run}/records.csv");

        await service.KillAsync();

        Assert.Empty(Directory.GetFiles(_folder.Path, "*.csv"));
    }

    private async Task<HokifyProcess> StartAsync(HokifySandbox sandbox)
    {
        var service = await HokifyProcess.StartAsync(
            _folder.Path,
            new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["Database:ConnectionString"] = $"Data Source={Database}",
                ["Hokify:Scopes:1:Name"] = "demo",
                ["Hokify:Scopes:1:AtsApi:BaseAddress"] = sandbox.AtsApi.ToString(),
                ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
                ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
            },
            "serve");
        await service.UntilStartedAsync();
        return service;
    }

    /// <summary>Sends the local token, as whoever works on this machine does.</summary>
    private async Task<HttpClient> ClientAsync(HokifyProcess service) => new()
    {
        BaseAddress = await service.AddressAsync(),
        DefaultRequestHeaders = { { Header, await File.ReadAllTextAsync($"{Database}.local-token", Cancel) } },
    };

    private string Database => Path.Combine(_folder.Path, "hokify.db");

    private static async Task<string> ImportAsync(HttpClient http)
    {
        using var created = await http.PostAsync(new Uri("/api/imports", UriKind.Relative), null, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        var run = created.Headers.Location!.ToString();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await RunAsync(http, run)).GetProperty("summary").GetProperty("state").GetString() != "Completed")
        {
            await poll.WaitForNextTickAsync(Cancel);
        }

        return run;
    }

    private static async Task<JsonElement> RunAsync(HttpClient http, string run) =>
        JsonDocument.Parse(await http.GetStringAsync(new Uri(run, UriKind.Relative), Cancel)).RootElement;

    private static async Task<string> LinkAsync(HttpClient http, string run) =>
        new Uri((await RunAsync(http, run)).GetProperty("result").GetProperty("DownloadUrl").GetString()!).AbsolutePath;

    /// <summary>More activity logs of the run than the sockets between take, without the hours that so large an import takes.</summary>
    private async Task GrowAsync(string run)
    {
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            WITH RECURSIVE Numbers(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM Numbers WHERE N < 50000)
            INSERT INTO ActivityLog (ScopeId, RunId, Name, Status, ReferenceId, ElementName, Command, Date, ResultCode, RetryCount, RetryInterval, ResultData)
            SELECT ScopeId, RunId, 'Rejected', 'Closed', printf('%024x', N), 'CandidateProfile', Command, Date, 0, 0, 0, printf('%.*c', 100, 'x')
            FROM Numbers, (SELECT * FROM ActivityLog WHERE RunId = $run LIMIT 1)
            """;
        command.Parameters.AddWithValue("$run", run[^36..].ToUpperInvariant());
        Assert.True(await command.ExecuteNonQueryAsync(Cancel) > 0);
    }

    /// <summary>Asks, waits for the beginning of the answer and reads no more.</summary>
    private static async Task<TcpClient> AskAsync(HttpClient http, string request)
    {
        var service = http.BaseAddress!;
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(service.Host, service.Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: {service.Authority}\r\n{Header}: {http.DefaultRequestHeaders.GetValues(Header).Single()}\r\n\r\n"), Cancel);
        var first = new byte[12];
        await client.GetStream().ReadExactlyAsync(first, Cancel);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(first));
        return client;
    }
}
