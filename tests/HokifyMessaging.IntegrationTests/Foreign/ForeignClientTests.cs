using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.IntegrationTests.Foreign;

/// <summary>Publishers and subscribers as the page of the messages shows them, each in a process and a language of its own.</summary>
public sealed class ForeignClientTests(SharedBroker broker, ForeignPlatforms platforms)
{
    private const string Queue = "foreign-subscriber";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Publishers => ["node", "python", "curl", "rabbitmqadmin", "rabbitmqadmin-v2"];

    public static TheoryData<string> Subscribers => ["node", "python"];

    [Theory]
    [InlineData("node", "node")]
    [InlineData("python", "python")]
    [InlineData("curl", "node")]
    [InlineData("rabbitmqadmin", "python")]
    [InlineData("rabbitmqadmin-v2", "node")]
    public async Task A_request_of_any_publisher_is_carried_out_and_any_subscriber_reads_the_result(string publisher, string subscriber)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        var publish = await PublisherAsync(publisher, virtualHost);
        await using var import = await BrokerImport.StartAsync(virtualHost);
        await using var subscribed = await SubscribeAsync(subscriber, virtualHost);
        var key = $"zwei Wörter \"von\" {publisher}";

        var (exitCode, _, errors) = await ForeignProgram.RunAsync(
            publish, JsonSerializer.Serialize(new { scopeId = 1, importMode = "Full", idempotencyKey = key, requestedBy = publisher }));
        Assert.True(exitCode == 0, errors);
        var completed = JsonNode.Parse(await subscribed.ReadLineAsync())!;

