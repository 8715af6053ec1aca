using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Telemetry;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>
/// What is scraped, by whom, and while something is away. Alone, because two services in one process measure under the same names, and the one that ends takes
/// the figures of the other with it.
/// </summary>
[Collection(nameof(Alone))]
public sealed class MetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_take_the_right_to_read_in_all_scopes()
    {
        var (reader, importer, ofOne) = (ApiKey.Create(), ApiKey.Create(), ApiKey.Create());
        await using var service = await HttpService.StartAsync(applications: 1, settings:
        [
            .. GuardedService.Key("reader", reader, "all", "read"),
            .. GuardedService.Key("importer", importer, "all", "import,operate"),
            .. GuardedService.Key("one", ofOne, "1", "read"),
        ]);

        using (var nobody = await service.GetAsync("/metrics"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        }

        using (var without = await service.GetAsync("/metrics", ("X-Api-Key", importer)))
        {
            Assert.Equal("The API key 'importer' lacks the right 'read'.", await HttpService.ProblemAsync(without, HttpStatusCode.Forbidden));
        }

        using (var some = await service.GetAsync("/metrics", ("X-Api-Key", ofOne)))
        {
            Assert.Equal("The API key 'one' sees some scopes only, and this is about all of them.", await HttpService.ProblemAsync(some, HttpStatusCode.Forbidden));
        }

        using var all = await service.GetAsync("/metrics", ("Authorization", $"Bearer {reader}"));
        Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        Assert.Equal("text/plain", all.Content.Headers.ContentType?.MediaType);
        Assert.Contains("hokify_scope_info{", await all.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_figures_are_those_of_the_imports_and_of_the_database()
    {
        await using var service = await StartAsync(scope: 7321);
        await ImportAsync(service, 7321);

        var figures = await ScrapeAsync(service);

        Assert.Equal(1, figures["hokify_import_runs_total{hokify_import_mode=\"full\",hokify_outcome=\"completed\",hokify_scope_id=\"7321\"}"]);
        Assert.Equal(20, figures["hokify_import_records_total{hokify_element=\"CandidateProfile\",hokify_outcome=\"created\",hokify_scope_id=\"7321\"}"]);
        Assert.Equal(0, figures["hokify_import_takeovers_total{hokify_scope_id=\"7321\"}"]);
        Assert.InRange(figures["hokify_scope_lag_seconds{hokify_scope_id=\"7321\"}"], 0, 60);
        Assert.Equal(1, figures["hokify_scope_info{hokify_scope_id=\"7321\",hokify_source_kind=\"AtsApi\"}"]);
        Assert.Equal(0, figures["hokify_ledger_records{hokify_ledger_state=\"parked\",hokify_scope_id=\"7321\"}"]);
        Assert.InRange(figures["hokify_observation_age_seconds{hokify_observed=\"database\"}"], 0, 10);
        Assert.DoesNotContain(figures.Keys, series => series.Contains("broker", StringComparison.Ordinal) || series.Contains("otel_scope", StringComparison.Ordinal));
        Assert.Contains(figures.Keys, series => series.StartsWith("target_info{", StringComparison.Ordinal) && series.Contains($"service_version=\"{HokifyMessaging.Wording.ProductVersion.Text}\"", StringComparison.Ordinal) && series.Contains("service_name=\"hokify\"", StringComparison.Ordinal));
        Assert.All(
            figures.Keys.Where(series => series.StartsWith("hokify_", StringComparison.Ordinal)),
            series => Assert.Contains(series.Split('{')[0], TelemetryNames.Metrics.SelectMany(Prometheus.SeriesOf)));
    }

    [Fact]
    public async Task Runs_and_records_that_wait_are_told_by_where_they_stand()
    {
        await using var service = await StartAsync(scope: 7322);
        await service.QueryAsync(async db =>
        {
            var now = TimeProvider.System.GetUtcNow();
            db.Scopes.Add(new ScopeState { ScopeId = 7322 });
            db.ImportRuns.AddRange(
                Run("queued", RunState.Queued), Run("running", RunState.Running), Run("interrupted", RunState.Interrupted),
                Run("resuming", RunState.Failed, now.AddHours(1)), Run("failed", RunState.Failed), Run("cancelled", RunState.Cancelled));
            await db.SaveChangesAsync(Cancel);
            var run = db.ImportRuns.First(r => r.IdempotencyKey == "failed").Id;
            db.ActivityLogs.AddRange(Kept("a", ActivityStatus.Open), Kept("b", ActivityStatus.Open), Kept("c", ActivityStatus.Parked), Kept("d", ActivityStatus.Done));
            return await db.SaveChangesAsync(Cancel);

            ImportRun Run(string key, RunState state, DateTimeOffset? resumes = null) => new()
            {
                Id = Guid.NewGuid(),
                IdempotencyKey = key,
                ScopeId = 7322,
                State = state,
                CreatedAt = now,
                Tally = "{}",
                ResumeAt = resumes,
            };

            ActivityLog Kept(string reference, ActivityStatus status)
            {
                var log = ActivityLog.OfDone(7322, run, ActivityName.Deleted, "CandidateProfile", reference, now);
                log.Status = status;
                return log;
            }
        });

        var figures = await ScrapeAsync(service);

        Assert.Equal([1, 1, 1, 1, 1], new[] { "queued", "running", "interrupted", "resuming", "failed" }.Select(state => figures[$"hokify_runs_open{{hokify_run_state=\"{state}\",hokify_scope_id=\"7322\"}}"]));
        Assert.Equal((2, 1), (figures["hokify_ledger_records{hokify_ledger_state=\"waiting\",hokify_scope_id=\"7322\"}"], figures["hokify_ledger_records{hokify_ledger_state=\"parked\",hokify_scope_id=\"7322\"}"]));
        Assert.DoesNotContain("hokify_scope_lag_seconds{hokify_scope_id=\"7322\"}", figures.Keys);
    }

    [Fact]
    public async Task A_scrape_answers_in_time_while_the_database_is_locked_for_all_and_says_how_old_its_figures_are()
    {
        var clock = new MovableClock();
        var logs = new LogLines();
        await using var service = await StartAsync(scope: 7323, clock, logs);
        await ImportAsync(service, 7323);
        var before = await ScrapeAsync(service);

        await using (var connection = new SqliteConnection($"{service.Settings["Database:ConnectionString"]}"))
        {
            await connection.OpenAsync(Cancel);
            await LockAsync(connection);
            clock.Move(TimeSpan.FromMinutes(1));
            var asked = Stopwatch.StartNew();

            var locked = await ScrapeAsync(service);

            Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
            Assert.InRange(locked["hokify_observation_age_seconds{hokify_observed=\"database\"}"], 60, 120);
            Assert.Equal(20, locked["hokify_import_records_total{hokify_element=\"CandidateProfile\",hokify_outcome=\"created\",hokify_scope_id=\"7323\"}"]);
            Assert.Equal(0, locked["hokify_ledger_records{hokify_ledger_state=\"parked\",hokify_scope_id=\"7323\"}"]);
            Assert.True(locked["hokify_scope_lag_seconds{hokify_scope_id=\"7323\"}"] >= before["hokify_scope_lag_seconds{hokify_scope_id=\"7323\"}"] + 60);
            await ImportSetup.Until(() => logs.Text.Contains("The figures of the database are not up to date", StringComparison.Ordinal));

            // What is too old is said no more, and its age still is.
            clock.Move(TimeSpan.FromMinutes(5));
            var old = await ScrapeAsync(service);
            Assert.DoesNotContain("hokify_ledger_records{hokify_ledger_state=\"parked\",hokify_scope_id=\"7323\"}", old.Keys);
            Assert.True(old["hokify_observation_age_seconds{hokify_observed=\"database\"}"] > 300);
        }

        await ImportSetup.Until(async () => (await ScrapeAsync(service)).GetValueOrDefault("hokify_observation_age_seconds{hokify_observed=\"database\"}", 1000) < 60);
        Assert.Single(logs.Text.Split('\n'), line => line.Contains("The figures of the database are not up to date", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_of_its_own_answers_metrics_to_whoever_reaches_it_and_nothing_else()
    {
        var port = FreePort();
        await using var service = await HttpService.StartAsync(applications: 1, settings: [.. GuardedService.Key("reader", ApiKey.Create(), "all", "read"), new("Http:MetricsAddress", $"http://127.0.0.1:{port}")]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Contains("hokify_observation_age_seconds{hokify_observed=\"database\"}", await http.GetStringAsync("/metrics", Cancel), StringComparison.Ordinal);
        foreach (var address in new[] { "/", "/health/live", "/api/imports", "/metrics/x", "/openapi/v1.json" })
        {
            using var answer = await http.GetAsync(address, Cancel);
            Assert.Equal((HttpStatusCode.NotFound, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel)));
        }

        using var elsewhere = await service.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);

        var taken = await Assert.ThrowsAnyAsync<Exception>(() => HttpService.StartAsync(applications: 1, settings: [new("Http:MetricsAddress", $"http://127.0.0.1:{port}")]));
        Assert.Equal(
            [$"Another program listens on http://127.0.0.1:{port} already; stop it, or name another address with Http:MetricsAddress, such as http://127.0.0.1:9465."], CommandErrors.Sentences(taken));
    }

    [Theory]
    [InlineData("9464")]
    [InlineData("https://127.0.0.1:9464")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:9464/metrics")]
    public async Task An_address_for_metrics_that_is_none_stops_the_start(string address)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => HttpService.StartAsync(applications: 1, settings: [new("Http:MetricsAddress", address)]));

        Assert.Equal([$"Http:MetricsAddress is '{address}'; it must be http:// with a host, or *, and a port, such as http://127.0.0.1:9464."], CommandErrors.Sentences(refused));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector'; it must be the address of a collector, such as http://127.0.0.1:4317.")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "ftp://x", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is 'ftp://x'; it must be the address of a collector, such as http://127.0.0.1:4317.")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json'; it must be grpc or http/protobuf.")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "10 s", "OTEL_EXPORTER_OTLP_TIMEOUT is '10 s'; it must be a number of milliseconds, such as 10000.")]
    public async Task A_variable_for_the_collector_that_is_wrong_stops_the_start(string variable, string value, string sentence)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => HttpService.StartAsync(
            applications: 1, settings: [new("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1"), new(variable, value)]));

        Assert.Equal([sentence], CommandErrors.Sentences(refused));
    }

    [Fact]
    public async Task An_import_asked_for_over_HTTP_goes_on_in_the_callers_trace()
    {
        using var watched = new Watched();
        await using var service = await HttpService.StartAsync(applications: 5);

        using var accepted = await service.PostAsync("/api/imports", """{"idempotencyKey":"over http"}""", ("traceparent", watched.TraceParent), ("tracestate", "vendor=1"));
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await service.UntilAsync(accepted.Headers.Location!.ToString(), "Completed");
        await ImportSetup.Until(() => watched.SpansNamed("POST /api/imports").Count == 1 && watched.SpansNamed("process hokify-import").Count == 1);

        var request = Assert.Single(watched.SpansNamed("POST /api/imports"));
        Assert.Equal((watched.SpanId, ActivityKind.Server, 202, "vendor=1"), (request.ParentSpanId, request.Kind, request.GetTagItem(TelemetryNames.HttpStatus), request.TraceStateString));
        Assert.Equal(request.SpanId, Assert.Single(watched.SpansNamed("process hokify-import")).ParentSpanId);
        Assert.Equal(request.Id, await service.QueryAsync(db => db.ImportRuns.Select(run => run.TraceParent).SingleAsync(Cancel)));

        // What others ask for names runs and people in its address, and is not traced.
        using var looked = await service.GetAsync("/api/imports", ("traceparent", watched.TraceParent));
        Assert.Equal(HttpStatusCode.OK, looked.StatusCode);
        Assert.DoesNotContain(watched.Spans, span => span.DisplayName.StartsWith("GET /", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nobody_listens_the_callers_trace_is_kept_with_the_run()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var service = await HttpService.StartAsync(applications: 1);

        using var accepted = await service.PostAsync("/api/imports", """{"idempotencyKey":"passed on"}""", ("traceparent", Trace));

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal(Trace, await service.QueryAsync(db => db.ImportRuns.Select(run => run.TraceParent).SingleAsync(Cancel)));
    }

    private static Task<HttpService> StartAsync(int scope, TimeProvider? clock = null, LogLines? logs = null) => HttpService.StartAsync(
        settings: [new("Database:CommandTimeout", "00:00:10"), new("Hokify:Scopes:1:Source", "AtsApi"), new($"Hokify:Scopes:{scope}:Name", "Gasthaus")],
        configure: builder =>
        {
            foreach (var setting in builder.Configuration.GetSection("Hokify:Scopes:1:AtsApi").GetChildren().Where(setting => setting.Value is not null))
            {
                builder.Configuration[$"Hokify:Scopes:{scope}:AtsApi:{setting.Key}"] = setting.Value;
            }

            if (clock is not null)
            {
                builder.Services.AddSingleton(clock);
            }

            if (logs is not null)
            {
                builder.Logging.AddProvider(logs);
            }
        });

    private static async Task ImportAsync(HttpService service, int scope)
    {
        using var accepted = await service.PostAsync("/api/imports", $$"""{"scopeId":{{scope}},"importMode":"Full"}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await service.UntilAsync(accepted.Headers.Location!.ToString(), "Completed");
    }

    /// <summary>All series with their labels in order, and what they have.</summary>
    private static async Task<Dictionary<string, double>> ScrapeAsync(HttpService service)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
        using var answer = await service.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var line in (await answer.Content.ReadAsStringAsync(Cancel)).Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var (end, text) = (line.LastIndexOf('}') + 1, line);
            var open = text.IndexOf('{', StringComparison.Ordinal);
            var series = open < 0 ? text.Split(' ')[0] : $"{text[..open]}{{{string.Join(',', text[(open + 1)..(end - 1)].Split(',').Order(StringComparer.Ordinal))}}}";
            figures[series] = double.Parse(text[(open < 0 ? series.Length : end)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return figures;
    }

    /// <summary>As another program would that has the file to itself.</summary>
    private static async Task LockAsync(SqliteConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;";
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
