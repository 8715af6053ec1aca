using System.Diagnostics;
using System.Net;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>How many may follow imports, for how long, and what that costs.</summary>
public sealed class EventStreamTests
{
    private readonly string _key = ApiKey.Create();
    private readonly string _other = ApiKey.Create();
    private readonly MovableClock _clock = new();
    private readonly DatabaseGate _gate = new("ImportRun");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_has_so_many_at_a_time_and_others_are_not_kept_from_theirs()
    {
        await using var service = await StartAsync([new("Http:Limits:EventStreamsPerKey", "2")]);
        var run = await BeginAsync(service);
        var streams = new List<HttpResponseMessage> { await FollowAsync(service, run, _key), await FollowAsync(service, run, _key) };
        Assert.All(streams, stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));

        using var refused = await FollowAsync(service, run, _key);
        Assert.Equal("The API key 'crm' follows 2 imports, and no more at a time; end one of these streams, or ask again later.", await HttpService.ProblemAsync(refused, HttpStatusCode.TooManyRequests));
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var others = await FollowAsync(service, run, _other);
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);

        streams[0].Dispose();
        await ImportSetup.Until(async () =>
        {
            using var next = await FollowAsync(service, run, _key);
            return next.StatusCode == HttpStatusCode.OK;
        });
        streams[1].Dispose();
    }

    [Fact]
    public async Task There_are_so_many_in_all()
    {
        await using var service = await StartAsync([new("Http:Limits:EventStreams", "2")]);
        var run = await BeginAsync(service);
        using var first = await FollowAsync(service, run, _key);
        using var second = await FollowAsync(service, run, _other);

        using var refused = await FollowAsync(service, run, _other);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal("2 imports are being followed, and no more at a time; ask again later.", await HttpService.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable));
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_stream_that_is_over_and_one_that_is_refused_take_no_place()
    {
        await using var service = await StartAsync([new("Http:Limits:EventStreamsPerKey", "1"), new("Http:Limits:EventStreams", "1")]);
        var run = await BeginAsync(service);
        await EndAsync(service, run);

        for (var time = 0; time < 5; time++)
        {
            using var ended = await FollowAsync(service, run, _key);
            Assert.Contains("event: end", await ended.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            using var none = await FollowAsync(service, $"/api/imports/{Guid.NewGuid()}", _key);
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }

    [Fact]
    public async Task A_stream_ends_when_its_key_expires_and_not_those_of_other_keys()
    {
        await using var service = await StartAsync([new("Http:Keys:crm:ExpiresAt", $"{_clock.GetUtcNow() + TimeSpan.FromHours(1):O}")]);
        var run = await BeginAsync(service);
        using var expiring = await FollowAsync(service, run, _key);
        using var lasting = await FollowAsync(service, run, _other);
        var (ends, goesOn) = (expiring.Content.ReadAsStringAsync(Cancel), lasting.Content.ReadAsStringAsync(Cancel));

        _clock.Move(TimeSpan.FromHours(2));

        Assert.DoesNotContain("event: end", await ends, StringComparison.Ordinal);
        Assert.False(goesOn.IsCompleted);
        using var again = await FollowAsync(service, run, _key);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        await EndAsync(service, run);
        Assert.Contains("event: end", await goesOn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_who_follow_cost_one_look_a_second()
    {
        await using var service = await StartAsync([], builder => builder.AddSingleton<IInterceptor>(_gate));
        var run = await BeginAsync(service);
        var streams = new List<HttpResponseMessage>();
        for (var follower = 0; follower < 50; follower++)
        {
            streams.Add(await FollowAsync(service, run, _key));
        }

        var (asked, watch) = (_gate.Asked, Stopwatch.StartNew());
        await ImportSetup.Until(() => _gate.Asked >= asked + 6);

        // Fifty looks of their own would have been over in the first tenth of a second.
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(1), $"{_gate.Asked - asked} looks in {watch.Elapsed}");
        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Streams_end_when_the_service_is_told_to_stop()
    {
        await using var service = await StartAsync([]);
        var run = await BeginAsync(service);
        using var stream = await FollowAsync(service, run, _key);
        var text = stream.Content.ReadAsStringAsync(Cancel);

        await service.StopApplicationAsync();

        Assert.StartsWith("event: progress", await text, StringComparison.Ordinal);
    }

    private Task<HttpService> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings, Action<IServiceCollection>? configure = null) => HttpService.StartAsync(
        applications: 1,
        [.. GuardedService.Key("crm", _key), .. GuardedService.Key("ats", _other), .. settings],
        builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(_clock);
            configure?.Invoke(builder.Services);
        });

    /// <returns>An import that waits behind another one, which waits for hokify.</returns>
    private async Task<string> BeginAsync(HttpService service)
    {
        service.Sandbox.HoldUp();
        (await service.PostAsync("/api/imports", "{}", (ApiKeyHandler.Header, _key))).Dispose();
        using var created = await service.PostAsync("/api/imports", "{}", (ApiKeyHandler.Header, _key));
        return created.Headers.Location!.ToString();
    }

    private async Task EndAsync(HttpService service, string run)
    {
        using var cancelled = await service.SendAsync(HttpMethod.Delete, run, null, (ApiKeyHandler.Header, _other));
        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
    }

    private static async Task<HttpResponseMessage> FollowAsync(HttpService service, string run, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{run}/events") { Headers = { { ApiKeyHandler.Header, key } } };
        return await service.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
