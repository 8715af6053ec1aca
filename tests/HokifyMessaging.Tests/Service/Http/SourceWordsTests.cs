using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Tests.Reading;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>What hokify says of a failure could name a person: everybody is told its status and its code, and the words only those who may operate.</summary>
public sealed class SourceWordsTests : IDisposable
{
    private const string Imports = "/api/imports";

    private readonly string _operator = ApiKey.Create();
    private readonly string _reader = ApiKey.Create();
    private readonly LogLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _log.Dispose();

    public static TheoryData<string, int, string, string> Answers => new()
    {
        { "ExternApi", 200, """{"success":false,"code":"invalid_window","msg":"no window for Erika Mustermann"}""", "without success with the code invalid_window" },
        { "ExternApi", 400, """{"success":false,"msg":"no window for Erika Mustermann"}""", "400 (BadRequest) without success;" },
        { "ExternApi", 403, """{"msg":"Erika Mustermann may not"}""", "(403 (Forbidden) even with a fresh session)" },
        { "ExternApi", 500, "Erika Mustermann is broken", "500 (InternalServerError) to GET" },
        { "AtsApi", 400, """{"error":"invalid_request","error_description":"offset of Erika Mustermann"}""", "400 (BadRequest) with the code invalid_request to GET" },
        { "AtsApi", 404, """{"message":"no Erika Mustermann"}""", "404 (NotFound) to GET" },
        { "AtsApi", 401, """{"error":{"code":"token_expired","message":"of Erika Mustermann"}}""", "(401 (Unauthorized) with the code token_expired to GET" },
        { "AtsApi", 503, "<html><title>Erika Mustermann</title>", "503 (ServiceUnavailable) to GET" },
        { "AtsApi", 422, """{"code":"Erika.Mustermann"}""", "to GET application/getAllApplications; gave up" },
        { "AtsApi", 409, """{"msg":"Erika\u001b[2JMustermann \u202e\u2028 s3cret"}""", "409 (Conflict) to GET" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_failure_is_told_by_status_and_code_and_its_words_to_operators_alone(string source, int status, string body, string told)
    {
        await using var hokify = await HokifyStub.StartAsync((context, _) => context.Request.Path.Value switch
        {
            "/auth/token" => context.JsonAsync("""{"access_token":"t0ken","expires_in":86400}"""),
            "/api-login" => context.JsonAsync("""{"sessionToken":"t0ken"}"""),
            _ => context.JsonAsync(body, status),
        });
        await using var service = await StartAsync(hokify, source);

        using var waited = await service.PostAsync(HttpService.Endpoint, "{}", ("X-Api-Key", _operator), ("Idempotency-Key", "nightly"));
        using var list = await service.GetAsync(Imports, ("X-Api-Key", _operator));
        var address = $"{Imports}/{(await HttpService.JsonAsync(list))["items"]![0]!["runId"]!.GetValue<Guid>()}";
        var forOperators = await HttpService.JsonAsync(await service.GetAsync(address, ("X-Api-Key", _operator)));

        var said = forOperators["sourceSaid"]!.GetValue<string>();
        Assert.Contains("Mustermann", said, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", said, StringComparison.Ordinal);
        HostileTexts.AreVisible(said, "what hokify said");
        Assert.InRange(said.Length, 1, 500);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, waited.StatusCode);
        Assert.Contains(told, await HttpService.ProblemAsync(waited, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.Contains(told, forOperators["summary"]!["failure"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(told, _log.Text, StringComparison.Ordinal);

        // Nobody else is told, by whichever way.
        forOperators["sourceSaid"] = null;
        Assert.DoesNotContain("Mustermann", forOperators.ToJsonString(), StringComparison.Ordinal);
        foreach (var path in new[] { Imports, address, $"{address}/records", $"{address}/records.csv", $"{address}/records.xlsx", $"{address}/events", "/health/ready" })
        {
            using var answer = await service.GetAsync(path, ("X-Api-Key", _reader));
            Assert.DoesNotContain("Mustermann", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        Assert.Null((await HttpService.JsonAsync(await service.GetAsync(address, ("X-Api-Key", _reader))))["sourceSaid"]);
        Assert.DoesNotContain("Mustermann", _log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Mustermann", await list.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_much_hokify_says_little_is_kept_and_none_once_the_import_has_succeeded()
    {
        var isWell = false;
        await using var hokify = await HokifyStub.StartAsync((context, _) => context.Request.Path.Value == "/api-login"
            ? context.JsonAsync("""{"sessionToken":"t0ken"}""")
            : Volatile.Read(ref isWell) ? context.JsonAsync("[]") : context.JsonAsync(JsonSerializer.Serialize(new { success = false, msg = new string('\u200b', 5_000) })));
        await using var service = await StartAsync(hokify, "ExternApi");
        using var created = await service.PostAsync(Imports, "{}", ("X-Api-Key", _operator), ("Idempotency-Key", "nightly"));
        var address = created.Headers.Location!.ToString();
        var failed = await UntilAsync(service, address, "Failed");
        Volatile.Write(ref isWell, true);
        using var again = await service.PostAsync(Imports, "{}", ("X-Api-Key", _operator), ("Idempotency-Key", "nightly"));
        var completed = await UntilAsync(service, address, "Completed");

        Assert.Matches(@"^(\\u200B)+.*…$", failed["sourceSaid"]!.GetValue<string>());
        Assert.InRange(failed["sourceSaid"]!.GetValue<string>().Length, 400, 500);
        Assert.Null(completed["sourceSaid"]);
        Assert.Null(completed["summary"]!["failure"]);
    }

    [Fact]
    public async Task What_hokify_said_goes_with_whoever_is_erased()
    {
        await using var setup = await ImportSetup.OfTwoScopesAsync(applications: 20, ofSecond: 5);
        await setup.ImportFullAsync();
        await setup.ImportAsync(new HokifyImportRequested { ScopeId = 2, ImportMode = ImportMode.Full });
        await setup.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(run => run.SourceSaid, "no Erika Mustermann").SetProperty(run => run.Failure, "hokify answered 404."), Cancel));
        setup.Sandbox.Advance(erased: 1);

        await setup.ImportIncrementalAsync();

        var runs = await setup.QueryAsync(db => db.ImportRuns.AsNoTracking().ToListAsync(Cancel));
        Assert.Equal([2], runs.Where(run => run.SourceSaid is not null).Select(run => run.ScopeId));
        Assert.Contains(runs, run => run.ScopeId == 1 && run.Failure is not null);
    }

    private async Task<HttpService> StartAsync(HokifyStub hokify, string source)
    {
        var api = $"Hokify:Scopes:1:{source}";
        return await HttpService.StartAsync(
            applications: 0,
            settings:
            [
                new("Hokify:Scopes:1:Source", source), new($"{api}:BaseAddress", hokify.Address.ToString()), new($"{api}:Mandator", "demo"), new($"{api}:Token", "s3cret"),
                new("Hokify:Import:FailedRunRetries", "0"), new($"{api}:Http:Retries", "1"), new($"{api}:Http:Delay", "00:00:00.010"),
                .. GuardedService.Key("operator", _operator), .. GuardedService.Key("reader", _reader, rights: "read"),
            ],
            configure: builder => builder.Logging.AddProvider(_log).SetMinimumLevel(LogLevel.Information));
    }

    private async Task<JsonNode> UntilAsync(HttpService service, string run, string state)
    {
        JsonNode? found = null;
        await ImportSetup.Until(async () =>
            (found = await HttpService.JsonAsync(await service.GetAsync(run, ("X-Api-Key", _operator))))["summary"]!["state"]!.GetValue<string>() == state);
        return found!;
    }
}
