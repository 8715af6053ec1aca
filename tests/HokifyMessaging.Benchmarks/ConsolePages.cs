using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Benchmarks;

/// <param name="Runs">How many runs there are.</param>
/// <param name="Records">How many activity logs.</param>
/// <param name="Rounds">How often each page is asked for.</param>
internal sealed record ConsoleBenchOptions(int Runs, int Records, int Rounds);

/// <summary>How long each page of the console takes, with as many runs and records as years bring.</summary>
internal static partial class ConsolePages
{
    public static async Task RunAsync(ConsoleBenchOptions options)
    {
        using var work = new Workplace();
        var template = await Measurement.WriteTemplateAsync("csv", work.Folder, imported: null);
        Workplace.Tell($"storing {options.Runs} runs and {options.Records} records");
        await FillAsync(template, options);
        var application = ServeCommand.Build(builder =>
        {
            builder.Logging.ClearProviders();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Urls"] = "http://127.0.0.1:0",
                ["Database:ConnectionString"] = $"Data Source={template}",
                ["Hokify:Import:SweepInterval"] = "01:00:00",
                ["Http:Limits:RequestsPerMinute"] = "1000000",
                ["Hokify:Scopes:1:Name"] = "Gasthaus zur Sandkiste",
                ["Hokify:Scopes:1:AtsApi:BaseAddress"] = "http://127.0.0.1:9/",
                ["Hokify:Scopes:1:AtsApi:Mandator"] = "demo",
                ["Hokify:Scopes:1:AtsApi:Token"] = "demo-token",
            });
        });
        await using var ended = application;
        await ServeCommand.PrepareAsync(application, CancellationToken.None);
        await application.StartAsync();
        using var client = await SignInAsync(application);
        Console.WriteLine("| page | median ms | slowest ms | bytes |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        foreach (var address in await AddressesAsync(template))
        {
            var (times, bytes) = (new List<double>(), 0);
            for (var round = 0; round < options.Rounds + 2; round++)
            {
                var watch = Stopwatch.StartNew();
                using var answer = await client.GetAsync(new Uri(address, UriKind.Relative));
                bytes = (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync()).Length;
                if (round >= 2)
                {
                    times.Add(watch.Elapsed.TotalMilliseconds);
                }
            }

            Console.WriteLine(FormattableString.Invariant($"| `{RunId().Replace(address, "{id}")}` | {times.Median(t => t):0} | {times.Max():0} | {bytes:N0} |"));
        }

        await application.StopAsync();
    }

    /// <summary>Runs of years, one in fifty failed, and what they did: one record in a thousand could not be stored at first, one in ten thousand waits.</summary>
    private static async Task FillAsync(string database, ConsoleBenchOptions options)
    {
        await using var connection = new SqliteConnection($"Data Source={database}");
        await connection.OpenAsync();
        foreach (var sql in Statements(options))
        {
            await using var command = connection.CreateCommand();
            command.CommandTimeout = 0;
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }

    private static IEnumerable<string> Statements(ConsoleBenchOptions options)
    {
        const string Event = """{"runId":"00000000-0000-0000-0000-000000000000","idempotencyKey":"k","scopeId":1,"importMode":"Incremental","dryRun":false,"startedAt":"2026-01-01T00:00:00Z","completedAt":"2026-01-01T00:01:00Z","result":{"CreatedCounts":{"Candidate":3},"UpdatedCounts":{},"DeletedCounts":{},"UnchangedCounts":{"Candidate":40},"Exceptions":{},"DownloadUrl":null,"OkCount":43,"ErrorCount":0,"StatsCounter":{"Fetched":43,"Pages":1}}}""";
        const string Instant = "strftime('%Y-%m-%dT%H:%M:%S.0000000Z', 'now', '-' || (($runs - i) * 4) || ' minutes')";
        yield return "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY";
        yield return "INSERT INTO Scope (ScopeId, Fence, Revision, Watermark) VALUES (1, 1, 1, strftime('%Y-%m-%dT%H:%M:%S.0000000Z', 'now'))";
        yield return $$"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{options.Runs}})
            INSERT INTO ImportRun (Id, IdempotencyKey, ScopeId, ImportMode, DryRun, State, Phase, CreatedAt, StartedAt, CompletedAt, AnnouncedAt, WindowFrom, WindowTo, Fence, Tally, Failures, Failure, IsWhole, CompletedEvent)
            SELECT printf('%08X-0000-7000-8000-000000000000', i), 'schedule/' || i, 1, CASE WHEN i % 300 = 0 THEN 'Full' ELSE 'Incremental' END, 0,
              CASE WHEN i % 50 = 0 THEN 'Failed' ELSE 'Completed' END, CASE WHEN i % 50 = 0 THEN 'Reading' ELSE 'Concluding' END, {{At()}}, {{At()}},
              CASE WHEN i % 50 = 0 THEN NULL ELSE {{At()}} END, CASE WHEN i % 50 = 0 THEN NULL ELSE {{At()}} END, CASE WHEN i % 300 = 0 THEN NULL ELSE {{At(5)}} END, {{At()}}, i,
              '{}', CASE WHEN i % 50 = 0 THEN 1 ELSE 0 END, CASE WHEN i % 50 = 0 THEN 'hokify answered 503 to GET application/getAllApplications.' END, CASE WHEN i % 50 = 0 THEN NULL ELSE 1 END, CASE WHEN i % 50 = 0 THEN NULL ELSE '{{Event}}' END FROM n
            """;
        yield return $$"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{options.Records}})
            INSERT INTO ActivityLog (ScopeId, RunId, LastRunId, Name, Status, ReferenceId, PersonReferenceId, ElementName, ElementId, Command, Date, ResultCode, ResultData, RetryCount, RetryInterval, DueAt, DateExecuted)
            SELECT 1, printf('%08X-0000-7000-8000-000000000000', 1 + i % {{options.Runs}}), CASE WHEN i % 1000 = 0 THEN printf('%08X-0000-7000-8000-000000000000', 1 + i % {{options.Runs}}) END,
              CASE WHEN i % 1000 = 0 THEN 'Rejected' ELSE 'Created' END, CASE WHEN i % 10000 = 0 THEN 'Open' WHEN i % 1000 = 0 THEN 'Closed' ELSE 'Done' END,
              printf('%024x', i), NULL, 'CandidateProfile', i, 'HokifyImport', '2026-01-01T00:00:00.0000000Z', 0, CASE WHEN i % 1000 = 0 THEN 'birthday: 31.02.1990 is not a date' END, 0, 0,
              CASE WHEN i % 10000 = 0 THEN '2026-01-01T00:00:00.0000000Z' END, '2026-01-01T00:00:00.0000000Z' FROM n
            """;
        yield return "UPDATE Scope SET Watermark = (SELECT MAX(WindowTo) FROM ImportRun WHERE State = 'Completed')";
        yield return "ANALYZE";

        string At(int before = 0) => Instant.Replace("$runs", (options.Runs + before).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static async Task<HttpClient> SignInAsync(WebApplication application)
    {
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var client = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(address) };
        var key = (await File.ReadAllTextAsync(application.Services.GetRequiredService<LocalToken>().Path)).Trim();
        var page = await client.GetStringAsync(new Uri("/console/sign-in", UriKind.Relative));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = key, ["form"] = FormToken().Match(page).Groups[1].Value });
        using var answer = await client.PostAsync(new Uri("/console/sign-in", UriKind.Relative), form);
        answer.EnsureSuccessStatusCode();
        return client;
    }

    private static async Task<IReadOnlyList<string>> AddressesAsync(string database)
    {
        await using var connection = new SqliteConnection($"Data Source={database}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT Id FROM ImportRun WHERE State = 'Completed' ORDER BY CreatedAt DESC LIMIT 1";
        var id = Guid.Parse((string)(await command.ExecuteScalarAsync())!);
        return
        [
            "/console/runs", "/console/runs?state=Failed", "/console/runs?q=schedule/77", "/console/runs?q=answered 503", "/console/runs?q=31.02.1990", $"/console/runs/{id}", $"/console/runs/{id}?outcome=Waiting",
            "/console/waiting", "/console/scopes", "/console/scopes/1", "/console/schedules", "/console/explain", "/console/people", "/console/retention", "/console/queues", "/console/audit",
        ];
    }

    [GeneratedRegex("name=\"form\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex RunId();
}
