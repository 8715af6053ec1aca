using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify doctor</c>, at an installation that is in order and at ones that are not.</summary>
public sealed class DoctorTests(SharedBroker shared) : IAsyncDisposable
{
    private static readonly string[] Parts = ["settings", "machine", "protection", "database", "erasure key", "workers", "broker", "broker's management", "scope 1"];

    private readonly OwnFolder _folder = new();
    private readonly ShiftedClock _clock = new();
    private HokifySandbox? _sandbox;
    private BrokerVirtualHost? _host;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(_folder.Path, "hokify.db");

    private Dictionary<string, string> Settings { get; set; } = [];

    public async ValueTask DisposeAsync()
    {
        await (_sandbox?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_host?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    [Fact]
    public async Task Nothing_is_wrong_with_a_service_at_work_and_nothing_of_it_is_changed()
    {
        await PrepareAtBrokerAsync();
        await using var serve = await HokifyProcess.StartAsync(_folder.Path, Settings, "serve");
        await serve.UntilStartedAsync();
        var before = await DefinitionsAsync();

        var outcome = await HokifyProcess.RunAsync(_folder.Path, Settings, "doctor");
        var findings = Read((await HokifyProcess.RunAsync(_folder.Path, Settings, "doctor", "--json")).Json);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.EndsWith("Nothing is wrong.", outcome.Output, StringComparison.Ordinal);
        Assert.All(findings, finding => Assert.Equal("Ok", finding.Verdict));
        Assert.Equal(Parts, findings.Select(finding => finding.Subject).Distinct());
        Assert.Equal(before, await DefinitionsAsync());
        Assert.Contains("lets guest in, and what it has of the import is as the service declares it", Of(findings, "broker").Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_first_start_it_says_that_the_database_is_not_there_and_makes_none()
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], "doctor", "--json");

        Assert.Equal(1, outcome.ExitCode);
        var findings = Read(outcome.Json);
        var wrong = Assert.Single(findings, finding => finding.Verdict == "Wrong");
        Assert.StartsWith($"The database file {Database} does not exist;", wrong.Sentence, StringComparison.Ordinal);
        Assert.Equal(["erasure key", "workers"], findings.Where(finding => finding.Verdict == "Unknown").Select(finding => finding.Subject));
        Assert.Contains("No scope is configured", Of(findings, "settings").Sentence, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("a misspelt setting", "settings", "Hokify:Import:BatchSiez (environment variable Hokify__Import__BatchSiez) is not a known setting; did you mean Hokify:Import:BatchSize?")]
    [LongFormData("a value out of range", "settings", "Hokify:Import:BatchSize must be between 1 and 20000.")]
    [LongFormData("a value that is none", "settings", "Hokify:Import:BatchSize is 'many'; it must be a whole number.")]
    [LongFormData("no token", "settings", "Hokify:Scopes:1:AtsApi:Token is empty;")]
    [LongFormData("a database in memory", "settings", "Database:ConnectionString names a database in memory or a temporary one")]
    [InlineData("no folder for temporary files", "machine", "cannot be written, and the files of runs cannot be downloaded")]
    [LongFormData("no database", "database", "hokify.db does not exist;")]
    [LongFormData("a newer database", "database", "has migrations that this version does not know (20991231235959_Tomorrow)")]
    [LongFormData("a database without tables", "database", "has no tables of this program; run 'hokify migrate'")]
    [LongFormData("a damaged database", "database", "the database file is damaged or is not a SQLite database")]
    [InlineData("no unique index", "database", "The database lacks the unique index IX_Candidate_ScopeId_ReferenceId of table Candidate")]
    [InlineData("a readable database", "protection", "hokify.db is about people, and others than its owner may read or change it")]
    [LongFormData("a readable local token", "protection", "Whoever reads the file")]
    [LongFormData("a missing erasure key", "erasure key", "hokify.db.erasure-key is missing, and the database remembers erased people (hashes: 1)")]
    [InlineData("a damaged erasure key", "erasure key", "hokify.db.erasure-key is not an erasure key")]
    [LongFormData("another database's erasure key", "erasure key", "hokify.db.erasure-key is not the erasure key that belongs to this database")]
    [InlineData("another version at work", "workers", "Scope 1 is being imported by another version of the program (process 17 on elsewhere, version 0.0.9)")]
    [LongFormData("hokify away", "scope 1", "hokify could not be reached")]
    [InlineData("a token that hokify refuses", "scope 1", "hokify refused the scope's credentials; AtsApi:Mandator and AtsApi:Token must be those that hokify issued")]
    [LongFormData("another time at hokify", "scope 1", "seconds ahead of this machine's")]
    [LongFormData("a folder without files", "scope 1", "holds no *.csv file; expected is at least one.")]
    public async Task It_names_what_is_wrong_with_an_installation(string fault, string subject, string sentence)
    {
        await PrepareAsync();
        await BringAboutAsync(fault);

        var outcome = await HokifyProcess.RunAsync(_folder.Path, Settings, "doctor", "--json");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Error));
        var wrong = Read(outcome.Json).Where(finding => finding.Verdict == "Wrong").ToList();
        Assert.Contains(wrong, finding => finding.Subject == subject && finding.Sentence.Contains(sentence, StringComparison.Ordinal));
        Assert.DoesNotContain(wrong, finding => finding.Subject != subject && finding.Sentence.Contains(sentence, StringComparison.Ordinal) && subject == "settings");
    }

