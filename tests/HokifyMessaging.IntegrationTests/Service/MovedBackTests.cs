using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify queues --move</c>: what waits for an operator is tried again, is the same request, and is never lost.</summary>
public sealed class MovedBackTests(SharedBroker shared) : IDisposable
{
    private static readonly (string Body, object? Properties, string Key)[] Requests =
    [
        ("""{"idempotencyKey":"in the body","importMode":"Full"}""", null, "in the body"),
        ("""{"importMode":"Full"}""", new { message_id = "order 7/2026", expiration = "600000" }, "order 7/2026"),
        ("""{"importMode":"Full"}""", new { message_id = "order 8/2026", delivery_mode = 2, headers = new Dictionary<string, object> { ["Idempotency-Key"] = "in a header" } }, "in a header"),
        (
            """{"messageId":"6f9619ff-8b86-d011-b42d-00cf4fc964ff","messageType":["urn:message:hokify:import-requested:v1"],"message":{"importMode":"Full"}}""",
            new { content_type = "application/vnd.masstransit+json" },
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ];

    private readonly OwnFolder _folder = new();

    private string Database => Path.Combine(_folder.Path, "hokify.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Quorum")]
    [InlineData("Classic")]
    public async Task What_failed_is_tried_again_under_the_key_that_it_had_wherever_that_stands(string queueType)
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, queueType);
        await FailAsync(import, Requests);
        import.Sandbox.Faults.Clear();

        var moved = await MoveAsync(virtualHost, "error", "--json");

        Assert.Equal((0, ""), (moved.ExitCode, moved.Error));
        Assert.Equal("""{"queue":"hokify-import_error","moved":4,"left":0}""", JsonNode.Parse(moved.Output)!.ToJsonString());
        foreach (var (_, _, key) in Requests)
        {
            await BrokerImport.Until(async () => await import.FindRunAsync(key) is { State: RunState.Completed });
        }

        Assert.Equal(Requests.Length, await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
        Assert.Empty(await import.GetAsync(ImportQueues.Error));
    }

    [Theory]
    [InlineData("Quorum")]
    [InlineData("Classic")]
    public async Task What_fails_again_comes_back_once_as_it_was_and_the_move_ends(string queueType)
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, queueType);
        await FailAsync(import, Requests[2]);
        var before = Whole(Assert.Single(await import.GetAsync(ImportQueues.Error)));

        for (var round = 0; round < 3; round++)
        {
            var requests = import.Sandbox.Requests.Count;
            var moved = await MoveAsync(virtualHost, "error");
            Assert.Equal((0, "", "hokify-import_error: moved 1 to hokify-import; left 0"), (moved.ExitCode, moved.Error, moved.Output.Trim()));
            await BrokerImport.Until(async () => import.Sandbox.Requests.Count > requests && await import.DepthAsync(ImportQueues.Error) == 1);
            Assert.Equal(before, Whole(Assert.Single(await import.GetAsync(ImportQueues.Error))));
        }

        Assert.Equal(1, await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
        var noted = (await HokifyProcess.RunAsync(_folder.Path, [], "audit", "--json")).Json.EnumerateArray()
            .Select(entry => string.Join(' ', new[] { "action", "who", "detail" }.Select(member => entry.GetProperty(member).GetString())));
        Assert.Equal(Enumerable.Repeat($"MoveMessages {System.Environment.UserName} From hokify-import_error: 1.", 3), noted);

        // The headers by name: each is written once however often it failed.
        static string Whole(JsonNode? message)
        {
            var properties = message!["properties"]!.AsObject();
            var headers = properties["headers"]!.AsObject().Select(header => header.Key).Order(StringComparer.Ordinal);
            var others = properties.Where(property => property.Key != "headers").OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{property.Key} {property.Value}");
            return string.Join('\n', [message["payload"]!.GetValue<string>(), .. headers, .. others]);
        }
    }

    [Fact]
    public async Task Where_no_database_is_at_hand_it_is_moved_and_said_that_no_entry_of_the_audit_log_tells_of_it()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Quorum");
        await FailAsync(import, Requests[2]);
        await import.StopHostAsync();

        var moved = await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues", "--move", "error");

        Assert.Equal((0, "hokify-import_error: moved 1 to hokify-import; left 0"), (moved.ExitCode, moved.Output.Trim()));
        Assert.StartsWith($"The audit log has no entry of this. The database file {Database} does not exist;", moved.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public async Task A_dead_letter_goes_back_without_what_the_broker_has_written_on_it_and_a_nudge_is_none_any_more()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Quorum");
        await import.StopHostAsync();
        await import.PublishAsync("""{"idempotencyKey":"dead"}""", new { message_id = "m-1", headers = new Dictionary<string, object> { ["mine"] = 17, ["Hokify-Nudge"] = "1" } }, ImportQueues.Requests);
        await import.RejectAsync(ImportQueues.Requests);
        await BrokerImport.Until(async () => await import.DepthAsync(ImportQueues.Dead) == 1);

        var moved = await MoveAsync(virtualHost, "dead");

        Assert.Equal((0, "", "hokify-import_dead: moved 1 to hokify-import; left 0"), (moved.ExitCode, moved.Error, moved.Output.Trim()));
        var message = Assert.Single(await import.TakeAllAsync(ImportQueues.Requests));
        Assert.Equal("""{"idempotencyKey":"dead"}""", message["payload"]!.GetValue<string>());
        var properties = message["properties"]!.AsObject();
        Assert.Equal(["delivery_mode 2", "message_id m-1"], properties.Where(property => property.Key != "headers").Select(property => $"{property.Key} {property.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(
            // The queue's own count, and the client library's number of a publication, are another one each time.
            ["Hokify-Nudge 1", "MT-Reason rejected", "mine 17"],
            properties["headers"]!.AsObject().Where(header => header.Key is not ("x-delivery-count" or "x-dotnet-pub-seq-no")).Select(header => $"{header.Key} {header.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Some_go_back_by_their_number_their_reason_or_their_id_and_the_others_keep_their_order()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Quorum");
        await import.StopHostAsync();
        foreach (var (id, reason) in new[] { ("a", "Scope 7 is not configured."), ("b", "hokify answered 503."), ("c", "Scope 8 is not configured."), ("d", "hokify answered 503."), ("e", "hokify answered 404.") })
        {
            await WaitsAsync(import, id, reason);
        }

        await IsAsync(["--limit", "1"], moved: 1, stay: "bcde");
        await IsAsync(["--reason", "hokify answered … in vain"], moved: 0, stay: "bcde");
        await IsAsync(["--reason", "hokify answered 5…."], moved: 2, stay: "ce");
        await IsAsync(["--message-id", "e", "--reason", "404"], moved: 1, stay: "c");
        Assert.Equal("abde", string.Concat((await import.TakeAllAsync(ImportQueues.Requests)).Select(IdOf)));

        async Task IsAsync(string[] options, int moved, string stay)
        {
            var outcome = await MoveAsync(virtualHost, ["error", .. options]);
            Assert.Equal((0, "", $"hokify-import_error: moved {moved} to hokify-import; left {stay.Length}"), (outcome.ExitCode, outcome.Error, outcome.Output.Trim()));
            Assert.Equal(stay, string.Concat((await import.GetAsync(ImportQueues.Error)).Select(IdOf)));
        }
    }

    [Fact]
    public async Task Whoever_is_killed_while_he_moves_has_lost_no_message()
    {
        const int Messages = 1500;
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Quorum");
        await import.StopHostAsync();
        await using (var publisher = await AmqpPublisher.ConnectAsync(virtualHost))
        {
            await import.PutAsync($"queues/{virtualHost.Name}/{ImportQueues.Error}", new { durable = true });
            for (var number = 0; number < Messages; number++)
            {
                await publisher.PublishToAsync(ImportQueues.Error, "{}", new RabbitMQ.Client.BasicProperties { MessageId = FormattableString.Invariant($"{number:0000}"), Persistent = true });
            }
        }

        await using (var verb = await HokifyProcess.StartAsync(_folder.Path, AtBroker.Asking(virtualHost), "queues", "--move", "error"))
        {
            await verb.UntilAsync(async () => await import.DepthAsync(ImportQueues.Requests) > Messages / 10, "a part is moved");
            await verb.KillAsync();
        }

        // What it had in hand the broker puts back when it has noticed.
        await BrokerImport.Until(async () => await import.DepthAsync(ImportQueues.Requests) + await import.DepthAsync(ImportQueues.Error) >= Messages);
        Assert.True(await import.DepthAsync(ImportQueues.Error) > 0, "it was through before it was killed");
        var again = await MoveAsync(virtualHost, "error");

        Assert.Equal((0, ""), (again.ExitCode, again.Error));
        Assert.Equal(0, await import.DepthAsync(ImportQueues.Error));
        var ids = (await import.TakeAllAsync(ImportQueues.Requests)).Select(IdOf).ToList();
        Assert.Equal(Enumerable.Range(0, Messages).Select(number => FormattableString.Invariant($"{number:0000}")), ids.Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(ids.Count, Messages, Messages + 1);
    }

    [Fact]
    public async Task A_broker_that_takes_no_more_is_named_with_what_was_moved_before_and_the_rest_stays()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Classic");
        await import.StopHostAsync();
        await import.PutAsync(
            $"policies/{virtualHost.Name}/short", new Dictionary<string, object> { ["pattern"] = $"^{ImportQueues.Requests}$", ["definition"] = new Dictionary<string, object> { ["max-length"] = 2, ["overflow"] = "reject-publish" } });
        for (var number = 0; number < 5; number++)
        {
            await WaitsAsync(import, FormattableString.Invariant($"m-{number}"), "hokify answered 503.");
        }

        await BrokerImport.Until(async () => (await import.GetNodeAsync($"queues/{virtualHost.Name}/{ImportQueues.Requests}"))!["policy"]?.GetValue<string>() == "short");
        var outcome = await MoveAsync(virtualHost, "error", "--json");

        Assert.Equal(
            (1, "It has stopped before the end, and no message is lost: the broker takes no more messages into hokify-import, whose length is limited; let the importer work, and go on then."),
            (outcome.ExitCode, outcome.Error));
        var moved = outcome.Json.GetProperty("moved").GetInt32();
        Assert.Equal((moved, 5 - moved), ((int)await import.DepthAsync(ImportQueues.Requests), outcome.Json.GetProperty("left").GetInt32()));
        Assert.InRange(moved, 1, 4);
        Assert.Equal(5 - moved, (await import.GetAsync(ImportQueues.Error)).Count);
    }

    [Fact]
    public async Task Without_an_importers_queue_or_without_the_rights_nothing_is_moved_and_the_sentence_says_what_is_missing()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Quorum");
        await import.StopHostAsync();
        await WaitsAsync(import, "m-1", "hokify answered 503.");
        var user = $"reader-{Guid.NewGuid():N}";
        await import.PutAsync($"users/{user}", new { password = "s3cret", tags = "management" });
        var asReader = new Dictionary<string, string>(AtBroker.Asking(virtualHost)) { ["Transport:RabbitMq:Username"] = user, ["Transport:RabbitMq:Password"] = "s3cret" };

        await import.PutAsync($"permissions/{virtualHost.Name}/{user}", new { configure = ".*", write = "^nothing$", read = ".*" });
        var refused = await HokifyProcess.RunAsync(_folder.Path, asReader, "queues", "--move", "error");
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("It has stopped before the end, and no message is lost: the broker answers 'ACCESS_REFUSED - ", refused.Error, StringComparison.Ordinal);
        Assert.EndsWith("the user must be allowed to read hokify-import_error and to write to hokify-import.", refused.Error, StringComparison.Ordinal);

        using (var deleted = await import.Management.DeleteAsync($"users/{user}", Cancel))
        {
            deleted.EnsureSuccessStatusCode();
        }

        foreach (var part in new[] { "queues", "exchanges" })
        {
            using var gone = await import.Management.DeleteAsync($"{part}/{virtualHost.Name}/{ImportQueues.Requests}", Cancel);
            gone.EnsureSuccessStatusCode();
            var missing = await MoveAsync(virtualHost, "error");
            Assert.Equal(
                (1, "It has stopped before the end, and no message is lost: the broker has no queue hokify-import, because no importer has connected to it yet; start 'hokify serve' with the same Transport settings first."),
                (missing.ExitCode, missing.Error));
        }

        Assert.Single(await import.GetAsync(ImportQueues.Error));
    }

    [Fact]
    public async Task A_broker_that_is_away_is_named_and_a_queue_that_is_not_there_is_empty()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        var empty = await MoveAsync(virtualHost, "dead");
        await using var import = await StartAsync(virtualHost, "Quorum");
        var away = await HokifyProcess.RunAsync(
            _folder.Path, new Dictionary<string, string>(AtBroker.Asking(virtualHost)) { ["Transport:RabbitMq:Port"] = "1" }, "queues", "--move", "dead");

        Assert.Equal((0, "", "hokify-import_dead: moved 0 to hokify-import; left 0"), (empty.ExitCode, empty.Error, empty.Output.Trim()));
        Assert.Equal((1, "", "The broker cannot be used: Connection refused (ConnectionRefused)."), (away.ExitCode, away.Output, away.Error));
    }

    [Fact]
    public async Task A_queue_that_counts_each_look_is_moved_as_a_whole_or_not_at_all()
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var import = await StartAsync(virtualHost, "Quorum");
        await import.PutAsync($"queues/{virtualHost.Name}/{ImportQueues.Error}", new { durable = true, arguments = new Dictionary<string, string> { ["x-queue-type"] = "quorum" } });
        await import.PublishAsync(Requests[0].Body, exchange: ImportQueues.Error);

        var some = await MoveAsync(virtualHost, "error", "--reason", "503");
        var all = await MoveAsync(virtualHost, "error");

        Assert.Equal(
            (1, "", "hokify-import_error is a quorum queue, which counts each look at a message as a delivery; move all of its messages, without --reason and --message-id."),
            (some.ExitCode, some.Output, some.Error));
        Assert.Equal((0, "", "hokify-import_error: moved 1 to hokify-import; left 0"), (all.ExitCode, all.Error, all.Output.Trim()));
        await BrokerImport.Until(async () => await import.FindRunAsync(Requests[0].Key) is { State: RunState.Completed });
    }

    private static Task<BrokerImport> StartAsync(BrokerVirtualHost virtualHost, string queueType) => BrokerImport.StartAsync(
        virtualHost, applications: 3, settings: [new("Transport:RabbitMq:QueueType", queueType), new("Hokify:Import:FailedRunRetries", "0")]);

    /// <summary>Each of the requests fails, because hokify does; one after the other, so that they wait in this order.</summary>
    private static async Task FailAsync(BrokerImport import, params (string Body, object? Properties, string Key)[] requests)
    {
        import.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.NotJson) { Times = null });
        foreach (var (number, (body, properties, _)) in requests.Index())
        {
            await import.PublishAsync(body, properties);
            await BrokerImport.Until(async () => await import.DepthAsync(ImportQueues.Error) == number + 1);
        }
    }

    /// <summary>A message as it waits in the error queue.</summary>
    private static async Task WaitsAsync(BrokerImport import, string id, string reason)
    {
        await import.PutAsync($"queues/{import.VirtualHost}/{ImportQueues.Error}", new { durable = true });
        await import.PublishAsync(
            "{}", new { message_id = id, headers = new Dictionary<string, string> { ["MT-Reason"] = "fault", ["MT-Fault-Message"] = reason } }, ImportQueues.Error);
    }

    private static string IdOf(JsonNode? message) => message!["properties"]!["message_id"]!.GetValue<string>();

    /// <summary>Beside a database, in whose audit log it is.</summary>
    private async Task<HokifyOutcome> MoveAsync(BrokerVirtualHost virtualHost, params string[] options)
    {
        if (!File.Exists(Database))
        {
            await MigratedFile.PlaceAsync(Database);
        }

        return await HokifyProcess.RunAsync(_folder.Path, AtBroker.Asking(virtualHost), ["queues", "--move", .. options]);
    }
}
