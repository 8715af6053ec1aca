using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify request</c> and <c>hokify serve</c> as two processes that know of each other by a broker only.</summary>
public sealed class RequestVerbTests(SharedBroker shared) : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_that_no_importer_would_get_is_not_dropped_in_silence()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);

        var outcome = await RequestAsync(virtualHost);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("has no queue for the request, because no importer has connected to it yet", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', outcome.Error);
    }

    [Fact]
    public async Task Request_publishes_waits_for_the_event_and_tells_by_its_exit_code_how_the_import_ended()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 30 }, Cancel);
        await using var serve = await HokifyProcess.StartAsync(_folder.Path, AtBroker.Serving(virtualHost, sandbox), "serve");
        await serve.UntilStartedAsync();

        var first = await RequestAsync(virtualHost, "--mode", "Full", "--key", "nightly", "--requested-by", "cron", "--wait", "--json");
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Equal(("nightly", "cron"), (first.Json.GetProperty("idempotencyKey").GetString(), first.Json.GetProperty("requestedBy").GetString()));
        Assert.Equal(30, first.Json.GetProperty("result").GetProperty("CreatedCounts").GetProperty("CandidateProfile").GetInt32());

        var again = await RequestAsync(virtualHost, "--mode", "Full", "--key", "nightly", "--wait", "--json");
        Assert.Equal((0, first.Output), (again.ExitCode, again.Output));

        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenLastUpdate) { Times = 1 });
        var withErrors = await RequestAsync(virtualHost, "--mode", "full", "--wait");
        Assert.Equal((2, ""), (withErrors.ExitCode, withErrors.Error));
        Assert.Contains("Completed: run ", withErrors.Output, StringComparison.Ordinal);
        Assert.Contains("errors 1", withErrors.Output, StringComparison.Ordinal);

        var unwaited = await RequestAsync(virtualHost, "--dry-run", "--key", "later");
        Assert.Equal((0, "Requested: Incremental import of scope 1 under the key later"), (unwaited.ExitCode, unwaited.Output));

        var refused = await RequestAsync(virtualHost, "--scope", "9", "--wait", "--json");
        Assert.Equal((1, "", "ScopeId 9 is not configured; the configured scopes are 1."), (refused.ExitCode, refused.Output, refused.Error));

        var reused = await RequestAsync(virtualHost, "--key", "nightly", "--wait");
        Assert.Equal(1, reused.ExitCode);
        Assert.Contains("ImportMode (was Full, now Incremental)", reused.Error, StringComparison.Ordinal);

        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NotJson) { Times = null });
        var failed = await RequestAsync(virtualHost, "--mode", "Full", "--key", "broken", "--wait");
        Assert.Equal(1, failed.ExitCode);
        Assert.Matches(@"^AtsApi offset 0.*\. The run goes on by itself at 20..-..-.. ..:..:.. UTC; asking again with --key broken --wait has it go on now, and waits\.$", failed.Error);

        Assert.DoesNotContain("hokify-request-", await QueuesAsync(virtualHost), StringComparison.Ordinal);
        var stopped = await serve.InterruptAsync();
        Assert.Equal((0, ""), (stopped.ExitCode, stopped.Error));
    }

    [Fact]
    public async Task Request_waits_no_longer_than_its_timeout_and_ends_on_Ctrl_C()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 30 }, Cancel);
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMinutes(1), Times = null });
        await using var serve = await HokifyProcess.StartAsync(_folder.Path, AtBroker.Serving(virtualHost, sandbox), "serve");
        await serve.UntilStartedAsync();

        var late = await RequestAsync(virtualHost, "--key", "late", "--wait", "--timeout", "1.5");
        Assert.Equal(1, late.ExitCode);
        Assert.StartsWith("The import under the key late did not complete within 1.5 seconds; it goes on all the same", late.Error, StringComparison.Ordinal);

        await using var interrupted = await HokifyProcess.StartAsync(_folder.Path, AtBroker.Asking(virtualHost), "request", "--wait");
        await interrupted.UntilLineAsync("Requested: ");
        var outcome = await interrupted.InterruptAsync();
        Assert.Equal((130, ""), (outcome.ExitCode, outcome.Error));
    }

    private Task<HokifyOutcome> RequestAsync(BrokerVirtualHost virtualHost, params string[] options) =>
        HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), ["request", .. options]);

    private static async Task<string> QueuesAsync(BrokerVirtualHost virtualHost) =>
        string.Join(' ', (await virtualHost.Broker.Management.GetFromJsonAsync<JsonElement>($"queues/{virtualHost.Name}", Cancel))
            .EnumerateArray().Select(queue => queue.GetProperty("name").GetString()));
}
