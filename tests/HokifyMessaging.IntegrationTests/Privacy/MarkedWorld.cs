using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Monitoring;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Privacy;

/// <summary>
/// Everything about the service that writes, with people of whom every word is marked: today's API, that of 2018 and a file of the same people in
/// the scopes 1 to 3, other people in scope 4, a broker whose events are kept, a collector, and logs at their most talkative.
/// </summary>
internal sealed class MarkedWorld : IAsyncDisposable
{
    public const string Mark = "Zyxqu";
    public const int Applications = 14;
    public const int Neighbours = 6;
    public const int NeighbourScope = 4;

    public static readonly int[] Scopes = [1, 2, 3];

    private const string Plain = "neighbours";
    private const string EventQueue = "everything-announced";

    private readonly BrokerVirtualHost _host;
    private readonly OtlpReceiver _collector;
    private readonly OwnFolder _files = new();
    private readonly List<HokifyOutcome> _verbs = [];

    /// <summary>Whoever runs the imports, and has no business with people.</summary>
    private readonly string _operator = ApiKey.Create();

    /// <summary>The officer for data protection.</summary>
    private readonly string _officer = ApiKey.Create();

    private HokifyProcess? _service;

    private MarkedWorld(BrokerVirtualHost host, OtlpReceiver collector, Installation site) =>
        (_host, _collector, Site, Operator) = (host, collector, site, new OperatorsView(host));

    public Installation Site { get; }

    public OperatorsView Operator { get; }

    public HokifyProcess Service => _service!;

    public string Backup => Path.Combine(_files.Path, "backup.zip");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<MarkedWorld> StartAsync(SharedBroker shared, int seed)
    {
        var host = await shared.CreateVirtualHostAsync(Cancel);
        var site = await Installation.StartAsync(Applications, sandbox =>
        {
            sandbox.Seed = seed;
            sandbox.Mandators[0] = sandbox.Mandators[0] with { Mark = Mark };
            sandbox.Mandators.Add(new SandboxMandator(Plain, "token") { Applications = Neighbours });
        });
        var world = new MarkedWorld(host, await OtlpReceiver.StartAsync(), site);
        world.Configure();
        await world.ServeAsync();
        await world.BindAsync();
        return world;
    }

    private void Configure()
    {
        Site.Use(_host);
        Site.LeaseFor(Installation.Short);
        Site.AddScope(NeighbourScope, Plain, "token");
        var settings = Site.Settings;
        foreach (var (key, value) in AtBroker.Asking(_host))
        {
            settings[key] = value;
        }

        (settings["Hokify:Scopes:2:Name"], settings["Hokify:Scopes:2:Source"]) = ("extern", "ExternApi");
        (settings["Hokify:Scopes:2:ExternApi:BaseAddress"], settings["Hokify:Scopes:2:ExternApi:Mandator"], settings["Hokify:Scopes:2:ExternApi:Token"]) = (Site.Sandbox.ExternApi.ToString(), "demo", "demo-token");
        (settings["Hokify:Scopes:2:ExternApi:Http:Retries"], settings["Hokify:Scopes:2:ExternApi:Http:Delay"]) = ("1", "00:00:00.010");
        (settings["Hokify:Scopes:3:Name"], settings["Hokify:Scopes:3:Source"], settings["Hokify:Scopes:3:CsvFiles:Path"]) = ("files", "CsvFiles", _files.Path);
        foreach (var (name, key, rights) in new[] { ("operator", _operator, "read,import,operate"), ("officer", _officer, "read,import,operate,personal") })
        {
            (settings[$"Http:Keys:{name}:Hash"], settings[$"Http:Keys:{name}:Scopes"], settings[$"Http:Keys:{name}:Rights"]) = (KeyHash.Of(key).ToString(), "all", rights);
        }

        settings["Http:Limits:RequestsPerMinute"] = "100000";
        settings["Hokify:Import:FailedRunRetries"] = "0";
        settings["Hokify:Ledger:FirstInterval"] = "00:00:00";
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Address.GetLeftPart(UriPartial.Authority);
        settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        settings["Logging:LogLevel:Default"] = settings["Logging:LogLevel:HokifyMessaging"] = settings["Logging:LogLevel:Microsoft"] = settings["Logging:LogLevel:System"] = "Trace";
    }

    public async Task ServeAsync()
    {
        _service = await Site.ServeAsync();
        await Service.UntilStartedAsync();
    }

    /// <summary>Imports, and waits for the end.</summary>
    public async Task ImportAsync(int scopeId, string key, bool isFull = true)
    {
        await AskAsync(scopeId, key, isFull);
        await UntilAnnouncedAsync(key);
    }

