using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Broker;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.IntegrationTests.Replays;

/// <summary>
/// Many requests of one scope at once, counted at the broker: an event for each and hardly one more, one nudge at a time. The
/// variable <c>HOKIFY_TEST_REQUESTS</c> says how many; the default keeps a run of all tests short.
/// </summary>
public sealed class ManyRequestsTests(SharedBroker broker)
{
    private const string Copies = "test-copies";

    private static readonly int Requests =
        int.TryParse(Environment.GetEnvironmentVariable("HOKIFY_TEST_REQUESTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 300;

    /// <summary>Generous, and in proportion: what does not grow in a straight line does not end within it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5) + (TimeSpan.FromSeconds(1) * Requests);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_requests_of_one_scope_bring_an_event_each_and_one_nudge_at_a_time(bool keyed)
    {
        await using var virtualHost = await broker.CreateVirtualHostAsync(Cancel);
        await using var import = await BrokerImport.StartAsync(virtualHost, applications: 1, settings: [new("Hokify:Import:SweepInterval", "00:00:30")]);
        await CopyRequestsAsync(import);
        var since = Stopwatch.GetTimestamp();

        await PublishAsync(import, keyed);
        await BrokerImport.Until(async () => await import.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)) == Requests, Limit);
        var stored = Stopwatch.GetElapsedTime(since);

        // From here on nobody but the program itself sends anything.
        var deepest = 0L;
        await BrokerImport.Until(
            async () =>
            {
                deepest = Math.Max(deepest, await import.DepthAsync("hokify-import"));
                return await import.QueryAsync(db => db.ImportRuns.CountAsync(r => r.AnnouncedAt != null, Cancel)) == Requests;
            },
            Limit);
        var took = Stopwatch.GetElapsedTime(since);

        // What the program sends last comes to nothing, and is gone soon.
        await BrokerImport.Until(async () => await import.DepthAsync("hokify-import") == 0, Limit);
        var events = await import.DepthAsync(BrokerImport.Completions);
        var nudges = (await import.TakeAllAsync(Copies)).Count(IsNudge);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Requests} requests ({(keyed ? "keyed" : "without keys")}): stored after {stored.TotalSeconds:0.0} s, all ended after {took.TotalSeconds:0.0} s, "
            + $"{events} events, {nudges} nudges, at most {deepest} in the queue");
        Assert.InRange(events, Requests, Requests + (Requests / 100));
        Assert.InRange(nudges, 1, Requests + (Requests / 100));
        Assert.InRange(deepest, 0, 1);
        Assert.Empty(await import.GetAsync("hokify-import_error"));
        var runs = await import.QueryAsync(db => db.ImportRuns.AsNoTracking().Select(r => new { r.Id, r.CreatedAt, r.StartedAt }).ToListAsync(Cancel));
        Assert.Equal(runs.OrderBy(r => r.CreatedAt).ThenBy(r => r.Id).Select(r => r.Id), runs.OrderBy(r => r.StartedAt).Select(r => r.Id));
    }

    /// <summary>Everything that comes into the import's queue, whoever sends it, into a queue of the test's own as well.</summary>
    private static async Task CopyRequestsAsync(BrokerImport import)
    {
        await import.PutAsync($"queues/{import.VirtualHost}/{Copies}", new { durable = true });
        await import.BindAsync("hokify-import", Copies);
    }

    private static async Task PublishAsync(BrokerImport import, bool keyed)
    {
        // Without a key in the body, the message's id is the run's name: as good as none for the program, which sees it once.
        var bus = import.Services.GetRequiredService<IBus>();
        for (var sent = 0; sent < Requests; sent += 50)
        {
            await Task.WhenAll(Enumerable.Range(sent, Math.Min(50, Requests - sent)).Select(i =>
                bus.Publish(new HokifyImportRequested { IdempotencyKey = keyed ? $"request {i}" : null }, Cancel)));
        }
    }

    private static bool IsNudge(JsonNode message) =>
        JsonNode.Parse(message["payload"]!.GetValue<string>())!["headers"]?["Hokify-Nudge"] is not null
        || message["properties"]!["headers"]?["Hokify-Nudge"] is not null;
}
