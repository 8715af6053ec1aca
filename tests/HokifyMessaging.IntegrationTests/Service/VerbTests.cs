using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

public sealed class VerbTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "serve", "demo", "import", "request", "replay", "runs", "runs show", "find", "queues", "sandbox", "migrate", "keys", "backup", "restore", "erasures", "people", "retention", "completion", "Run:", "Look:", "Repair:", "Keep:", "People:", "Set up:")]
    [InlineData("serve", "/health/ready", "ASPNETCORE_URLS")]
    [LongFormData("demo", "--applications", "--seed", "--keep")]
    [LongFormData("import", "--scope", "--mode", "--from", "--key", "--dry-run", "--file", "--csv", "--json")]
    [LongFormData("request", "--scope", "--mode", "--from", "--key", "--dry-run", "--wait", "--timeout", "--requested-by", "--json")]
    [InlineData("replay", "id-or-key", "--wait", "--timeout", "--json")]
    [LongFormData("runs", "--scope", "--state", "--failed", "--since", "--after", "--limit", "--json", "show", "announce", "retry")]
    [LongFormData("runs show", "id-or-key", "--json")]
    [LongFormData("runs export", "id-or-key", "file", "--format", "--scope", "--json")]
    [LongFormData("runs announce", "id-or-key", "--json")]
    [LongFormData("runs retry", "id-or-key", "--json")]
    [LongFormData("queues", "Transport:RabbitMq:Management:Address", "--all", "--clear-healed", "--json")]
    [InlineData("find", "id-or-mail", "--scope", "--json")]
    [LongFormData("doctor", "erasure key", "--json")]
    [LongFormData("scopes", "--json", "set-watermark")]
    [LongFormData("scopes set-watermark", "id", "time", "--yes", "--json")]
    [LongFormData("audit", "--scope", "--since", "--limit", "--json")]
    [LongFormData("completion", "bash", "zsh", "fish", "pwsh")]
    [LongFormData("sandbox", "--port", "--applications", "--seed", "--json")]
    [LongFormData("migrate", "--script", "--json")]
    [LongFormData("keys", "new")]
    [LongFormData("backup", "file", "verify", "--verify", "--json")]
    [LongFormData("backup verify", "file", "--json")]
    [LongFormData("restore", "file", "--erasures", "--yes", "--json")]
    [LongFormData("people", "export", "erase", "hold", "release", "holds")]
    [LongFormData("people hold", "--application", "--person", "--email", "--all", "--scope", "--reason", "--until", "--json")]
    [LongFormData("people release", "id", "--json")]
    [LongFormData("people holds", "--all", "--scope", "--json")]
    [LongFormData("retention", "run", "--scope", "--json")]
    [LongFormData("retention run", "--scope", "--yes", "--json")]
    [LongFormData("people export", "--application", "--person", "--email", "--scope", "--all", "--format", "--language", "--output")]
    [LongFormData("people erase", "--application", "--person", "--email", "--all", "--scope", "--reason", "--yes", "--json")]
    [LongFormData("erasures", "export", "import", "rekey", "forget-key")]
    [LongFormData("erasures rekey", "--yes", "--json")]
    [LongFormData("erasures export", "file", "--json")]
    [LongFormData("erasures import", "file", "--json")]
    [LongFormData("erasures forget-key", "--yes", "--json")]
    [LongFormData("keys new", "--name", "--scopes", "--rights", "--expires", "--json")]
    public async Task Every_verb_explains_itself(string verb, params string[] words)
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.All(words, word => Assert.Contains(word, outcome.Output, StringComparison.Ordinal));
        Assert.All(
            outcome.Output.Split('\n').Where(line => line.StartsWith("  -", StringComparison.Ordinal)),
            line => Assert.Matches(@"^  -\S.*?  +\S", line));
    }

    [Theory]
    [InlineData("--nope", "Unrecognized command or argument '--nope'.", "See 'hokify --help'.")]
    [InlineData("runs --state Foo", "--state is 'Foo'; it must be Queued, Running, Interrupted, Failed, Completed or Cancelled.", "See 'hokify runs --help'.")]
    [LongFormData("runs --limit 0", "--limit is 0; it must be from 1 to 1000.", "See 'hokify runs --help'.")]
    [LongFormData("request --from gestern", "--from must be a number of seconds since 1970-01-01 UTC, such as 1771077762.5.", "See 'hokify request --help'.")]
    [LongFormData("keys new --name a__b --scopes 1 --rights read", "--name is 'a__b'; it must be letters and digits, with single underscores between them, at most 64 characters.", "See 'hokify keys new --help'.")]
    [InlineData("keys new --name crm --scopes 1,x --rights read", "--scopes is '1,x'; it must be scope ids such as 1,2, or all.", "See 'hokify keys new --help'.")]
    [LongFormData("keys new --name crm --scopes 1 --rights read,write", "--rights is 'read,write'; it must be one or more of read, import, operate and personal, separated by commas.", "See 'hokify keys new --help'.")]
    [LongFormData("keys new --name crm --scopes 1 --rights read --expires 2020-01-01", "--expires must be a day or an instant to come, such as 2027-01-31 or 2027-01-31T12:00:00+01:00.", "See 'hokify keys new --help'.")]
    [InlineData("runs --since gestern", "--since is 'gestern'; it must be an age such as 30m, 2h or 3d, or a time such as 2026-11-25 or 2026-11-25T08:00Z (UTC unless it says otherwise).", "See 'hokify runs --help'.")]
    [LongFormData("runs --failed --state Queued", "--failed means --state Failed; give one of them.", "See 'hokify runs --help'.")]
    [LongFormData("queues --all --clear-healed", "--all looks, --clear-healed takes out and --move moves; give one of them.", "See 'hokify queues --help'.")]
    [LongFormData("request --timeout x", "--timeout is 'x'; it must be a number such as 1.5.", "See 'hokify request --help'.")]
    public async Task A_wrong_option_is_named_in_one_sentence(string arguments, params string[] sentences)
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], arguments.Split(' '));

        Assert.Equal((1, "", string.Join('\n', sentences)), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [LongFormData("Hokify__Import__BatchSize=0", "Hokify:Import:BatchSize must be between 1 and 20000.")]
    [InlineData("Hokify__Import__BatchSize=viele", "Hokify:Import:BatchSize is 'viele'; it must be a whole number.")]
    [LongFormData("Hokify__Scopes__1__AtsApi__PageSize=viele", "Hokify:Scopes:1:AtsApi:PageSize is 'viele'; it must be a whole number.")]
    [InlineData("Hokify__Scopes__1__AtsApi__Tokn=x", "Hokify:Scopes:1:AtsApi:Tokn (environment variable Hokify__Scopes__1__AtsApi__Tokn) is not a known setting; did you mean Hokify:Scopes:1:AtsApi:Token?")]
    [LongFormData("Hokify__Scopes__1__Name=", "Hokify:Scopes:1:Name is required.")]
    [LongFormData("Transport__Kind=Rabbit", "Transport:Kind is 'Rabbit'; it must be InMemory or RabbitMq.")]
    [LongFormData("Transport__ConcurrentImports=0", "Transport:ConcurrentImports must be between 1 and 100.")]
    [LongFormData("Transport__RabbitMq__Port=0", "Transport:RabbitMq:Port must be between 1 and 65535.")]
    [LongFormData("Transport__RabbitMq__Management__Address=broker:15672", "Transport:RabbitMq:Management:Address must be an http or https address without a user, such as https://broker.example:15671.")]
    [LongFormData("Http__Limits__RequestsPerMinute=0", "Http:Limits:RequestsPerMinute must be between 1 and 1000000.")]
    [InlineData("ASPNETCORE_URLS=http://0.0.0.0:0", "ASPNETCORE_URLS (Urls) opens http://0.0.0.0:0 to other machines, and no API key is configured; make one with 'hokify keys new', or listen on http://127.0.0.1:5080.")]
    [LongFormData("Kestrel__Endpoints__Open__Url=http://[::]:0", "Kestrel:Endpoints:Open:Url opens http://[::]:0 to other machines, and no API key is configured; make one with 'hokify keys new', or listen on http://127.0.0.1:5080.")]
    [InlineData("Database__ConnectionString=Dtaa=1", "Database:ConnectionString is no connection string for Sqlite; it must be like 'Data Source=hokify.db'. A keyword is misspelt")]
    [LongFormData("Database__ConnectionString=Data Source=a;Password=s3;cr=et", "Database:ConnectionString is no connection string for Sqlite; it must be like 'Data Source=hokify.db'. A keyword is misspelt")]
    [LongFormData("Http__PublicBaseAddress=http://[::1", "Http:PublicBaseAddress is 'http://[::1'; it must be an address such as https://hokify.com/ats-api.")]
    public async Task A_wrong_setting_ends_serve_with_one_sentence(string setting, string sentence)
    {
        var (name, value) = (setting[..setting.IndexOf('=', StringComparison.Ordinal)], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]);

        var outcome = await HokifyProcess.RunAsync(_folder.Path, ServeTests.Scope.Append(new(name, value)));

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(sentence, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Error);
        Assert.DoesNotContain("   at ", outcome.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "hokify.db")), "the database was made before the configuration was checked");
    }

    [Fact]
    public async Task Sandbox_prints_the_environment_of_a_scope_that_reads_it_and_ends_on_Ctrl_C()
    {
        await using var verb = await HokifyProcess.StartAsync(_folder.Path, [], "sandbox", "--port", "0", "--applications", "17", "--scope", "3", "--json");
        await verb.UntilLineAsync(line => line == "}", "its JSON ends");
        var printed = JsonDocument.Parse(verb.Output).RootElement;
        using var http = new HttpClient { BaseAddress = new Uri(printed.GetProperty("address").GetString()!) };
        var state = await http.GetStringAsync(new Uri("sandbox/state", UriKind.Relative), Cancel);
        Assert.Contains("\"applications\":17", state, StringComparison.Ordinal);

        var environment = printed.GetProperty("environment").EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString()!);
        environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        await using (var serve = await HokifyProcess.StartAsync(_folder.Path, environment, "serve"))
        {
            Assert.EndsWith($"read from AtsApi at {http.BaseAddress}ats-api", await serve.UntilLineAsync("Scope 3:"), StringComparison.Ordinal);
        }

        var outcome = await verb.InterruptAsync();
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
    }

    [Theory]
    [InlineData("request --wait")]
    [InlineData("replay nightly")]
    [InlineData("runs announce nightly")]
    public async Task A_verb_on_the_bus_in_memory_says_that_nobody_hears_it_and_what_to_do(string arguments)
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], arguments.Split(' '));

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("The configured transport is InMemory, a bus that lives inside one process", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("Transport__Kind=RabbitMq", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("hokify demo", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Error);
    }

    [Fact]
    public async Task Request_is_checked_before_anything_is_published()
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [new("Transport__Kind", "RabbitMq"), new("Transport__RabbitMq__Port", "1")], "request", "--from", "5");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("UnixSecondsFrom 5 lies before the year 2000", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_does_not_wait_for_ever_for_a_broker_that_is_away()
    {
        Dictionary<string, string> away = new()
        {
            ["Transport__Kind"] = "RabbitMq",
            ["Transport__RabbitMq__Port"] = "1",
            ["Transport__PublishTimeout"] = "00:00:01.5",
        };

        var outcome = await HokifyProcess.RunAsync(_folder.Path, away, "request");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal(
            "The broker at amqp://localhost:1/ did not answer within 1.5 seconds (Transport:PublishTimeout); check Transport:RabbitMq and whether the broker runs.",
            outcome.Error);
    }

    [Theory]
    [InlineData("replay nobody")]
    [InlineData("runs announce nobody")]
    [InlineData("runs retry nobody")]
    public async Task A_run_that_is_not_there_is_said_before_the_broker_is_asked(string arguments)
    {
        Dictionary<string, string> away = new() { ["Transport__Kind"] = "RabbitMq", ["Transport__RabbitMq__Port"] = "1" };
        await MigratedFile.PlaceAsync(Path.Combine(_folder.Path, "hokify.db"));

        var outcome = await HokifyProcess.RunAsync(_folder.Path, away, arguments.Split(' '));

        Assert.Equal((1, "", "No run has the id or key 'nobody'; 'hokify runs' lists those there are."), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task Runs_without_a_database_says_what_to_do_and_makes_none()
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], "runs", "--json");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"The database file {Path.Combine(_folder.Path, "hokify.db")} does not exist; 'hokify serve' and 'hokify migrate' make it", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Migrate_prints_what_it_applied_once()
    {
        var first = await HokifyProcess.RunAsync(_folder.Path, [], "migrate", "--json");
        var second = await HokifyProcess.RunAsync(_folder.Path, [], "migrate");

        var applied = first.Json.GetProperty("applied").EnumerateArray().Select(m => m.GetString()).ToList();
        Assert.Equal((0, "Sqlite"), (first.ExitCode, first.Json.GetProperty("provider").GetString()));
        Assert.EndsWith("_Initial", applied[0], StringComparison.Ordinal);
        Assert.Equal((0, "nothing to apply, the schema is current"), (second.ExitCode, second.Output.Split('\n')[^1]));

        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder.Path, "hokify.db")};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var drop = connection.CreateCommand();
            drop.CommandText = "DROP INDEX IX_ActivityLog_Ledger;";
            await drop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var third = await HokifyProcess.RunAsync(_folder.Path, [], "migrate");
        Assert.Equal((0, "made the index IX_ActivityLog_Ledger anew, which was missing, disabled or of another form"), (third.ExitCode, third.Output.Split('\n')[^1]));
        var audit = (await HokifyProcess.RunAsync(_folder.Path, [], "audit", "--json")).Json.EnumerateArray().Reverse();
        Assert.Equal(
            [("Migrate", Environment.UserName, $"Applied: {applied[0]}."), ("Migrate", Environment.UserName, "Applied: IX_ActivityLog_Ledger.")],
            audit.Select(entry => (entry.GetProperty("action").GetString(), entry.GetProperty("who").GetString(), entry.GetProperty("detail").GetString())));
    }

    [Theory]
    [InlineData("Sqlite", "Data Source=hokify.db", "CREATE TABLE \"ImportRun\"")]
    [InlineData("SqlServer", "Server=nowhere;Database=ats", "IF NOT EXISTS (")]
    public async Task Migrate_prints_a_script_and_touches_nothing(string provider, string connection, string expected)
    {
        var outcome = await HokifyProcess.RunAsync(
            _folder.Path, [new("Database__Provider", provider), new("Database__ConnectionString", connection)], "migrate", "--script");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_database_that_cannot_be_opened_is_named_in_one_sentence()
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [new("Database__ConnectionString", "Data Source=/nowhere/hokify.db")], "migrate");

        Assert.Equal(
            (1, "", "The database file /nowhere/hokify.db cannot be made, because the folder /nowhere does not exist; make the folder, or name another file in Database:ConnectionString."),
            (outcome.ExitCode, outcome.Output, outcome.Error));
    }
}
