using System.Globalization;
using System.Net;
using System.Net.Sockets;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>What is wrong with the machine around a verb, and not with its options: one sentence that names the place and what to do.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly Dictionary<string, string> BrokerAway = new() { ["Transport__Kind"] = "RabbitMq", ["Transport__RabbitMq__Port"] = "1" };

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Verbs that look into the database, or change what is in it, and never make one.</summary>
    public static TheoryData<string> Looking => LongForm.Of(few: 6,
    [
        "runs", "runs show nightly", "runs retry nightly", "runs announce nightly", "replay nightly", "erasures forget-key", "erasures rekey", "erasures export -", "backup backup.zip",
        "scopes", "scopes set-watermark 1 none", "audit", "people export --person p1", "people holds", "people hold --person p1 --reason x", "retention", "retention run",
    ]);

    private string Database => Path.Combine(_folder.Path, "hokify.db");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Looking))]
    public async Task A_database_that_does_not_exist_is_called_that_with_its_path_and_is_not_made(string verb)
    {
        var outcome = await RunAsync(verb, BrokerAway);

        Assert.Equal(
            new HokifyOutcome(1, "", $"The database file {Database} does not exist; 'hokify serve' and 'hokify migrate' make it, and Database:ConnectionString can name another, from the current folder or by its full path."),
            outcome);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [MemberData(nameof(Looking))]
    [InlineData("import")]
    [InlineData("migrate")]
    [InlineData("serve")]
    public async Task A_database_that_another_version_has_migrated_is_named_and_left_as_it_is(string verb)
    {
        await MigratedFile.PlaceAsync(Database);
        await ExecuteAsync("INSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion) VALUES ('20991231235959_Tomorrow', '99.0.0')");
        var before = await File.ReadAllBytesAsync(Database, Cancel);

        var outcome = await RunAsync(verb, verb is "serve" or "import" ? ServeTests.Scope : BrokerAway);

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"The database file {Database} has migrations that this version does not know (20991231235959_Tomorrow): it is of a newer version", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Error);
        Assert.Equal(before, await File.ReadAllBytesAsync(Database, Cancel));
    }

    [Theory]
    [MemberData(nameof(Looking))]
    [InlineData("import")]
    [InlineData("migrate")]
    [InlineData("serve")]
    public async Task A_file_that_is_no_database_is_named_and_left_as_it_is(string verb)
    {
        const string Text = "id;name;mail\nThis is a table of somebody's, and no database, although its name says so.\n";
        await File.WriteAllTextAsync(Database, Text, Cancel);

        var outcome = await RunAsync(verb, verb is "serve" or "import" ? ServeTests.Scope : BrokerAway);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"The database file {Database} cannot be used: the database file is damaged or is not a SQLite database (SQLite error 26, extended 26).", outcome.Error);
        Assert.Equal(Text, await File.ReadAllTextAsync(Database, Cancel));
    }

    [Theory]
    [InlineData("runs")]
    [InlineData("migrate")]
    [InlineData("serve")]
    public async Task A_folder_where_the_database_should_be_is_called_one(string verb)
    {
        Directory.CreateDirectory(Database);

        var outcome = await RunAsync(verb, ServeTests.Scope);

        Assert.Equal((1, $"The database file {Database} is a folder; Database:ConnectionString must name a file."), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task A_scope_that_nobody_knows_is_said_to_be_unknown_and_one_that_has_not_run_yet_is_not()
    {
        await MigratedFile.PlaceAsync(Database);

        var unknown = await RunAsync("runs --scope 99", ServeTests.Scope);
        var known = await RunAsync("runs --scope 1", ServeTests.Scope);

        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
        Assert.StartsWith($"Scope 99 is not known: Hokify:Scopes has 1, and the file {Database} has no run of it; settings were read from ", unknown.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (known.ExitCode, known.Error));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_the_way_to_another_one()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var settings = ServeTests.Scope;
        settings["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";

        var serve = await RunAsync("serve", settings);
        var sandbox = await RunAsync($"sandbox --port {port}", []);

        Assert.Equal((1, $"Another program listens on http://127.0.0.1:{port} already; stop it, or listen elsewhere with ASPNETCORE_URLS (Urls), such as http://127.0.0.1:5081."), (serve.ExitCode, serve.Error));
        Assert.Equal(
            new HokifyOutcome(1, "", $"Another program listens on http://127.0.0.1:{port} already; stop it, or choose another port with --port, or a free one with --port 0."), sandbox);
    }

    [Fact]
    public async Task An_address_that_is_none_is_named_with_its_setting()
    {
        var settings = ServeTests.Scope;
        settings["ASPNETCORE_URLS"] = "127.0.0.1:0";

        var outcome = await RunAsync("serve", settings);

        Assert.Equal(
            (1, "ASPNETCORE_URLS (Urls) is '127.0.0.1:0'; it must be an address with http:// or https:// before it, such as http://127.0.0.1:5080."), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task The_version_is_a_version_and_nothing_else()
    {
        var outcome = await RunAsync("--version", []);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Matches(@"^\d+\.\d+\.\d+(-[\w.]+)?$", outcome.Output);
    }

    private Task<HokifyOutcome> RunAsync(string verb, Dictionary<string, string> settings) => HokifyProcess.RunAsync(_folder.Path, settings, verb.Split(' '));

    private Task ExecuteAsync(string sql) => SqliteText.ExecuteAsync(Database, sql);
}