        Assert.Equal("completed", completed["event"]!.GetValue<string>());
        Assert.Equal(key, completed["idempotencyKey"]!.GetValue<string>());
        Assert.Equal(publisher, completed["requestedBy"]!.GetValue<string>());
        Assert.Equal("Full", completed["importMode"]!.GetValue<string>());
        Assert.Equal(CompletionId.Of(1, key), completed["messageId"]!.GetValue<Guid>());
        Assert.Equal(30, completed["result"]!["CreatedCounts"]!["CandidateProfile"]!.GetValue<int>());
        Assert.Equal(0, completed["result"]!["ErrorCount"]!.GetValue<int>());
        Assert.Equal(30, await import.ProfilesAsync());
        var run = await import.RunAsync(key);
        Assert.Equal((RunState.Completed, run!.Id), (run.State, completed["runId"]!.GetValue<Guid>()));
        Assert.Empty(await import.GetAsync("hokify-import_error"));
    }

    [Theory]
    [MemberData(nameof(Publishers))]
    public async Task A_publisher_is_told_when_no_importer_has_ever_run_at_this_broker(string publisher)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        var publish = await PublisherAsync(publisher, virtualHost);

        var (exitCode, output, errors) = await ForeignProgram.RunAsync(publish, "{}");

        Assert.NotEqual(0, exitCode);
        // RabbitMQ's management API has other words for it since 4.3.
        Assert.Matches("no exchange 'hokify.import-requested'|(?i)not.found", output + errors);
    }

    [Theory]
    [MemberData(nameof(Publishers))]
    public async Task A_publisher_is_told_when_the_exchange_leads_nowhere(string publisher)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        var publish = await PublisherAsync(publisher, virtualHost);
        using var declared = await virtualHost.Broker.Management.PutAsync(
            $"exchanges/{virtualHost.Name}/hokify.import-requested", new StringContent("""{"type":"fanout","durable":true}"""), Cancel);
        declared.EnsureSuccessStatusCode();

        var (exitCode, output, errors) = await ForeignProgram.RunAsync(publish, "{}");

        Assert.NotEqual(0, exitCode);
        Assert.NotEqual("", output + errors);
    }

    [Theory]
    [MemberData(nameof(Subscribers))]
    public async Task A_subscriber_may_come_before_the_first_importer(string subscriber)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var subscribed = await SubscribeAsync(subscriber, virtualHost);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 3);

        await import.PublishAsync("""{"idempotencyKey":"first"}""");

        Assert.Equal("first", JsonNode.Parse(await subscribed.ReadLineAsync())!["idempotencyKey"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(Subscribers))]
    public async Task A_subscriber_is_told_of_a_refused_a_failed_a_given_up_and_a_cancelled_request_once_each_and_then_of_the_completion(string subscriber)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(
            virtualHost, settings: [new("Hokify:Import:FailedRunRetries", "1"), new("Hokify:Import:FailedRunDelay", "00:00:02"), new("Hokify:Import:SweepInterval", "00:00:01")]);
        await using var subscribed = await SubscribeAsync(subscriber, virtualHost);

        // Refused twice, as a message is that is moved back, under one message id: the subscriber sees it once.
        var wrong = """{"dry_run":true,"idempotencyKey":"wrong"}""";
        await import.PublishAsync(wrong);
        await import.PublishAsync(wrong);
        var refused = await NextAsync("wrong", "Refused");
        Assert.Null(refused["runId"]);
        Assert.Contains("'dry_run' is not known; did you mean 'dryRun'?", refused["reason"]!.GetValue<string>(), StringComparison.Ordinal);

        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { After = 1, Times = null });
        await import.PublishAsync("""{"idempotencyKey":"nightly","importMode":"Full"}""");
        var failed = await NextAsync("nightly", "Failed");
        Assert.True(DateTimeOffset.Parse(failed["resumesAt"]!.GetValue<string>(), CultureInfo.InvariantCulture) > DateTimeOffset.Parse(failed["at"]!.GetValue<string>(), CultureInfo.InvariantCulture));
        var gaveUp = await NextAsync("nightly", "GaveUp");
        Assert.Null(gaveUp["resumesAt"]);

        var run = (await import.RunAsync("nightly")).Id;
        await import.Services.GetRequiredService<ImportRequests>().CancelAsync(run, Actor.OfUser(), Cancel);
        var cancelled = await NextAsync("nightly", "Cancelled");
        Assert.Equal([run, run, run], new[] { failed, gaveUp, cancelled }.Select(told => told["runId"]!.GetValue<Guid>()));

        import.Sandbox.Faults.Clear();
        await import.PublishAsync("""{"idempotencyKey":"nightly","importMode":"Full"}""");
        var completed = JsonNode.Parse(await subscribed.ReadLineAsync())!;
        Assert.Equal(("completed", run), (completed["event"]!.GetValue<string>(), completed["runId"]!.GetValue<Guid>()));

        async Task<JsonNode> NextAsync(string key, string kind)
        {
            var told = JsonNode.Parse(await subscribed.ReadLineAsync())!;
            Assert.Equal(
                ("failed", key, kind, 1), (told["event"]!.GetValue<string>(), told["idempotencyKey"]!.GetValue<string>(), told["kind"]!.GetValue<string>(), told["scopeId"]!.GetValue<int>()));
            return told;
        }
    }

    private async Task<ForeignCommand> PublisherAsync(string name, BrokerVirtualHost virtualHost)
    {
        var command = name switch
        {
            "node" => await platforms.RequireNodeAsync("publish.mjs"),
            "python" => await ForeignPlatforms.RequirePythonAsync("publish.py"),
            "rabbitmqadmin-v2" => ForeignPlatforms.RequireRabbitMqAdmin2("publish-rabbitmqadmin-v2.sh"),
            _ => ForeignPlatforms.RequireShell($"publish-{name}.sh", name),
        };
        return At(virtualHost, command);
    }

    /// <summary>Starts a subscriber and waits until its queue is bound.</summary>
    private async Task<ForeignProgram> SubscribeAsync(string name, BrokerVirtualHost virtualHost)
    {
        var command = name == "node"
            ? await platforms.RequireNodeAsync("subscribe.mjs")
            : await ForeignPlatforms.RequirePythonAsync("subscribe.py");
        var program = ForeignProgram.Start(At(virtualHost, command), Queue);
        await BrokerImport.Until(async () =>
            (await virtualHost.Broker.Management.GetFromJsonAsync<JsonArray>($"bindings/{virtualHost.Name}", Cancel))!.Count(binding =>
                binding!["destination"]!.GetValue<string>() == Queue && binding["source"]!.GetValue<string>() is "hokify.import-completed" or "hokify.import-failed") == 2);
        return program;
    }

    private static ForeignCommand At(BrokerVirtualHost virtualHost, ForeignCommand command)
    {
        var (amqp, management) = (virtualHost.Amqp, virtualHost.Broker.Management.BaseAddress!);
        var credentials = Uri.UnescapeDataString(amqp.UserInfo).Split(':', 2);
        command.Environment["AMQP_URL"] = amqp.ToString();
        command.Environment["MANAGEMENT_URL"] = management.GetLeftPart(UriPartial.Authority);
        command.Environment["RABBITMQ_HOST"] = management.Host;
        command.Environment["MANAGEMENT_PORT"] = management.Port.ToString(CultureInfo.InvariantCulture);
        command.Environment["VHOST"] = virtualHost.Name;
        command.Environment["RABBITMQ_USER"] = credentials[0];
        command.Environment["RABBITMQ_PASSWORD"] = credentials[1];
        return command;
    }
}
