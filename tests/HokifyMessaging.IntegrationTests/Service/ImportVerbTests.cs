using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>One import by one command, against hokify: alone, interrupted, and beside others on the same database.</summary>
public sealed class ImportVerbTests(UndisturbedImport undisturbed)
{
    private const int Applications = UndisturbedImport.Applications;
    private const string Key = UndisturbedImport.Key;

    private static readonly string[] Full = ["import", "--mode", "Full", "--key", Key];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_leaves_what_a_service_leaves_and_prints_the_event_alone_as_JSON()
    {
        await using var site = await Installation.StartAsync(Applications);

        var outcome = await RunAsync(site, [.. Full, "--json"]);

        Assert.Equal((0, Key), (outcome.ExitCode, outcome.Json.GetProperty("idempotencyKey").GetString()));
        Assert.Equal(await undisturbed.OutcomeAsync(), await site.Database.OutcomeAsync(Key));
    }

    [Fact]
    public async Task The_same_key_imports_once_and_another_one_finds_everything_unchanged()
    {
        await using var site = await Installation.StartAsync(20);
        await RunAsync(site, Full);
        var (dump, pages) = (await site.Database.DumpAsync(), site.PageRequests().Count);

        var again = await RunAsync(site, Full);
        Assert.Equal((0, pages), (again.ExitCode, site.PageRequests().Count));
        Assert.Contains("so nothing was imported now", again.Output, StringComparison.Ordinal);
        Assert.Equal(dump, await site.Database.DumpAsync());

        var anew = await RunAsync(site, "import", "--mode", "Full", "--json");
        Assert.Equal(20, anew.Json.GetProperty("result").GetProperty("UnchangedCounts").GetProperty("CandidateProfile").GetInt32());
        var run = (await site.Database.RunAsync(Key)).Id;
        Assert.Equal(
            [("RequestImport", $"Run {run}, a full import."), ("RequestImport", $"Run {anew.Json.GetProperty("runId").GetString()}, a full import.")],
            await NotedAsync(site));

        var other = await RunAsync(site, "import", "--key", Key);
        Assert.Equal((1, ""), (other.ExitCode, other.Output));
        Assert.Contains("whose request differs: ImportMode (was Full, now Incremental)", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_writes_no_applicant()
    {
        await using var site = await Installation.StartAsync(20);

        var outcome = await RunAsync(site, "import", "--dry-run");

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("a dry run that changed nothing", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(0, await site.Database.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Records_in_error_show_in_the_exit_code_and_as_sentences()
    {
        await using var site = await Installation.StartAsync(20);
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { Times = null });

        var outcome = await RunAsync(site, "import");

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("expected is", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task One_that_is_told_to_stop_says_how_to_go_on_and_that_goes_on_from_its_checkpoint(string signal)
    {
        await using var site = await Installation.StartAsync(Applications);
        site.SlowDown(milliseconds: 200);
        await using var process = await StartAsync(site, Full);
        await process.UntilAsync(() => site.Database.IsAsync(Key, run => HokifyDatabase.Fetched(run) >= 10), "10 records are committed");

        var stopped = signal == "INT" ? await process.InterruptAsync() : new HokifyOutcome(await process.TerminateAsync(), process.Output, process.ToString());
        site.SpeedUp();

        Assert.Equal((130, ""), (stopped.ExitCode, stopped.Output));
        Assert.Contains("'hokify import --scope 1 --mode Full --key nightly' goes on with it.", stopped.Error, StringComparison.Ordinal);
        var (run, pages) = (await site.Database.RunAsync(Key), site.PageRequests().Count);
        Assert.Equal(RunState.Interrupted, run.State);

        var resumed = await RunAsync(site, Full);
        Assert.Equal(0, resumed.ExitCode);
        Assert.Contains("goes on where it had stopped", resumed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("offset=0", site.PageRequests()[pages].Query, StringComparison.Ordinal);
        Assert.Equal(await undisturbed.OutcomeAsync(), await site.Database.OutcomeAsync(Key));
        Assert.Equal([("RequestImport", $"Run {run.Id}, a full import.")], await NotedAsync(site));
    }

    [Fact]
    public async Task A_run_that_a_killed_process_left_behind_goes_first()
    {
        await using var site = await Installation.StartAsync(Applications);
        site.LeaseFor(Installation.Short);
        site.SlowDown(milliseconds: 200);
        await using (var process = await StartAsync(site, Full))
        {
            await process.UntilAsync(() => site.Database.IsAsync(Key, run => HokifyDatabase.Fetched(run) >= 10), "10 records are committed");
            await process.KillAsync();
        }

        site.SpeedUp();
        var next = await RunAsync(site, "import", "--mode", "Full", "--key", "next");

        Assert.Equal(0, next.ExitCode);
        Assert.Contains("(key nightly) of the scope was asked for before", next.Error, StringComparison.Ordinal);
        var (first, second) = (await site.Database.RunAsync(Key), await site.Database.RunAsync("next"));
        Assert.Equal((RunState.Completed, RunState.Completed), (first.State, second.State));
        Assert.True(first.CompletedAt <= second.StartedAt);
    }

    [Fact]
    public async Task Beside_a_service_at_work_it_waits_for_its_turn_and_says_so()
    {
        await using var site = await Installation.StartAsync(Applications);
        site.SlowDown(milliseconds: 100);
        await site.Database.QueueFullAsync("service");
        var service = await site.ServeAsync();
        await service.UntilAsync(() => site.Database.IsAsync("service", run => HokifyDatabase.Fetched(run) >= 10), "10 records are committed");
        site.SpeedUp();
        site.SlowDown(milliseconds: 4_000);

        await using var process = await StartAsync(site, Full);
        await process.UntilLineAsync("this one waits for its turn");
        site.SpeedUp();
        var outcome = await process.EndAsync();

        Assert.Equal(0, outcome.ExitCode);
        var (first, second) = (await site.Database.RunAsync("service"), await site.Database.RunAsync(Key));
        Assert.Equal((RunState.Completed, RunState.Completed), (first.State, second.State));
        Assert.True(first.CompletedAt <= second.StartedAt);
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync(Key), "the service has announced what was imported beside it");
    }

    [Fact]
    public async Task Of_two_at_once_each_imports_and_never_both_at_a_time()
    {
        await using var site = await Installation.StartAsync(Applications);
        site.SlowDown(milliseconds: 50);
        await using var one = await StartAsync(site, "import", "--mode", "Full", "--key", "one");
        await using var two = await StartAsync(site, "import", "--mode", "Full", "--key", "two");

        Assert.Equal((0, 0), ((await one.EndAsync()).ExitCode, (await two.EndAsync()).ExitCode));
        var runs = new[] { await site.Database.RunAsync("one"), await site.Database.RunAsync("two") }.OrderBy(run => run.StartedAt).ToList();
        Assert.True(runs[0].CompletedAt <= runs[1].StartedAt);
    }

    [Fact]
    public async Task A_failure_is_one_sentence_with_what_goes_on_and_the_next_import_goes_on_first()
    {
        await using var site = await Installation.StartAsync(20);
        site.Settings["Hokify:Import:FailedRunDelay"] = "00:00:01";
        site.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { Times = null });
        var failed = await RunAsync(site, Full);
        site.SpeedUp();

        Assert.Equal((1, ""), (failed.ExitCode, failed.Output));
        Assert.Contains("'hokify import --scope 1 --mode Full --key nightly' goes on with it.", failed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", failed.Error, StringComparison.Ordinal);

        var left = await site.Database.RunAsync(Key);
        Assert.True(left is { State: RunState.Failed, ResumeAt: not null }, $"{left.State}, resumed at {left.ResumeAt}: {left.Failure}");
        await site.UntilAsync(() => site.Database.IsAsync(Key, run => run.ResumeAt < TimeProvider.System.GetUtcNow()), $"its pause until {left.ResumeAt} is over");
        Assert.Equal(0, (await RunAsync(site, "import")).ExitCode);
        Assert.Equal(RunState.Completed, (await site.Database.RunAsync(Key)).State);
    }

    [Theory]
    [InlineData("--scope 7", "ScopeId 7 is not configured; the configured scopes are 1. Configure it")]
    [LongFormData("--mode Full --from 1771077762", "UnixSecondsFrom goes with ImportMode Incremental")]
    [LongFormData("--file applications.csv", "Scope 1 is configured and has a source of its own; a file is imported into a scope that is not configured, such as --scope 2.")]
    [InlineData("--scope 2 --file nowhere.csv", "nowhere.csv, which does not exist; expected is a CSV file")]
    [LongFormData("--csv nowhere/out.csv", "does not exist; make it first, or choose another.")]
    [LongFormData("--csv .", "which exists already and is left alone")]
    public async Task What_cannot_be_done_is_said_in_one_sentence_before_anything_is_stored(string arguments, string sentence)
    {
        await using var site = await Installation.StartAsync(20);

        var outcome = await RunAsync(site, ["import", .. arguments.Split(' ')]);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(sentence, Assert.Single(outcome.Error.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(0, await site.Database.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_file_is_not_imported_into_a_scope_that_others_import_from_hokify()
    {
        await using var site = await Installation.StartAsync(20);
        await RunAsync(site, Full);
        foreach (var setting in site.Settings.Keys.Where(key => key.StartsWith("Hokify:Scopes:", StringComparison.Ordinal)).ToList())
        {
            site.Settings.Remove(setting);
        }

        await File.WriteAllTextAsync(Path.Combine(site.Database.Folder, "applications.csv"), "matchId;name\nm1;Jörg Gruber\n", Cancel);
        var dump = await site.Database.DumpAsync();
        var refused = await RunAsync(site, "import", "--file", "applications.csv");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("Scope 1 of this database is imported from AtsApi, by a program that is configured otherwise", Assert.Single(refused.Error.Split('\n')), StringComparison.Ordinal);
        Assert.Equal(dump, await site.Database.DumpAsync());

        Assert.Equal(0, (await RunAsync(site, "import", "--file", "applications.csv", "--scope", "2")).ExitCode);
    }

    /// <summary>What the audit log says, the oldest first.</summary>
    private static Task<List<(string, string)>> NotedAsync(Installation site) => site.Database.QueryAsync(async db =>
    {
        var entries = await db.Audit.OrderBy(a => a.Id).ToListAsync(Cancel);
        Assert.All(entries, entry => Assert.Equal(Environment.UserName, entry.Who));
        return entries.Select(entry => ($"{entry.Action}", entry.Detail)).ToList();
    });

    private static Task<HokifyProcess> StartAsync(Installation site, params string[] arguments) =>
        HokifyProcess.StartAsync(site.Database.Folder, site.Settings, arguments);

    private static Task<HokifyOutcome> RunAsync(Installation site, params string[] arguments) =>
        HokifyProcess.RunAsync(site.Database.Folder, site.Settings, arguments);
}
