using System.Net;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>How many imports may wait: each key's, and each scope's.</summary>
public sealed class QueuedImportTests
{
    private const string Imports = "/api/imports";

    private readonly string _crm = ApiKey.Create();
    private readonly string _ats = ApiKey.Create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", Imports)]
    [InlineData("POST", HttpService.Endpoint)]
    [InlineData("GET", HttpService.Endpoint)]
    public async Task Beyond_what_a_key_may_have_waiting_the_answer_is_429_at_every_address_and_nothing_is_stored(string method, string address)
    {
        await using var service = await StartAsync(("Http:Limits:QueuedImportsPerKey", "2"));
        await HoldUpAsync(service);
        await FillAsync(service, _crm, 2);

        using var refused = await service.SendAsync(new HttpMethod(method), address, null, (ApiKeyHandler.Header, _crm), ("Idempotency-Key", "one more"));

        Assert.Equal(
            "The API key 'crm' has asked for 2 imports that have not begun, and no more may wait; ask again when one of them has begun.",
            await HttpService.ProblemAsync(refused, HttpStatusCode.TooManyRequests));
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.False(await service.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.IdempotencyKey == "one more", Cancel)));
        using var other = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _ats));
        Assert.Equal(HttpStatusCode.Accepted, other.StatusCode);
    }

    [Fact]
    public async Task Beyond_what_may_wait_in_a_scope_the_answer_is_429_to_every_key_and_other_scopes_are_not_kept_waiting()
    {
        await using var service = await StartAsync(("Http:Limits:QueuedImportsPerScope", "3"));
        await HoldUpAsync(service);
        await FillAsync(service, _crm, 2);
        await FillAsync(service, _ats, 1);

        foreach (var key in new[] { _crm, _ats })
        {
            using var refused = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, key));
            Assert.Equal("3 imports of scope 1 have not begun, and no more may wait; ask again when one of them has begun.", await HttpService.ProblemAsync(refused, HttpStatusCode.TooManyRequests));
        }

        using var elsewhere = await service.PostAsync(Imports, """{"scopeId": 2}""", (ApiKeyHandler.Header, _crm));
        Assert.Equal(HttpStatusCode.Accepted, elsewhere.StatusCode);
    }

    [Fact]
    public async Task A_request_whose_key_is_known_is_answered_all_the_same_unless_it_would_wait_anew()
    {
        await using var service = await StartAsync(("Http:Limits:QueuedImportsPerKey", "1"));
        await HoldUpAsync(service);
        using var cancelled = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm), ("Idempotency-Key", "cancelled"));
        (await service.SendAsync(HttpMethod.Delete, cancelled.Headers.Location!.ToString(), null, (ApiKeyHandler.Header, _crm))).Dispose();
        using var waiting = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm), ("Idempotency-Key", "waiting"));

        using var known = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm), ("Idempotency-Key", "waiting"));
        using var anew = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm), ("Idempotency-Key", "cancelled"));

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted), (waiting.StatusCode, known.StatusCode));
        await HttpService.ProblemAsync(anew, HttpStatusCode.TooManyRequests);
        Assert.Equal(RunState.Cancelled, await service.QueryAsync(db => db.ImportRuns.Where(r => r.IdempotencyKey == "cancelled").Select(r => r.State).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task There_is_room_again_when_one_that_waited_is_gone()
    {
        await using var service = await StartAsync(("Http:Limits:QueuedImportsPerKey", "1"));
        await HoldUpAsync(service);
        using var waiting = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm));
        using var refused = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm));
        (await service.SendAsync(HttpMethod.Delete, waiting.Headers.Location!.ToString(), null, (ApiKeyHandler.Header, _crm))).Dispose();

        using var next = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _crm));

        Assert.Equal((HttpStatusCode.TooManyRequests, HttpStatusCode.Accepted), (refused.StatusCode, next.StatusCode));
    }

    [Fact]
    public async Task What_comes_as_a_message_is_never_refused_for_that()
    {
        await using var service = await StartAsync(("Http:Limits:QueuedImportsPerKey", "1"), ("Http:Limits:QueuedImportsPerScope", "1"));
        await HoldUpAsync(service);
        await FillAsync(service, _crm, 1);

        foreach (var number in Enumerable.Range(1, 5))
        {
            await service.Services.GetRequiredService<IBus>().Publish(new HokifyImportRequested { IdempotencyKey = $"message {number}" }, Cancel);
        }

        await ImportSetup.Until(() => service.QueryAsync(async db => await db.ImportRuns.CountAsync(r => r.State == RunState.Queued && r.AskedByKey == null, Cancel) == 5));
        using var refused = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _ats));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    private Task<HttpService> StartAsync(params (string Key, string Value)[] settings) => HttpService.StartAsync(
        applications: 1,
        [
            .. GuardedService.Key("crm", _crm), .. GuardedService.Key("ats", _ats),
            .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
        ]);

    /// <summary>One import is under way and does not end; what comes after it waits.</summary>
    private async Task HoldUpAsync(HttpService service)
    {
        service.Sandbox.HoldUp();
        using var created = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, _ats));
        await ImportSetup.Until(() => service.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.State == RunState.Running, Cancel)));
    }

    private static async Task FillAsync(HttpService service, string key, int imports)
    {
        for (var number = 0; number < imports; number++)
        {
            using var created = await service.PostAsync(Imports, "{}", (ApiKeyHandler.Header, key));
            Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        }
    }
}
