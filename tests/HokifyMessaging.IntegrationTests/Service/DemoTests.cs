using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

public sealed class DemoTests(DemoRun demo) : IClassFixture<DemoRun>
{
    [Fact]
    public void The_demonstration_shows_each_step_and_ends_with_0()
    {
        Assert.Equal((0, ""), (demo.Outcome.ExitCode, demo.Outcome.Error));
        var promises = demo.Outcome.Output.Split('\n').Where(line => line.StartsWith("ok: ", StringComparison.Ordinal)).ToList();
        Assert.Collection(
            promises,
            line => Assert.Contains("stored every application of hokify once", line, StringComparison.Ordinal),
            line => Assert.Contains("had the same event announced under the same MessageId", line, StringComparison.Ordinal),
            line => Assert.Contains("found what is new, changed and erased", line, StringComparison.Ordinal),
            line => Assert.Contains("marked as deleted what was withdrawn", line, StringComparison.Ordinal));
        Assert.Contains("Each of the 4 steps came out as it says", demo.Outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_progress_is_plain_lines_where_there_is_no_terminal()
    {
        Assert.Contains("  120 of 120 applications", demo.Outcome.Output.Split('\n'));
        Assert.DoesNotContain('\u001b', demo.Outcome.Output);
    }

    [Fact]
    public void Its_result_is_a_table_of_elements()
    {
        var row = demo.Outcome.Output.Split('\n').First(line => line.StartsWith("CandidateProfile", StringComparison.Ordinal));
        Assert.Equal(["CandidateProfile", "120", "0", "0", "0", "0"], row.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Ctrl_C_ends_it_and_leaves_nothing_behind()
    {
        using var folder = new OwnFolder();
        await using var verb = await HokifyProcess.StartAsync(folder.Path, [], "demo");
        await verb.UntilLineAsync("1. ");

        var outcome = await verb.InterruptAsync();

        Assert.Equal((130, ""), (outcome.ExitCode, outcome.Error));
        Assert.Empty(Directory.GetDirectories(folder.Path, "hokify-demo-*"));
    }

    [Fact]
    public async Task Runs_lists_the_newest_first_as_json()
    {
        var outcome = await HokifyProcess.RunAsync(demo.Folder, demo.Settings, "runs", "--json");

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var runs = outcome.Json.EnumerateArray().ToList();
        Assert.Equal(["demo-full-2", "demo-incremental", "demo-full"], runs.Select(run => run.GetProperty("idempotencyKey").GetString()));
        var first = runs[2];
        Assert.Equal(
            [
                "runId", "idempotencyKey", "scopeId", "importMode", "dryRun", "requestedBy", "state", "phase", "createdAt", "startedAt",
                "completedAt", "durationMilliseconds", "fetched", "okCount", "errorCount", "failure", "unattendedSince",
            ],
            first.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("Full", "Completed", 1), (first.GetProperty("importMode").GetString(), first.GetProperty("state").GetString(), first.GetProperty("scopeId").GetInt32()));
        Assert.Equal((DemoRun.Applications, 0), (first.GetProperty("fetched").GetInt32(), first.GetProperty("errorCount").GetInt32()));
        Assert.InRange(first.GetProperty("durationMilliseconds").GetInt64(), 1, 120_000);
    }

    [Theory]
    [InlineData("--scope 1 --state Completed --limit 2", 2)]
    [InlineData("--scope 1 --state Failed", 0)]
    [InlineData("--since 2h", 3)]
    [InlineData("--failed --since 2h", 0)]
    public async Task Runs_lists_only_what_was_asked_for(string options, int expected)
    {
        var outcome = await HokifyProcess.RunAsync(demo.Folder, demo.Settings, ["runs", .. options.Split(' '), "--json"]);

        Assert.Equal((0, expected), (outcome.ExitCode, outcome.Json.GetArrayLength()));
    }

    [Fact]
    public async Task Runs_lists_a_table_for_people()
    {
        var outcome = await HokifyProcess.RunAsync(demo.Folder, demo.Settings, "runs");

        Assert.Equal(0, outcome.ExitCode);
        var rows = outcome.Output.Split('\n').Select(line => line.Split("  ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(["id", "created", "state", "scope", "mode", "took", "fetched", "ok", "errors", "key", "requested by"], rows[0]);
        Assert.Equal(("Completed", "1", "Full", "demo-full-2", "hokify demo"), (rows[1][2], rows[1][3], rows[1][4], rows[1][9], rows[1][10]));
        Assert.Matches(@"^\d+(\.\d+ s| min \d\d s)$", rows[1][5]);
    }

    [Fact]
    public async Task Runs_show_tells_everything_about_a_run_by_its_key_or_its_id()
    {
        var byKey = (await HokifyProcess.RunAsync(demo.Folder, demo.Settings, "runs", "show", "demo-incremental", "--json")).Json;
        var id = byKey.GetProperty("summary").GetProperty("runId").GetString()!;
        var byId = (await HokifyProcess.RunAsync(demo.Folder, demo.Settings, "runs", "show", id, "--json")).Json;
        var text = await HokifyProcess.RunAsync(demo.Folder, demo.Settings, "runs", "show", id);

        Assert.Equal(byKey.ToString(), byId.ToString());
        Assert.Equal(5, byKey.GetProperty("result").GetProperty("CreatedCounts").GetProperty("CandidateProfile").GetInt32());
        Assert.NotEqual(JsonValueKind.Null, byKey.GetProperty("windowFrom").ValueKind);
        Assert.Equal((0, JsonValueKind.Array), (byKey.GetProperty("waitingCount").GetInt32(), byKey.GetProperty("waiting").ValueKind));
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("demo-incremental", text.Output, StringComparison.Ordinal);
        Assert.Matches("(?m)^state +Completed$", text.Output);
        Assert.Matches("(?m)^requested by +hokify demo$", text.Output);
    }

    [Fact]
    public async Task Runs_show_of_an_unknown_run_says_so()
    {
        var outcome = await HokifyProcess.RunAsync(demo.Folder, demo.Settings, "runs", "show", "nobody", "--json");

        Assert.Equal((1, "", "No run has the id or key 'nobody'; 'hokify runs' lists those there are."), (outcome.ExitCode, outcome.Output, outcome.Error));
    }
}
