using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using HokifyMessaging.IntegrationTests.Processes;

namespace HokifyMessaging.IntegrationTests.Monitoring;

/// <summary>An import by command, which ends as soon as it is done, at a collector.</summary>
public sealed class WatchedCommandTests
{
    [Fact]
    public async Task An_import_by_command_arrives_as_one_trace_with_its_figures()
    {
        await using var site = await Installation.StartAsync(applications: 20);
        await using var collector = await OtlpReceiver.StartAsync();
        Send(site, collector.Address.GetLeftPart(UriPartial.Authority));

        var imported = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "import", "--mode", "Full", "--key", "watched");

        Assert.True(imported.ExitCode == 0, imported.Error);
        var run = await site.Database.RunAsync("watched");
        var command = Assert.Single(collector.Spans, span => span.Name == "hokify import");
        Assert.Equal(($"{run.Id}", "completed", "1"), (command.Attributes["hokify.run.id"], command.Attributes["hokify.outcome"], command.Attributes["hokify.scope.id"]));
        Assert.All(collector.Spans, span => Assert.Equal(command.TraceId, span.TraceId));
        Assert.Contains(collector.Spans, span => span.Name == "write batch" && span.ParentSpanId == command.SpanId);
        Assert.Contains(collector.Spans, span => span.Name == "read page");
        Assert.Contains(command.TraceId, run.TraceParent!, StringComparison.Ordinal);
        Assert.Subset(collector.Metrics.ToHashSet(), new HashSet<string> { "hokify.import.records", "hokify.import.runs", "hokify.import.run.duration" });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_does_not_wait_for_a_collector_and_says_so_where_it_is_not_reached(bool listens)
    {
        await using var site = await Installation.StartAsync(applications: 20);
        using var hole = new TcpListener(IPAddress.Loopback, 0);
        hole.Start();
        var place = $"http://127.0.0.1:{((IPEndPoint)hole.LocalEndpoint).Port}";
        if (!listens)
        {
            hole.Stop();
        }

        Send(site, place);
        site.Settings["OTEL_EXPORTER_OTLP_TIMEOUT"] = "60000";
        var asked = Stopwatch.StartNew();

        var imported = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "import", "--mode", "Full");

        // Far below the minute that one export may take.
        Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal(0, imported.ExitCode);
        Assert.Contains("Completed", imported.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", imported.Error, StringComparison.Ordinal);
        if (!listens)
        {
            Assert.Contains($"Traces and metrics do not reach the collector at {place}", imported.Error, StringComparison.Ordinal);
        }
    }

    private static void Send(Installation site, string place)
    {
        site.Settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = place;
        site.Settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
    }
}