    [Theory]
    [InlineData("a broker that is away", "broker", "(ConnectionRefused)")]
    [LongFormData("another password", "broker", "it refuses the user or the password; check Transport:RabbitMq:Username")]
    [LongFormData("no such virtual host", "broker", "vhost nowhere not found")]
    [InlineData("a queue of another type", "broker", "The queue hokify-import is not as the service declares it, and the service does not get its requests:")]
    [LongFormData("an error queue of another type", "broker", "The queue hokify-import_error is not as the service declares it, and what goes wrong cannot be moved there:")]
    [LongFormData("a user without rights", "broker", "It needs the permissions configure, write and read for '^hokify[.-]'")]
    [InlineData("a short consumer_timeout", "broker's management", "The broker takes a request away after 60 seconds (consumer_timeout), and a worker holds one for 120")]
    [LongFormData("a service of another version", "broker's management", "A service of another version is connected to the same virtual host: 0.0.9 on elsewhere")]
    public async Task It_names_what_is_wrong_with_the_broker(string fault, string subject, string sentence)
    {
        await PrepareAtBrokerAsync();
        await using var other = fault == "a service of another version" ? await ConnectAsync("hokify 0.0.9 on elsewhere") : null;
        await BringAboutAtBrokerAsync(fault);

        HokifyOutcome? outcome = null;
        // What the management API says of a connection or a policy comes with its next statistics.
        await BrokerImport.Until(async () =>
        {
            outcome = await HokifyProcess.RunAsync(_folder.Path, Settings, "doctor", "--json");
            return outcome.ExitCode == 1;
        });

        Assert.Equal("", outcome!.Error);
        Assert.Contains(Read(outcome.Json), finding => (finding.Verdict, finding.Subject) == ("Wrong", subject) && finding.Sentence.Contains(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_looked_at_and_what_should_be_known_is_said_and_is_not_wrong()
    {
        await PrepareAtBrokerAsync();
        Settings["Transport:RabbitMq:Management:Address"] = "http://127.0.0.1:1";
        Settings["Http:Keys:crm:Hash"] = KeyHash.Of("nobody's").ToString();
        Settings["Http:Keys:crm:Scopes"] = "all";
        Settings["Http:Keys:crm:Rights"] = "read";
        Settings["Http:Keys:crm:ExpiresAt"] = "2025-01-01T00:00:00Z";

        var outcome = await HokifyProcess.RunAsync(_folder.Path, Settings, "doctor", "--json");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var findings = Read(outcome.Json);
        Assert.Equal("Unknown", Of(findings, "broker's management").Verdict);
        Assert.Equal("Note", Of(findings, "settings").Verdict);
        Assert.StartsWith("API key crm expired at 2025-01-01", Of(findings, "settings").Sentence, StringComparison.Ordinal);
    }

    private async Task PrepareAsync()
    {
        HokifyProcess.Require();
        _sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 5, Clock = _clock }, Cancel);
        Settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Hokify:Scopes:1:Name"] = "Gasthaus zur Sandkiste",
            ["Hokify:Scopes:1:AtsApi:BaseAddress"] = _sandbox.AtsApi.ToString(),
            ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
            ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
        };
        Assert.Equal(0, (await HokifyProcess.RunAsync(_folder.Path, Settings, "migrate")).ExitCode);
    }

    private async Task PrepareAtBrokerAsync()
    {
        await PrepareAsync();
        _host = await shared.CreateVirtualHostAsync(Cancel);
        foreach (var (key, value) in AtBroker.Asking(_host))
        {
            Settings[key] = value;
        }
    }