    /// <summary>Imports, and waits until that has failed, or in spite of what goes wrong has not.</summary>
    public async Task TryImportAsync(int scopeId, string key)
    {
        await AskAsync(scopeId, key);
        await Service.UntilAsync(() => Site.Database.IsAsync(key, run => run.State == RunState.Failed || run.AnnouncedAt is not null), $"{key} has failed, or is announced");
    }

    public Task AskAsync(int scopeId, string key, bool isFull = true) => Operator.PublishAsync(
        $$"""{"scopeId":{{scopeId}},"idempotencyKey":"{{key}}","importMode":"{{(isFull ? "Full" : "Incremental")}}"{{(isFull ? "" : ",\"unixSecondsFrom\":946684800")}}}""");

    /// <summary>Has it planned what a full import would do.</summary>
    public async Task PlanAsync(int scopeId, string key)
    {
        await Operator.PublishAsync($$"""{"scopeId":{{scopeId}},"idempotencyKey":"{{key}}","importMode":"Full","dryRun":true}""");
        await UntilAnnouncedAsync(key);
        Assert.True(await Site.Database.QueryAsync(db => db.PlanEntries.AnyAsync(e => e.RunId == db.ImportRuns.Single(r => r.IdempotencyKey == key).Id, Cancel)), $"{key} is empty");
    }

    /// <summary>Asks for exactly that, of which somebody was erased since.</summary>
    public async Task ApplyAsync(int scopeId, string key, string planned)
    {
        var digest = (await Site.Database.RunAsync(planned)).PlanDigest;
        await Operator.PublishAsync($$"""{"scopeId":{{scopeId}},"idempotencyKey":"{{key}}","planDigest":"{{digest}}"}""");
        await Service.UntilLineAsync("is no longer whole, because somebody in it was erased");
    }

    public Task UntilAnnouncedAsync(string key) => Service.UntilAsync(() => Site.Database.IsAnnouncedAsync(key), $"{key} is completed and announced");

    /// <summary>Another system that keeps every event.</summary>
    private async Task BindAsync()
    {
        await Operator.MakeQueueAsync(EventQueue, "classic");
        foreach (var exchange in new[] { "hokify.import-completed", "hokify.import-failed" })
        {
            using var bound = await _host.Broker.Management.PostAsJsonAsync($"bindings/{Uri.EscapeDataString(_host.Name)}/e/{exchange}/q/{EventQueue}", new { routing_key = "" }, Cancel);
            bound.EnsureSuccessStatusCode();
        }
    }

    /// <summary>The same people as a file that somebody has exported.</summary>
    public async Task ExportFileAsync()
    {
        using var http = new HttpClient();
        using var login = await http.PostAsJsonAsync(new Uri($"{Site.Sandbox.ExternApi}/api-login"), new { mandator = "demo", token = "demo-token" }, Cancel);
        http.DefaultRequestHeaders.Add("x-session-token", (await login.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("sessionToken").GetString());
        var csv = await http.GetStringAsync(new Uri($"{Site.Sandbox.ExternApi}/get-all-applications-extern?csv=true"), Cancel);
        await File.WriteAllTextAsync(Path.Combine(_files.Path, "applications.csv"), csv, Cancel);
    }

    /// <summary>The ids and addresses of all marked people, as hokify has them.</summary>
    public async Task<(IReadOnlySet<string> Ids, IReadOnlySet<string> Addresses)> PeopleAsync()
    {
        using var http = new HttpClient();
        var (people, addresses) = (new HashSet<string>(), new HashSet<string>());
        using var login = new HttpRequestMessage(HttpMethod.Post, new Uri($"{Site.Sandbox.AtsApiV1}/auth/token")) { Headers = { Authorization = new("Basic", Convert.ToBase64String("demo:demo-token"u8)) } };
        using var logged = await http.SendAsync(login, Cancel);
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await logged.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("access_token").GetString());
        using var answer = await http.PostAsync(new Uri($"{Site.Sandbox.AtsApiV1}/application/getApplications"), content: null, Cancel);
        foreach (var match in (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).EnumerateArray())
        {
            if (match.GetProperty("user") is { ValueKind: JsonValueKind.Object } user)
            {
                people.Add(user.GetProperty("_id").GetString()!);
                addresses.Add(user.GetProperty("general").GetProperty("email").GetString()!);
            }
        }

        return (people, addresses);
    }

    /// <summary>Asks over HTTP, as whoever may see everything.</summary>
    public async Task<HttpClient> HttpAsync() => new() { BaseAddress = await Service.AddressAsync(), DefaultRequestHeaders = { { "X-Api-Key", _officer } } };

