using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Deployment;
using HokifyMessaging.Tests.Telemetry;

namespace HokifyMessaging.IntegrationTests.Monitoring;

/// <summary>Debian's Prometheus before the running service, with the files that lie in the repository for it.</summary>
public sealed class PrometheusTests(SharedBroker shared) : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("check", "rules", "alerts.yml")]
    [InlineData("test", "rules", "alerts-tests.yml")]
    [InlineData("check", "config", "--syntax-only", "prometheus.yml")]
    public async Task The_files_for_Prometheus_are_right_and_the_alerts_ring_when_they_must(params string[] arguments)
    {
        var (exitCode, output, errors) = await ForeignProgram.RunAsync(ForeignPlatforms.RequirePrometheus(Checkout.PathOf(".config/monitoring"), "promtool", arguments));

        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("SUCCESS", output, StringComparison.Ordinal);
    }

    /// <summary>A test that could not fail would say nothing of the alerts.</summary>
    [Fact]
    public async Task An_alert_that_does_not_ring_is_found()
    {
        foreach (var file in new[] { "alerts.yml", "alerts-tests.yml" })
        {
            var text = Checkout.Read($".config/monitoring/{file}");
            await File.WriteAllTextAsync(Path.Combine(_folder.Path, file), text.Replace("takeovers_total[1h])) > 2", "takeovers_total[1h])) > 20", StringComparison.Ordinal), Cancel);
        }

        var (exitCode, output, errors) = await ForeignProgram.RunAsync(ForeignPlatforms.RequirePrometheus(_folder.Path, "promtool", "test", "rules", "alerts-tests.yml"));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("HokifyLeaseTakeovers", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_documented_series_arrives_with_its_labels(bool byKey)
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 30 }, Cancel);
        var settings = AtBroker.Serving(virtualHost, sandbox);
        settings["Hokify:Scopes:1:Retention:Preset"] = "Austria";
        var authorization = "";

        // The daily job looks at scopes that are there.
        Assert.Equal(0, (await HokifyProcess.RunAsync(_folder.Path, settings, "import", "--mode", "Full", "--dry-run")).ExitCode);
        if (byKey)
        {
            var made = await HokifyProcess.RunAsync(_folder.Path, [], "keys", "new", "--name", "prometheus", "--scopes", "all", "--rights", "read", "--json");
            foreach (var setting in made.Json.GetProperty("environment").EnumerateObject())
            {
                settings[setting.Name] = setting.Value.GetString()!;
            }

            await File.WriteAllTextAsync(Path.Combine(_folder.Path, "hokify.key"), made.Json.GetProperty("key").GetString()!, Cancel);
            authorization = $"authorization: {{type: Bearer, credentials_file: {Path.Combine(_folder.Path, "hokify.key")}}}";
        }

        var metricsPort = FreePort();
        if (!byKey)
        {
            settings["Http:MetricsAddress"] = $"http://127.0.0.1:{metricsPort}";
        }

        await using var serve = await HokifyProcess.StartAsync(_folder.Path, settings, "serve");
        var address = await serve.AddressAsync();
        await serve.UntilStartedAsync();
        Assert.Equal(!byKey, serve.Output.Contains($"Metrics: http://127.0.0.1:{metricsPort}/metrics answers whoever reaches it, without a key", StringComparison.Ordinal));
        await using (var publisher = await AmqpPublisher.ConnectAsync(virtualHost))
        {
            await publisher.PublishAsync("""{"importMode":"Full","idempotencyKey":"scraped"}""", []);
        }

        await using var prometheus = await StartAsync(byKey ? address.Port : metricsPort, authorization);
        foreach (var metric in TelemetryNames.Metrics)
        {
            foreach (var series in Prometheus.SeriesOf(metric))
            {
                var found = await prometheus.UntilFoundAsync($"{series}{{job=\"hokify\"}}");
                Assert.All(found, labels => Assert.Equal(
                    [.. metric.Attributes.Select(Prometheus.LabelOf).Order(StringComparer.Ordinal)],
                    labels.Select(label => label.Key).Except(["__name__", "job", "instance", "le"]).Order(StringComparer.Ordinal)));
            }
        }

        await prometheus.UntilFoundAsync("hokify_import_records_total{hokify_element=\"CandidateProfile\", hokify_outcome=\"created\"} == 30");
        await prometheus.UntilFoundAsync("hokify_queue_messages{messaging_destination_name=\"hokify-import_error\"} == 0");
        await prometheus.UntilFoundAsync("up{job=\"hokify\"} == 1");
        await prometheus.UntilFoundAsync($"target_info{{job=\"hokify\", service_version=\"{HokifyMessaging.Wording.ProductVersion.Text}\"}}");
        var rules = await prometheus.RulesAsync();
        Assert.Equal(11, rules.Count);
        Assert.All(rules, rule => Assert.Equal("ok", rule!["health"]!.GetValue<string>()));
        Assert.Equal(0, await serve.TerminateAsync());
    }

    private async Task<RunningPrometheus> StartAsync(int port, string authorization)
    {
        var own = FreePort();
        var config = Path.Combine(_folder.Path, "prometheus.yml");
        await File.WriteAllTextAsync(
            config,
            $"""
            global: {"{"}scrape_interval: 1s, evaluation_interval: 1s{"}"}
            rule_files: [{Checkout.PathOf(".config/monitoring/alerts.yml")}]
            scrape_configs:
              - job_name: hokify
                {authorization}
                static_configs: [{"{"}targets: ["127.0.0.1:{port}"]{"}"}]
            """,
            Cancel);
        var program = ForeignProgram.Start(ForeignPlatforms.RequirePrometheus(
            _folder.Path, "prometheus", $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(_folder.Path, "data")}", $"--web.listen-address=127.0.0.1:{own}", "--log.level=error"));
        return new RunningPrometheus(program, own);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class RunningPrometheus(ForeignProgram program, int port) : IAsyncDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/") };

        /// <summary>Waits until a question has an answer.</summary>
        /// <returns>The labels of each series that is in it.</returns>
        public async Task<IReadOnlyList<JsonObject>> UntilFoundAsync(string question)
        {
            IReadOnlyList<JsonObject> found = [];
            await BrokerImport.Until(async () =>
            {
                try
                {
                    var answer = await _http.GetFromJsonAsync<JsonNode>($"query?query={Uri.EscapeDataString(question)}", Cancel);
                    found = [.. answer!["data"]!["result"]!.AsArray().Select(series => series!["metric"]!.AsObject())];
                }
                catch (HttpRequestException)
                {
                    // It has only just been started.
                }

                return found.Count > 0;
            });
            return found;
        }

        public async Task<JsonArray> RulesAsync()
        {
            JsonArray rules = [];
            await BrokerImport.Until(async () =>
            {
                rules = (await _http.GetFromJsonAsync<JsonNode>("rules", Cancel))!["data"]!["groups"]![0]!["rules"]!.AsArray();
                return rules.All(rule => rule!["health"]!.GetValue<string>() != "unknown");
            });
            return rules;
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await program.DisposeAsync();
        }
    }
}
