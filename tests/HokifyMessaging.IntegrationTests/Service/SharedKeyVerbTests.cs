using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>Verbs that are given a key which runs of several scopes have.</summary>
public sealed class SharedKeyVerbTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("runs show")]
    [InlineData("runs announce")]
    [InlineData("runs retry")]
    [InlineData("replay")]
    public async Task A_key_of_several_scopes_asks_for_the_scope_and_with_it_names_one_run(string verb)
    {
        using var database = await HokifyDatabase.CreateAsync();
        await database.QueueAsync(Request("nightly", 1), Request("nightly", 2), Request("nightly", 3), Request("hourly", 2));

        var ambiguous = await RunAsync(database, verb, "nightly");
        var missing = await RunAsync(database, verb, "nightly", "--scope", "7");
        var elsewhere = await RunAsync(database, verb, "hourly", "--scope", "1");

        Assert.Equal((1, "", "The scopes 1, 2, 3 have each a run with the key 'nightly'; say which one with --scope."), ambiguous);
        Assert.Equal((1, "", "No run of scope 7 has the id or key 'nightly'; 'hokify runs' lists those there are."), missing);
        Assert.Equal((1, "", "No run of scope 1 has the id or key 'hourly'; 'hokify runs' lists those there are."), elsewhere);
    }

    [Fact]
    public async Task With_its_scope_a_run_is_shown_by_its_key_as_by_its_id()
    {
        using var database = await HokifyDatabase.CreateAsync();
        await database.QueueAsync(Request("nightly", 1), Request("nightly", 2));

        var (code, output, error) = await RunAsync(database, "runs show", "nightly", "--scope", "2", "--json");

        Assert.Equal((0, ""), (code, error));
        var summary = System.Text.Json.JsonDocument.Parse(output).RootElement.GetProperty("summary");
        Assert.Equal(2, summary.GetProperty("scopeId").GetInt32());
        Assert.Equal((code, output, error), await RunAsync(database, "runs show", summary.GetProperty("runId").GetString()!, "--json"));
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(HokifyDatabase database, string verb, params string[] arguments)
    {
        var outcome = await HokifyProcess.RunAsync(
            _folder.Path,
            new Dictionary<string, string> { ["Database__ConnectionString"] = database.ConnectionString, ["Transport__Kind"] = "RabbitMq", ["Transport__RabbitMq__Port"] = "1" },
            [.. verb.Split(' '), .. arguments]);
        return (outcome.ExitCode, outcome.Output, outcome.Error);
    }

    private static ImportRequest Request(string key, int scopeId) => new(key, scopeId, ImportMode.Full, null, false, null);
}