    /// <summary>Where the service's own sweep is quicker, the answer is that the request waits.</summary>
    public static async Task EraseAsync(HttpClient http, object body)
    {
        using var answer = await http.PostAsJsonAsync("api/people/erasures", body, Cancel);
        var told = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.NotFound, $"{answer.StatusCode}: {told}");
        Assert.DoesNotContain(Mark, told, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Runs a verb that has no business with people, and keeps what it prints.</summary>
    public async Task<HokifyOutcome> RunAsync(params string[] arguments)
    {
        var outcome = await RunOnPeopleAsync(arguments);
        _verbs.Add(outcome);
        return outcome;
    }

    /// <summary>Runs a verb that shows whom it is about, to whoever may read the database.</summary>
    public Task<HokifyOutcome> RunOnPeopleAsync(params string[] arguments) =>
        HokifyProcess.RunAsync(Site.Database.Folder, Site.Settings.Where(setting => !setting.Key.StartsWith("Logging", StringComparison.Ordinal)), arguments);

    /// <summary>All that shows itself to somebody who has no business with people: what was written so far, and where.</summary>
    public async Task<IReadOnlyList<(string Place, byte[] Written)>> ShownAsync()
    {
        var shown = new List<(string Place, byte[] Written)>();
        shown.AddRange(Site.Processes.SelectMany(process => process.Lines).Select(line => ("the log", Encoding.UTF8.GetBytes(line))));
        shown.AddRange(_collector.Bodies.Select(body => ("what the collector was sent", body)));
        shown.AddRange(_verbs.Select(verb => ("what a verb printed", Encoding.UTF8.GetBytes(verb.Output + verb.Error))));
        foreach (var queue in await Operator.QueuesAsync())
        {
            // What others have put into a request is theirs; our sentences are in the headers.
            shown.AddRange((await Operator.MessagesAsync(queue)).Select(message => ($"a message in {queue}", Encoding.UTF8.GetBytes($"{message.Properties.GetRawText()} {message.Payload}"))));
        }

        using var http = await HttpAsync();
        foreach (var page in new[] { "metrics", "health/live", "health/ready", "openapi/v1.json", "api/imports?limit=100", "api/nothing" })
        {
            using var answer = await http.GetAsync(page, Cancel);
            shown.Add(($"/{page}", await answer.Content.ReadAsByteArrayAsync(Cancel)));
        }

        using var pages = await MarkedPages.SignedInAsync(http.BaseAddress!, _operator);
        shown.AddRange(await pages.ShownAsync());
        shown.AddRange(await pages.ExplainedAsync(Site.Sandbox.ApplicationIds()));
        shown.AddRange(FilesBeside().Select(file => ($"the file {file}", ReadShared(file))));
        return shown;
    }

    /// <summary>The bytes of the database, of its log, and of whatever else lies where the service writes.</summary>
    public IEnumerable<(string Place, byte[] Written)> Stored() => Files().Select(file => ($"the file {Path.GetFileName(file)}", ReadShared(file)));

    /// <summary>How many applications of a scope are there.</summary>
    public async Task<int> ApplicationsOfAsync(int scopeId)
    {
        await using var connection = new SqliteConnection($"{Site.Database.ConnectionString};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM CandidateProfile WHERE ScopeId = $scope AND ReferenceId NOT LIKE 'erased:%'";
        count.Parameters.AddWithValue("$scope", scopeId);
        return (int)(long)(await count.ExecuteScalarAsync(Cancel))!;
    }

    public Task ExecuteAsync(string sql) => Site.Database.QueryAsync(db => db.Database.ExecuteSqlRawAsync(sql, Cancel));

    public async Task<Guid> RunIdAsync(string key) => (await Site.Database.RunAsync(key)).Id;

    public Task<bool> HasFetchedAsync(string key, int records) => Site.Database.IsAsync(key, run => HokifyDatabase.Fetched(run) >= records);

    public Task UntilQuietAsync() => Site.UntilAsync(
        () => Site.Database.QueryAsync(async db => !await db.ErasureRequests.AnyAsync(request => request.State == ErasureState.Waiting, Cancel)
            && (await db.Scopes.AsNoTracking().ToListAsync(Cancel)).TrueForAll(scope => scope.IsFree(TimeProvider.System.GetUtcNow()))),
        "nobody is still to be erased and nobody holds a scope");

    public async ValueTask DisposeAsync()
    {
        await Site.DisposeAsync();
        await _collector.DisposeAsync();
        await _host.DisposeAsync();
        _files.Dispose();
    }

    /// <summary>Without the sockets and pipes by which .NET's debuggers find a process.</summary>
    private IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Site.Database.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is var name && !name.StartsWith("dotnet-diagnostic-", StringComparison.Ordinal) && !name.StartsWith("clr-debug-pipe-", StringComparison.Ordinal));

    private IEnumerable<string> FilesBeside() => Files().Where(file => file != Site.Database.File && !file.StartsWith($"{Site.Database.File}-", StringComparison.Ordinal));

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
