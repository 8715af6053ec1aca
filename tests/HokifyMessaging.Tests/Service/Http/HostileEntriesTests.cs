using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Whatever text comes in, by whichever entry, it comes out visibly: in answers and in the log.</summary>
public sealed class HostileEntriesTests : IDisposable
{
    private const string Imports = "/api/imports";

    private readonly LogLines _log = new();
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_caller_sends_comes_back_visibly_and_is_never_stored()
    {
        await using var service = await StartAsync();

        foreach (var (kind, text) in HostileTexts.Whole)
        {
            var escaped = Uri.EscapeDataString(text);
            HttpResponseMessage[] answers =
            [
                await service.PostAsync(Imports, JsonSerializer.Serialize(new { idempotencyKey = text })),
                await service.PostAsync(Imports, JsonSerializer.Serialize(new { requestedBy = text })),
                await service.PostAsync(Imports, JsonSerializer.Serialize(new Dictionary<string, object> { [text] = 1 })),
                await service.PostAsync(Imports, JsonSerializer.Serialize(new { importMode = text })),
                await service.PostAsync(Imports, JsonSerializer.Serialize(text)),
                await service.GetAsync($"{HttpService.Endpoint}?idempotencyKey={escaped}"),
                await service.GetAsync($"{HttpService.Endpoint}?requestedBy={escaped}"),
                await service.GetAsync($"{HttpService.Endpoint}?scopeId={escaped}"),
                await service.GetAsync($"{HttpService.Endpoint}?importMode={escaped}"),
                await service.GetAsync($"{HttpService.Endpoint}?format={escaped}"),
                await service.GetAsync($"{HttpService.Endpoint}?{escaped}=1"),
                await service.GetAsync($"{Imports}?state={escaped}"),
                await service.GetAsync($"{Imports}?after={escaped}"),
                await service.GetAsync($"{Imports}?{escaped}=1&{escaped}=2"),
            ];
            foreach (var answer in answers)
            {
                var body = await answer.Content.ReadAsStringAsync(Cancel);
                Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{kind}: {answer.RequestMessage!.RequestUri} {(int)answer.StatusCode} {body}");
                IsVisible(body, kind);
                answer.Dispose();
            }

            // Whether there is such an address is all that it tells.
            using var path = await service.GetAsync($"/api/imports/{Uri.EscapeDataString(text.Replace("\0", "", StringComparison.Ordinal))}");
            IsVisible(await path.Content.ReadAsStringAsync(Cancel), kind);
        }

        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
        LogIsVisible();
    }

    [Fact]
    public async Task Headers_with_what_HTTP_can_carry_come_back_visibly()
    {
        await using var service = await StartAsync();

        foreach (var (kind, text) in HostileTexts.Whole.Where(hostile => !hostile.Text.AsSpan().ContainsAny("\r\n\0")))
        {
            foreach (var header in new[] { "Idempotency-Key", "Accept", "X-Api-Key", "Origin", "User-Agent", "Traceparent", "X-Forwarded-For" })
            {
                using var answer = await service.SendAsync(HttpMethod.Post, Imports, new StringContent("""{"scopeId": 9}""", Encoding.UTF8, "application/json"), (header, text));
                IsVisible(await answer.Content.ReadAsStringAsync(Cancel), $"{kind} in {header}");
            }
        }

        Assert.Equal(0, await service.QueryAsync(db => db.ImportRuns.CountAsync(Cancel)));
        LogIsVisible();
    }

    [Fact]
    public async Task Names_of_files_and_of_their_columns_come_out_visibly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Names of files are of visible characters there.");
        await using var service = await StartAsync(
            new("Hokify:Scopes:1:Source", "CsvFiles"), new("Hokify:Scopes:1:CsvFiles:Path", _folder.Path), new("Http:WaitTimeout", "00:01:00"));
        var file = Path.Combine(_folder.Path, "x.csv");

