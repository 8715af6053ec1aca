using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.Monitoring;

/// <summary>A collector that is away, or takes a connection and never answers: nothing waits for it, and it is said once.</summary>
public sealed class CollectorAwayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "grpc")]
    [InlineData(false, "http/protobuf")]
    [InlineData(true, "http/protobuf")]
    public async Task No_import_and_no_end_waits_for_it_and_the_log_says_so_once(bool listens, string protocol)
    {
        await using var site = await Installation.StartAsync(applications: 20);
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        var port = ((IPEndPoint)hole.LocalEndpoint).Port;
        if (!listens)
        {
            hole.Stop();
        }

        site.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}";
        site.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        site.Settings["OTEL_EXPORTER_OTLP_TIMEOUT"] = "2000";
        site.Settings["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        site.Settings["OTEL_BSP_SCHEDULE_DELAY"] = "200";
        var worker = await site.ServeAsync();
        await worker.UntilStartedAsync();

        for (var run = 0; run < 3; run++)
        {
            var key = $"run {run}";
            await site.Database.QueueFullAsync(key);
            await worker.UntilAsync(() => site.Database.IsAnnouncedAsync(key), "the run is completed and announced");
        }

        await worker.UntilLineAsync($"Traces and metrics do not reach the collector at http://127.0.0.1:{port}: ");
        await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        var asked = Stopwatch.StartNew();
        Assert.Equal(0, await worker.TerminateAsync());

        Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Single(worker.Lines, line => line.Contains($"Traces: sent to the collector at http://127.0.0.1:{port}", StringComparison.Ordinal));
        Assert.Single(worker.Lines, line => line.Contains("do not reach the collector", StringComparison.Ordinal));
        Assert.DoesNotContain(worker.Lines, line => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("fail:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_that_comes_back_is_said_once()
    {
        await using var site = await Installation.StartAsync(applications: 5);
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)hole.LocalEndpoint).Port}";
        hole.Stop();
        site.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = address;
        site.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        site.Settings["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        var worker = await site.ServeAsync();
        await worker.UntilLineAsync("do not reach the collector");

        await using var collector = await OtlpReceiver.StartAsync(address);
        await worker.UntilLineAsync($"The collector at {address} takes traces and metrics again");

        await worker.UntilAsync(() => Task.FromResult(collector.Metrics.Contains("hokify.observation.age")), "the figures arrive");
        Assert.Equal(0, await worker.TerminateAsync());
        Assert.Single(worker.Lines, line => line.Contains("do not reach the collector", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_variables_nothing_is_sent_and_nothing_is_traced()
    {
        await using var site = await Installation.StartAsync(applications: 5);

        // None of these names a place, and the exporters' own default would be port 4317 of this machine.
        site.Settings["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=secret";
        site.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        site.Settings["OTEL_METRIC_EXPORT_INTERVAL"] = "200";
        await site.CompleteAsync("quiet");

        Assert.Null((await site.Database.RunAsync("quiet")).TraceParent);
        Assert.DoesNotContain(Assert.Single(site.Processes).Lines, line => line.Contains("collector", StringComparison.Ordinal));
    }
}
