using System.Text.Json;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify replay</c> and <c>hokify runs announce</c> beside an import at a real broker.</summary>
public sealed class OperatorVerbTests(SharedBroker shared) : IDisposable
{
    private const string Full = """{"importMode": "Full", "idempotencyKey": "k"}""";

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_replay_of_a_failed_run_goes_on_from_its_checkpoint_and_tells_by_its_exit_code_how_it_ended()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, settings: [new("Hokify:Import:FailedRunRetries", "0")]);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 2, Times = null });
        await import.PublishAsync(Full);
        await import.MessageInAsync("hokify-import_error");
        Assert.Equal((RunState.Failed, null), ((await import.RunAsync("k")).State, (await import.RunAsync("k")).ResumeAt));

        var failedAgain = await VerbAsync(import, "replay", "k", "--wait");
        Assert.Equal(1, failedAgain.ExitCode);
        Assert.Matches("^Sent again: run .* of scope 1 failed: it goes on from its checkpoint when it is its turn in the scope$", failedAgain.Output);
        Assert.Contains("AtsApi offset 8", failedAgain.Error, StringComparison.Ordinal);

        import.Sandbox.Faults.Clear();
        var completed = await VerbAsync(import, "replay", "k", "--wait", "--json");

        Assert.Equal((0, ""), (completed.ExitCode, completed.Error));
        var result = completed.Json.GetProperty("result");
        Assert.Equal((30, 30), (result.GetProperty("CreatedCounts").GetProperty("CandidateProfile").GetInt32(), result.GetProperty("StatsCounter").GetProperty("Fetched").GetInt32()));
        Assert.Single(await import.CompletionsAsync(1));
        Assert.Equal((30, 3), (await import.ProfilesAsync(), (await import.RunAsync("k")).Fence));
    }

    [Fact]
    public async Task The_replay_of_a_completed_run_only_announces_it_again_and_says_so()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        await import.PublishAsync(Full);
        var first = Assert.Single(await import.CompletionsAsync(1));
        var (requests, run) = (import.Sandbox.Requests.Count, (await import.RunAsync("k")).Id);

        var replay = await VerbAsync(import, "replay", $"{run}");
        var again = Assert.Single(await import.CompletionsAsync(1));

        Assert.Equal(
            (0, "", $"Sent again: run {run} of scope 1 is completed: nothing is imported, its stored event is announced again"),
            (replay.ExitCode, replay.Error, replay.Output));
        Assert.Equal((first.MessageId, first.Event.ToJsonString(), requests), (again.MessageId, again.Event.ToJsonString(), import.Sandbox.Requests.Count));
    }

    [Fact]
    public async Task A_run_that_is_being_worked_on_is_not_sent_again_and_can_be_waited_for()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 300);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromSeconds(4), Times = null });
        await import.PublishAsync(Full);
        await BrokerImport.Until(async () => await import.FindRunAsync("k") is { State: RunState.Running });

        var told = await VerbAsync(import, "replay", "k", "--json");
        await using var waiting = await HokifyProcess.StartAsync(_folder.Path, Environment(import), "replay", "k", "--wait");
        Assert.StartsWith("Not sent: run ", await waiting.UntilLineAsync("is being worked on: nothing needs doing"), StringComparison.Ordinal);
        import.Sandbox.Faults.Clear();
        var outcome = await waiting.EndAsync();

        Assert.Equal((0, false, "k"), (told.ExitCode, told.Json.GetProperty("isSent").GetBoolean(), told.Json.GetProperty("idempotencyKey").GetString()));
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("Completed: run ", outcome.Output, StringComparison.Ordinal);
        Assert.Equal((1, 300), ((await import.RunAsync("k")).Fence, await import.ProfilesAsync()));
    }

    [Fact]
    public async Task A_replay_that_no_importer_would_get_is_not_dropped_in_silence()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var elsewhere = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 5);
        await import.PublishAsync(Full);
        await import.CompletionsAsync(1);

        var outcome = await HokifyProcess.RunAsync(_folder.Path, [.. Environment(import), new("Transport__RabbitMq__VirtualHost", elsewhere.Name)], "replay", "k");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("has no queue for the request, because no importer has connected to it yet", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_nobody_was_there_to_receive_is_kept_and_announced_when_somebody_is()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        await import.UnsubscribeAsync();
        await import.PublishAsync(Full);
        await BrokerImport.Until(async () => await import.FindRunAsync("k") is { AnnouncedAt: not null });
        var run = await import.RunAsync("k");
        await import.StopHostAsync();

        var unheard = await VerbAsync(import, "runs", "announce", "k");
        await import.SubscribeAsync();
        Assert.Empty(await import.AllCompletionsAsync());
        var heard = await VerbAsync(import, "runs", "announce", $"{run.Id}", "--json");

        Assert.Equal((1, ""), (unheard.ExitCode, unheard.Output));
        Assert.StartsWith("No queue is bound to the exchange hokify.import-completed at amqp://", unheard.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (heard.ExitCode, heard.Error));
        var (messageId, completed) = Assert.Single(await import.CompletionsAsync(1));
        Assert.Equal((CompletionId.Of(1, "k"), CompletionId.Of(1, "k")), (Guid.Parse(messageId), heard.Json.GetProperty("messageId").GetGuid()));
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(run.CompletedEvent!).RootElement, JsonDocument.Parse(completed.ToJsonString()).RootElement), completed.ToJsonString());
    }

    [Fact]
    public async Task A_run_that_is_not_completed_has_no_event_to_announce()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 1, Times = null });
        await import.PublishAsync(Full);
        await import.MessageInAsync("hokify-import_error");
        var run = (await import.RunAsync("k")).Id;

        var outcome = await VerbAsync(import, "runs", "announce", "k");

        Assert.Equal(
            (1, "", $"Run {run} is Failed, not Completed, so there is no event to announce; 'hokify replay {run}' has a run go on that stopped."),
            (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    private Task<HokifyOutcome> VerbAsync(BrokerImport import, params string[] arguments) => HokifyProcess.RunAsync(_folder.Path, Environment(import), arguments);

    private static IEnumerable<KeyValuePair<string, string>> Environment(BrokerImport import) =>
        import.Settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value!));
}
