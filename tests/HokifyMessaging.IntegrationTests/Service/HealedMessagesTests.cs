using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using Microsoft.Extensions.DependencyInjection;
using RabbitMQ.Client;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>Messages in <c>hokify-import_error</c> whose run failed and is completed by now: told apart, and taken out exactly.</summary>
public sealed class HealedMessagesTests(SharedBroker shared) : IDisposable
{
    private static readonly string[] Stay = ["reused", "refused", "unread", "failed"];

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Exactly_the_healed_ones_are_counted_apart_and_taken_out_and_the_others_keep_their_order()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await FillAsync(virtualHost);
        var before = await BodiesAsync(import);
        var environment = Environment(virtualHost, import);

        var queues = await HokifyProcess.RunAsync(_folder.Path, environment, "queues", "--json");
        var depths = await import.Services.GetRequiredService<QueueDepths>().CountAsync(Cancel);
        var cleared = await HokifyProcess.RunAsync(_folder.Path, environment, "queues", "--clear-healed", "--json");
        var again = await HokifyProcess.RunAsync(_folder.Path, environment, "queues", "--clear-healed");
        var audit = await HokifyProcess.RunAsync(_folder.Path, environment, "audit", "--json");

        Assert.Equal((0, ""), (queues.ExitCode, queues.Error));
        var errors = queues.Json.EnumerateArray().Single(queue => queue.GetProperty("name").GetString() == ImportQueues.Error);
        Assert.Equal(3, errors.GetProperty("healed").GetInt64());
        var counted = Assert.IsType<QueueCount.Counted>(depths);
        Assert.Equal((4L, 3L), (counted.Messages[ImportQueues.Error], counted.Healed));
        Assert.Equal((0, "", 3, 4), (cleared.ExitCode, cleared.Error, cleared.Json.GetProperty("cleared").GetInt32(), cleared.Json.GetProperty("left").GetInt32()));
        Assert.Equal((0, "", "hokify-import_error: took out 0, whose runs are completed; left 4"), (again.ExitCode, again.Error, again.Output.Trim()));
        var entry = Assert.Single(audit.Json.EnumerateArray());
        Assert.Equal(("ClearMessages", "Out of hokify-import_error: 3."), (entry.GetProperty("action").GetString(), entry.GetProperty("detail").GetString()));
        Assert.Equal(before.Where(body => Stay.Any(name => body.Contains(name, StringComparison.Ordinal))), await BodiesAsync(import));
    }

    [Fact]
    public async Task All_messages_are_grouped_by_reason_and_stay_where_they_are()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await FillAsync(virtualHost);
        var before = await BodiesAsync(import);
        var (environment, run) = (Environment(virtualHost, import), await import.RunAsync("healed 1"));

        var json = await HokifyProcess.RunAsync(_folder.Path, environment, "queues", "--all", "--json");
        var text = await HokifyProcess.RunAsync(_folder.Path, [.. environment, new("COLUMNS", "80")], "queues", "--all");
        var blind = await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues", "--all");

        Assert.Equal((0, ""), (json.ExitCode, json.Error));
        var errors = json.Json.EnumerateArray().Single(queue => queue.GetProperty("queue").GetString() == ImportQueues.Error);
        Assert.Equal((7, 0), (errors.GetProperty("seen").GetInt64(), errors.GetProperty("unseen").GetInt64()));
        var groups = errors.GetProperty("groups").EnumerateArray().ToList();
        Assert.Equal([4L, 1L, 1L, 1L], groups.Select(group => group.GetProperty("count").GetInt64()));
        var (most, example) = (groups[0], groups[0].GetProperty("example"));
        Assert.Equal((run.Id, "healed 1", 1), (example.GetProperty("runId").GetGuid(), example.GetProperty("idempotencyKey").GetString(), example.GetProperty("scopeId").GetInt32()));
        Assert.True(most.GetProperty("first").GetDateTimeOffset() <= most.GetProperty("last").GetDateTimeOffset());
        Assert.Equal((0, ""), (text.ExitCode, text.Error));
        Assert.Contains("hokify-import_error: 7 messages, all of which were looked at and are where", text.Output, StringComparison.Ordinal);
        Assert.Contains($"{run.Id}", text.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (blind.ExitCode, blind.Error));
        Assert.Contains("The runs of these messages are unknown. The database file ", blind.Output, StringComparison.Ordinal);
        Assert.Equal(before, await BodiesAsync(import));
    }

    [Fact]
    public async Task Whoever_dies_while_he_looks_leaves_every_message_in_its_place()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await FillAsync(virtualHost);
        var before = await BodiesAsync(import);

        var connection = await new ConnectionFactory { Uri = virtualHost.Amqp }.CreateConnectionAsync(Cancel);
        var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        for (var taken = 0; taken < 5; taken++)
        {
            Assert.NotNull(await channel.BasicGetAsync(ImportQueues.Error, autoAck: false, Cancel));
        }

        // The socket goes without a word, as with a process that is killed.
        await connection.AbortAsync(Cancel);
        await BrokerImport.Until(async () => (await BodiesAsync(import)).Count == before.Count);

        Assert.Equal(before, await BodiesAsync(import));
    }

    [Fact]
    public async Task Without_the_database_the_queues_are_shown_all_the_same()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await FillAsync(virtualHost);

        var table = await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues");
        var clear = await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues", "--clear-healed");

        Assert.Equal((0, ""), (table.ExitCode, table.Error));
        Assert.Contains("How many of hokify-import_error are healed is unknown. The database file ", table.Output, StringComparison.Ordinal);
        Assert.Equal((1, ""), (clear.ExitCode, clear.Output));
        Assert.StartsWith("The database file ", clear.Error, StringComparison.Ordinal);
        Assert.Equal(7, (await BodiesAsync(import)).Count);
    }

    /// <summary>Three runs that failed and were completed later, among four messages that still need somebody.</summary>
    private static async Task<BrokerImport> FillAsync(BrokerVirtualHost virtualHost)
    {
        var import = await BrokerImport.StartAsync(virtualHost, applications: 3, settings: [new("Hokify:Import:FailedRunRetries", "0")]);
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NotJson) { Times = null });
        var sent = 0;
        await FailAsync("""{"idempotencyKey":"healed 1","importMode":"Full"}""");
        await FailAsync("""{"importMode":"Sometimes","idempotencyKey":"refused"}""");
        await FailAsync("""{"importMode":"Full"}""", new { message_id = "healed-2" });
        await FailAsync("unread");
        await FailAsync("""{"idempotencyKey":"failed","importMode":"Full"}""");
        await FailAsync(
            """{"messageId":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","messageType":["urn:message:hokify:import-requested:v1"],"message":{"idempotencyKey":"healed 3"}}""");

        import.Sandbox.Faults.Clear();
        foreach (var (body, properties, key) in new[]
        {
            ("""{"idempotencyKey":"healed 1","importMode":"Full"}""", (object?)null, "healed 1"),
            ("""{"importMode":"Full"}""", new { message_id = "healed-2" }, "healed-2"),
            ("""{"idempotencyKey":"healed 3"}""", null, "healed 3"),
        })
        {
            await import.PublishAsync(body, properties);
            await BrokerImport.Until(async () => await import.FindRunAsync(key) is { State: RunState.Completed, AnnouncedAt: not null });
        }

        // Another request under the key of a completed run was refused for that, and is not healed by it.
        await FailAsync("""{"idempotencyKey":"healed 1","importMode":"Incremental","requestedBy":"reused"}""");
        return import;

        async Task FailAsync(string body, object? properties = null)
        {
            await import.PublishAsync(body, properties);
            sent++;
            await BrokerImport.Until(async () => (await import.GetAsync(ImportQueues.Error)).Count == sent);
        }
    }

    private static Dictionary<string, string> Environment(BrokerVirtualHost virtualHost, BrokerImport import) => new(AtBroker.Asking(virtualHost))
    {
        ["Database__ConnectionString"] = import.Settings["Database:ConnectionString"]!,
    };

    private static async Task<IReadOnlyList<string>> BodiesAsync(BrokerImport import) =>
        [.. (await import.GetAsync(ImportQueues.Error)).Select(message => message!["payload"]!.GetValue<string>())];
}
