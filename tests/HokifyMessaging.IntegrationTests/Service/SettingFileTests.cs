using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>appsettings.json of the current folder: who reads it, what counts more, and what is said of it.</summary>
public sealed class SettingFileTests : IDisposable
{
    private static readonly string BesideTheProgram = Path.Combine(Path.GetDirectoryName(HokifyProcess.Program)!, "appsettings.json");

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Verbs that read settings, with what each needs.</summary>
    public static TheoryData<string> Verbs => LongForm.Of(few: 4,
    [
        "serve", "import", "request", "replay nightly", "runs", "runs show nightly", "runs announce nightly", "runs retry nightly", "queues", "migrate", "migrate --script", "erasures forget-key", "erasures rekey",
        "scopes", "scopes set-watermark 1 none", "audit", "people export --person p1",
    ]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verbs_read_the_current_folders_file_then_that_of_the_environment_then_the_environment_itself()
    {
        await WriteAsync("appsettings.json", """{ "Database": { "ConnectionString": "Data Source=of-the-folder.db" } }""");
        Assert.StartsWith($"Sqlite, the file {PathOf("of-the-folder.db")}:", (await RunAsync("migrate")).Output, StringComparison.Ordinal);

        await WriteAsync("appsettings.Staging.json", """{ "Database": { "ConnectionString": "Data Source=of-staging.db" } }""");
        Assert.Contains(PathOf("of-the-folder.db"), (await RunAsync("migrate")).Output, StringComparison.Ordinal);
        Assert.Contains(PathOf("of-staging.db"), (await RunAsync("migrate", ("DOTNET_ENVIRONMENT", "Staging"))).Output, StringComparison.Ordinal);

        var outcome = await RunAsync("migrate", ("DOTNET_ENVIRONMENT", "Staging"), ("Database__ConnectionString", "Data Source=of-the-variable.db"));
        Assert.Contains(PathOf("of-the-variable.db"), outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_says_its_version_which_files_it_has_read_and_that_it_makes_a_database()
    {
        var settings = ServeTests.Scope;
        await using (var first = await HokifyProcess.StartAsync(_folder.Path, settings))
        {
            await first.UntilStartedAsync();
            Assert.Matches(@"Version: hokify \d+\.\d+\.\d+(-[\w.]+)?$", first.Lines.First(line => line.Contains("Version:", StringComparison.Ordinal)));
            Assert.Contains($"Settings: read from {BesideTheProgram} and the environment", first.Output, StringComparison.Ordinal);
            Assert.Contains($"The database file {PathOf("hokify.db")} does not exist yet and is made now", first.Output, StringComparison.Ordinal);
            await first.InterruptAsync();
        }

        await WriteAsync("appsettings.json", """{ "Hokify": { "Scopes": { "2": { "Name": "Hotel", "Source": "CsvFiles", "CsvFiles": { "Path": "exports" } } } } }""");
        await using var second = await HokifyProcess.StartAsync(_folder.Path, settings);
        await second.UntilStartedAsync();
        Assert.Contains($"Settings: read from {BesideTheProgram}, {PathOf("appsettings.json")} and the environment", second.Output, StringComparison.Ordinal);
        Assert.Contains("Scope 2: Hotel, read from CsvFiles at exports", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("does not exist yet", second.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"Database\": {\n    \"Provider\": \"Sqlite\",,\n  }\n}", " line 3 is not valid JSON: ',' is an invalid start of a property name; expected is a '\"'.")]
    [LongFormData("{\n  \"Database\": {\n", " line 3 is not valid JSON: the file ends before each brace and bracket in it is closed.")]
    [InlineData("", " is empty or cut off; it must hold one JSON object, such as { \"Database\": { … } }, or be deleted.")]
    [LongFormData("[]", " must hold one JSON object, such as { \"Database\": { … } }.")]
    [LongFormData("{ \"Database\": { \"Provider\": \"Sqlite\", \"provider\": \"SqlServer\" } }", " sets Database:provider twice, perhaps once in other letter case; leave one of them.")]
    public async Task A_file_that_is_none_is_named_with_the_line_and_what_is_wrong(string content, string sentence)
    {
        await WriteAsync("appsettings.json", content);

        Assert.Equal(new HokifyOutcome(1, "", PathOf("appsettings.json") + sentence), await RunAsync("runs"));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_refuses_a_misspelt_setting_and_a_file_that_is_none_and_makes_nothing(string verb)
    {
        var misspelt = await RunAsync(verb, ("Databse__ConnectionString", "Data Source=elsewhere.db"));
        Assert.Equal(
            new HokifyOutcome(1, "", "Databse:ConnectionString (environment variable Databse__ConnectionString) is in no known section; did you mean Database:ConnectionString?"), misspelt);

        await WriteAsync("appsettings.json", """{ "Hokify": { "Import": { "BatchSzie": 5 } } }""");
        Assert.Equal(
            new HokifyOutcome(1, "", $"Hokify:Import:BatchSzie in {PathOf("appsettings.json")} is not a known setting; did you mean Hokify:Import:BatchSize?"), await RunAsync(verb));

        await WriteAsync("appsettings.json", "{ x }");
        var broken = await RunAsync(verb);
        Assert.Equal((1, ""), (broken.ExitCode, broken.Output));
        Assert.StartsWith($"{PathOf("appsettings.json")} line 1 is not valid JSON: ", broken.Error, StringComparison.Ordinal);
        Assert.Equal([PathOf("appsettings.json")], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task What_is_not_configured_is_said_with_the_files_that_were_read()
    {
        await WriteAsync("appsettings.json", "{}");

        foreach (var verb in new[] { "queues", "request" })
        {
            Assert.EndsWith($"; settings were read from {BesideTheProgram}, {PathOf("appsettings.json")} and the environment.", (await RunAsync(verb)).Error, StringComparison.Ordinal);
        }
    }

    private string PathOf(string file) => Path.Combine(_folder.Path, file);

    private Task WriteAsync(string file, string content) => File.WriteAllTextAsync(PathOf(file), content, Cancel);

    private Task<HokifyOutcome> RunAsync(string verb, params (string Name, string Value)[] environment) =>
        HokifyProcess.RunAsync(_folder.Path, environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value)), verb.Split(' '));
}