        foreach (var (kind, text) in HostileTexts.Whole.Where(hostile => !hostile.Text.Contains('\0', StringComparison.Ordinal)))
        {
            // A row without an id is reported with its place; a file without the column fails the run; a file that is cut flaws it.
            foreach (var content in new[] { "matchId;name;email\n;Erika;e@one.example\nm2;Ben;", "name;email\nErika;e@one.example\n", $"matchId;matchId;{text.Replace("\n", "", StringComparison.Ordinal)}\nm1;m2;x\n" })
            {
                File.Delete(file);
                file = Path.Combine(_folder.Path, $"{text}.csv");
                await File.WriteAllTextAsync(file, content, Cancel);
                using var answer = await service.PostAsync(HttpService.Endpoint, """{"importMode": "Full"}""");
                IsVisible(await answer.Content.ReadAsStringAsync(Cancel), kind);
                Assert.True(answer.Content.Headers.ContentLength != 0, kind);
            }

            var runs = (await HttpService.JsonAsync(await service.GetAsync($"{Imports}?limit=3")))["items"]!.AsArray().Select(run => run!["runId"]!.GetValue<Guid>()).ToList();
            foreach (var run in runs)
            {
                foreach (var part in new[] { "", "/records" })
                {
                    IsVisible(await (await service.GetAsync($"{Imports}/{run}{part}")).Content.ReadAsStringAsync(Cancel), $"{kind} at {part}");
                }

                HostileTexts.AreVisibleIn((await (await service.GetAsync($"{Imports}/{run}/records.csv")).Content.ReadAsStringAsync(Cancel)).TrimStart('\ufeff'), $"the CSV of {kind}");
            }
        }

        LogIsVisible();
        Assert.Contains("photo_\\u202Egpj.exe.csv", _log.Text, StringComparison.Ordinal);
        var stored = await service.QueryAsync(db => db.ImportRuns.Select(run => new { run.Failure, run.CompletedEvent }).ToListAsync(Cancel));
        Assert.Contains(stored, run => run.Failure is not null && run.Failure.Contains("photo_\\u202Egpj.exe.csv", StringComparison.Ordinal));
        Assert.All(stored, run => HostileTexts.AreVisible(run.Failure ?? "", "a failure"));
        Assert.All(stored.Where(run => run.CompletedEvent is not null), run => AreVisible(JsonNode.Parse(run.CompletedEvent!), "an event"));
    }

    [Fact]
    public async Task What_was_stored_when_any_text_was_taken_in_comes_out_visibly_and_does_not_stop_its_run()
    {
        await using var service = await StartAsync();
        service.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.InternalServerError) { Times = null });
        using var created = await service.PostAsync(Imports, "{}", ("Idempotency-Key", "old"));
        var address = created.Headers.Location!.ToString();
        await service.UntilAsync(address, "Failed");
        var requester = $"photo_\u202egpj{new string('\u200b', 180)}";
        await service.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(run => run.RequestedBy, requester).SetProperty(run => run.Failure, "a\u001b[2Jb"), Cancel));

        var run = await HttpService.JsonAsync(await service.GetAsync(address));
        AreVisible(run, "the run");
        Assert.StartsWith("photo_\\u202Egpj\\u200B", run["summary"]!["requestedBy"]!.GetValue<string>(), StringComparison.Ordinal);
        service.Sandbox.Faults.Clear();
        using var again = await service.PostAsync(Imports, "{}", ("Idempotency-Key", "old"));
        await service.UntilAsync(address, "Completed");

        LogIsVisible();
    }

    private Task<HttpService> StartAsync(params KeyValuePair<string, string?>[] settings) => HttpService.StartAsync(
        applications: 1,
        settings:
        [
            new("Http:Limits:RequestsPerMinute", "1000000"), new("Http:Limits:AnonymousRequestsPerMinute", "1000000"), new("Http:Limits:RefusedRequestsPerMinute", "1000000"), .. settings,
        ],
        configure: builder => builder.Logging.AddProvider(_log).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Information));

    private void LogIsVisible() => HostileTexts.AreVisibleIn(_log.Text, "the log");

    /// <summary>As it stands there, and as whoever reads the JSON has it.</summary>
    private static void IsVisible(string body, string where)
    {
        HostileTexts.AreVisible(body, where);
        if (body.Length > 0)
        {
            AreVisible(JsonNode.Parse(body), where);
        }
    }

    private static void AreVisible(JsonNode? node, string where)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                {
                    HostileTexts.AreVisible(name, where);
                    AreVisible(value, $"{where}, {name}");
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    AreVisible(item, where);
                }

                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                HostileTexts.AreVisible(text, where);
                break;
        }
    }
}
