using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Service.WebConsole;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Somebody else has locked the database's file: whoever asks is told so in time, and health says that writes wait.</summary>
public sealed class LockedDatabaseTests
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_address_answers_503_within_the_command_timeout_while_the_file_is_locked_for_all()
    {
        await using var service = await StartAsync();
        var (run, link) = await ImportAsync(service);

        await using (await LockAsync(service, forReaders: true))
        {
            var asked = new (HttpMethod Method, string Address)[]
            {
                (HttpMethod.Get, "/api/imports"),
                (HttpMethod.Get, run),
                (HttpMethod.Get, $"{run}/records"),
                (HttpMethod.Get, $"{run}/records.csv"),
                (HttpMethod.Get, $"{run}/records.xlsx"),
                (HttpMethod.Get, $"{run}/events"),
                (HttpMethod.Delete, run),
                (HttpMethod.Get, link),
                (HttpMethod.Get, $"{HttpService.Endpoint}?importMode=Full"),
            };
            await Task.WhenAll(asked.Select(one => RefusedAsync(() => service.SendAsync(one.Method, one.Address), one.Address))
                .Append(RefusedAsync(() => service.PostAsync("/api/imports", """{"idempotencyKey":"locked"}"""), "POST")));
            Assert.Equal("Degraded", await DatabaseHealthAsync(service));
        }

        using var again = await service.PostAsync("/api/imports", """{"idempotencyKey":"locked"}""");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        await ImportSetup.Until(async () => await DatabaseHealthAsync(service) == "Healthy");
    }

    [Fact]
    public async Task While_somebody_else_writes_reads_are_answered_writes_are_503_and_health_is_degraded()
    {
        await using var service = await StartAsync();
        var (run, link) = await ImportAsync(service);

        await using (await LockAsync(service, forReaders: false))
        {
            foreach (var address in new[] { "/api/imports", run, $"{run}/records", "/api/audit", "/api/people/erasures" })
            {
                using var answer = await service.GetAsync(address);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            await Task.WhenAll(
                RefusedAsync(() => service.PostAsync("/api/imports", """{"idempotencyKey":"a"}"""), "POST"),

                // A file is not handed out before that is noted.
                RefusedAsync(() => service.GetAsync(link), "the link"),
                RefusedAsync(() => service.GetAsync($"{HttpService.Endpoint}?importMode=Full"), "GET, which imports"));
            Assert.Equal("Degraded", await DatabaseHealthAsync(service));
        }

        await ImportSetup.Until(async () => await DatabaseHealthAsync(service) == "Healthy");
    }

    [Fact]
    public async Task A_page_of_the_console_says_so_and_asks_again_by_itself_and_is_there_when_the_file_is_free()
    {
        await using var service = await StartAsync();
        using var client = await ConsoleClient.SignedInAsync(service, service.Token!);
        _ = await client.PageAsync("/console/runs");

        await using (await LockAsync(service, forReaders: true))
        {
            using var answer = await client.GetAsync("/console/runs");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Equal("5", Assert.Single(answer.Headers.GetValues("Refresh")));
            var page = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.Contains("the database file is locked by another process", page, StringComparison.Ordinal);
            Assert.Contains("asks again by itself", page, StringComparison.Ordinal);
        }

        _ = await client.PageAsync("/console/runs");
    }

    private static Task<HttpService> StartAsync() =>
        HttpService.StartAsync(applications: 3, settings: [new("Database:CommandTimeout", $"{CommandTimeout}")]);

    private static async Task<(string Run, string Link)> ImportAsync(HttpService service)
    {
        using var posted = await service.PostAsync("/api/imports", """{"idempotencyKey":"first"}""");
        var run = posted.Headers.Location!.ToString();
        var summary = await service.UntilAsync(run, "Completed");
        var link = service.Services.GetRequiredService<DownloadLinks>().LinkTo(summary["summary"]!["runId"]!.GetValue<Guid>(), TimeProvider.System.GetUtcNow())!;
        return (run, link.AbsolutePath);
    }

    private static async Task RefusedAsync(Func<Task<HttpResponseMessage>> ask, string what)
    {
        var waited = Stopwatch.StartNew();
        using var answer = await ask();
        var took = waited.Elapsed;

        Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{what}: {answer.StatusCode}");
        Assert.StartsWith("The database cannot be used: the database file is locked by another process", await HttpService.ProblemAsync(answer, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero, what);
        Assert.True(took < CommandTimeout, $"{what}: {took}");
    }

    private static async Task<string> DatabaseHealthAsync(HttpService service)
    {
        using var ready = await service.GetAsync("/health/ready");
        return JsonNode.Parse(await ready.Content.ReadAsStringAsync(Cancel))!["checks"]!["database"]!["status"]!.GetValue<string>();
    }

    /// <summary>As another program would: with a transaction that stays open.</summary>
    private static async Task<SqliteConnection> LockAsync(HttpService service, bool forReaders)
    {
        var connection = new SqliteConnection(service.Settings["Database:ConnectionString"]);
        await connection.OpenAsync(Cancel);
        if (forReaders)
        {
            // Readers do not wait for a writer, but for one who has the file to himself.
            await ExecuteAsync("PRAGMA locking_mode = EXCLUSIVE");
        }

        await ExecuteAsync("BEGIN EXCLUSIVE");
        return connection;

        async Task ExecuteAsync(string sql)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }
}