    private async Task BringAboutAsync(string fault)
    {
        switch (fault)
        {
            case "a misspelt setting": Settings["Hokify:Import:BatchSiez"] = "10"; break;
            case "a value out of range": Settings["Hokify:Import:BatchSize"] = "0"; break;
            case "a value that is none": Settings["Hokify:Import:BatchSize"] = "many"; break;
            case "no token": Settings["Hokify:Scopes:1:AtsApi:Token"] = ""; break;
            case "a database in memory": Settings["Database:ConnectionString"] = "Data Source=:memory:"; break;
            case "no folder for temporary files": Settings["TMPDIR"] = Path.Combine(_folder.Path, "nowhere"); break;
            case "no database": File.Delete(Database); break;
            case "a newer database": await ExecuteAsync("INSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion) VALUES ('20991231235959_Tomorrow', '99.0.0')"); break;
            case "a database without tables": await ExecuteAsync("DELETE FROM __EFMigrationsHistory"); break;
            case "a damaged database": await File.WriteAllTextAsync(Database, new string('x', 4096), Cancel); break;
            case "no unique index": await ExecuteAsync("DROP INDEX IX_Candidate_ScopeId_ReferenceId"); break;
            case "a readable database" when !OperatingSystem.IsWindows(): File.SetUnixFileMode(Database, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead); break;
            case "a readable local token" when !OperatingSystem.IsWindows():
                await File.WriteAllTextAsync($"{Database}.local-token", "token", Cancel);
                File.SetUnixFileMode($"{Database}.local-token", UnixFileMode.UserRead | UnixFileMode.OtherRead);
                break;
            case "a missing erasure key": await RememberAsync(); break;
            case "a damaged erasure key": await File.WriteAllTextAsync($"{Database}.erasure-key", "damaged", Cancel); break;
            case "another database's erasure key":
                await RememberAsync();
                await ExecuteAsync("INSERT INTO ErasedKey (ScopeId, Hash, ErasedAt) VALUES (-2147483648, x'01', '2026-01-01T00:00:00.0000000Z')");
                await File.WriteAllTextAsync($"{Database}.erasure-key", Convert.ToBase64String(new byte[32]), Cancel);
                break;
            case "another version at work":
                var until = TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("O", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal);
                await ExecuteAsync($"INSERT INTO Scope (ScopeId, LeaseOwner, LeaseExpiresAt, Fence, Revision) VALUES (1, 'elsewhere/17/0/0.0.9', '{until}', 1, 1)");
                break;
            case "hokify away": await _sandbox!.DisposeAsync(); break;
            case "a token that hokify refuses": Settings["Hokify:Scopes:1:AtsApi:Token"] = "wrong"; break;
            case "another time at hokify": _clock.Shift = TimeSpan.FromMinutes(5); break;
            case "a folder without files":
                Settings["Hokify:Scopes:1:Source"] = "CsvFiles";
                Settings["Hokify:Scopes:1:CsvFiles:Path"] = _folder.Path;
                break;
            default: throw new ArgumentException(fault);
        }
    }

    private async Task BringAboutAtBrokerAsync(string fault)
    {
        var (management, name) = (_host!.Broker.Management, Uri.EscapeDataString(_host.Name));
        switch (fault)
        {
            case "a broker that is away": Settings["Transport:RabbitMq:Port"] = "1"; break;
            case "another password": Settings["Transport:RabbitMq:Password"] = "another"; break;
            case "no such virtual host": Settings["Transport:RabbitMq:VirtualHost"] = "nowhere"; break;
            case "a queue of another type": await DeclareAsync("hokify-import", "classic"); break;
            case "an error queue of another type": await DeclareAsync("hokify-import_error", "quorum"); break;
            case "a user without rights":
                await PutAsync("users/reader", new { password = "reader", tags = "management" });
                await PutAsync($"permissions/{name}/reader", new { configure = ".*", write = "^$", read = ".*" });
                (Settings["Transport:RabbitMq:Username"], Settings["Transport:RabbitMq:Password"]) = ("reader", "reader");
                break;
            case "a short consumer_timeout":
                await DeclareAsync("hokify-import", "quorum", ("x-delivery-limit", 20), ("x-dead-letter-exchange", "hokify-import_dead"), ("x-consumer-timeout", 60_000));
                break;
            case "a service of another version": break;
            default: throw new ArgumentException(fault);
        }

        Task DeclareAsync(string queue, string type, params (string Name, object Value)[] others)
        {
            var arguments = others.ToDictionary(argument => argument.Name, argument => argument.Value);
            arguments["x-queue-type"] = type;
            return PutAsync($"queues/{name}/{queue}", new { durable = true, auto_delete = false, arguments });
        }

        async Task PutAsync(string path, object body)
        {
            using var answer = await management.PutAsJsonAsync(path, body, Cancel);
            answer.EnsureSuccessStatusCode();
        }
    }

    private async Task<IAsyncDisposable> ConnectAsync(string name)
    {
        var factory = new RabbitMQ.Client.ConnectionFactory { Uri = _host!.Amqp };
        return await factory.CreateConnectionAsync(name, Cancel);
    }

    /// <summary>The virtual host's exchanges, queues and bindings as the management API has them.</summary>
    private async Task<string> DefinitionsAsync() => await _host!.Broker.Management.GetStringAsync($"definitions/{Uri.EscapeDataString(_host.Name)}", Cancel);

    private Task RememberAsync() => ExecuteAsync("INSERT INTO ErasedKey (ScopeId, Hash, ErasedAt) VALUES (1, x'00', '2026-01-01T00:00:00.0000000Z')");

    private Task ExecuteAsync(string sql) => SqliteText.ExecuteAsync(Database, sql);

    private static List<Finding> Read(JsonElement findings) =>
    [
        .. findings.EnumerateArray().Select(finding => new Finding(
            finding.GetProperty("subject").GetString()!, finding.GetProperty("verdict").GetString()!, finding.GetProperty("sentence").GetString()!)),
    ];

    private static Finding Of(IEnumerable<Finding> findings, string subject) => findings.First(finding => finding.Subject == subject);

    private sealed record Finding(string Subject, string Verdict, string Sentence);

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
