using System.Net;
using HokifyMessaging.Tests.Importing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>CSVs are made once for all who read them, within limits, and only for those who need them.</summary>
public sealed class SpoolTests
{
    private readonly DatabaseGate _gate = new("ActivityLog");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string, HttpStatusCode> NeedingNoFile => new()
    {
        { "HEAD", "Accept", "*/*", HttpStatusCode.OK },
        { "HEAD", "Range", "bytes=0-9", HttpStatusCode.OK },
        { "HEAD", "If-None-Match", "{tag}", HttpStatusCode.NotModified },
        { "GET", "If-None-Match", "{tag}", HttpStatusCode.NotModified },
        { "GET", "If-None-Match", "\"another\", W/{tag}", HttpStatusCode.NotModified },
        { "GET", "If-None-Match", "*", HttpStatusCode.NotModified },
        { "GET", "If-Match", "\"another\"", HttpStatusCode.PreconditionFailed },
        { "GET", "Range", "bytes=9-3", HttpStatusCode.RequestedRangeNotSatisfiable },
        { "GET", "Range", "bytes=-0", HttpStatusCode.RequestedRangeNotSatisfiable },
        { "GET", "Range", "bytes=one-two", HttpStatusCode.RequestedRangeNotSatisfiable },
        { "GET", "Range", "bytes=99999999999999999999-", HttpStatusCode.RequestedRangeNotSatisfiable },
        { "GET", "Range", "bytes=", HttpStatusCode.RequestedRangeNotSatisfiable },
    };

    [Theory]
    [MemberData(nameof(NeedingNoFile))]
    public async Task What_needs_no_file_makes_none(string method, string header, string value, HttpStatusCode expected)
    {
        await using var service = await HttpService.StartAsync(applications: 1, configure: builder => builder.Services.AddSingleton<IInterceptor>(_gate));
        var run = await service.ImportAsync();
        using var head = await service.SendAsync(HttpMethod.Head, LargeRuns.CsvOf(run));
        var given = value.Replace("{tag}", head.Headers.ETag!.ToString(), StringComparison.Ordinal);
        var before = _gate.Asked;

        foreach (var address in new[] { LargeRuns.CsvOf(run), service.LinkTo(run) })
        {
            using var response = await service.SendAsync(new HttpMethod(method), address, null, (header, given));

            Assert.Equal(expected, response.StatusCode);
            Assert.Equal(expected is HttpStatusCode.OK or HttpStatusCode.NotModified ? head.Headers.ETag : null, response.Headers.ETag);
        }

        Assert.False(await service.IsSpooledAsync(run));
        Assert.Equal(before, _gate.Asked);
    }

    [Theory]
    [InlineData("Range", "lines=1-2", HttpStatusCode.OK)]
    [InlineData("Range", "bytes=0-9", HttpStatusCode.PartialContent)]
    [InlineData("Range", "bytes=-9", HttpStatusCode.PartialContent)]
    [InlineData("If-Match", "{tag}", HttpStatusCode.OK)]
    [InlineData("If-None-Match", "\"another\"", HttpStatusCode.OK)]
    [InlineData("If-None-Match", "no tag", HttpStatusCode.OK)]
    public async Task What_needs_the_file_gets_it(string header, string value, HttpStatusCode expected)
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var run = await service.ImportAsync();
        using var head = await service.SendAsync(HttpMethod.Head, LargeRuns.CsvOf(run));

        using var response = await service.GetAsync(LargeRuns.CsvOf(run), (header, value.Replace("{tag}", head.Headers.ETag!.ToString(), StringComparison.Ordinal)));

        Assert.Equal((expected, head.Headers.ETag), (response.StatusCode, response.Headers.ETag));
        Assert.True(await service.IsSpooledAsync(run));
    }

    [Fact]
    public async Task All_who_read_the_same_CSV_share_one_that_is_made_once()
    {
        await using var service = await HttpService.StartAsync(applications: 3, configure: builder => builder.Services.AddSingleton<IInterceptor>(_gate));
        var run = await service.ImportAsync();
        var other = await service.ImportAsync();
        var alone = await CountAsync(async () => (await service.GetAsync(LargeRuns.CsvOf(other))).Dispose());
        _gate.Close();
        var before = _gate.Asked;

        var readers = Enumerable.Range(0, 40).Select(reader => service.Client.GetByteArrayAsync(reader % 2 == 0 ? LargeRuns.CsvOf(run) : service.LinkTo(run), Cancel)).ToList();
        await ImportSetup.Until(() => _gate.Waiting == 1);
        _gate.Open();
        var files = await Task.WhenAll(readers);
        using var part = await service.GetAsync(LargeRuns.CsvOf(run), ("Range", "bytes=0-9"));

        Assert.All(files, file => Assert.Equal(files[0], file));
        Assert.Equal(files[0][..10], await part.Content.ReadAsByteArrayAsync(Cancel));
        Assert.InRange(_gate.Asked - before, 1, alone);
    }

    [Fact]
    public async Task Beyond_those_that_are_made_at_a_time_the_answer_is_503_and_all_else_is_answered()
    {
        await using var service = await HttpService.StartAsync(
            applications: 1, [new("Http:Limits:SpoolsUnderWay", "2")], builder => builder.Services.AddSingleton<IInterceptor>(_gate));
        var (ready, first, second, third) = (await service.ImportAsync(), await service.ImportAsync(), await service.ImportAsync(), await service.ImportAsync());
        (await service.GetAsync(LargeRuns.CsvOf(ready))).Dispose();
        _gate.Close();
        var underWay = new[] { first, second }.Select(run => service.GetAsync(LargeRuns.CsvOf(run))).ToList();
        await ImportSetup.Until(() => _gate.Waiting == 2);

        foreach (var address in new[] { LargeRuns.CsvOf(third), service.LinkTo(third) })
        {
            using var refused = await service.GetAsync(address);
            Assert.Equal("2 other files are being made, and no more at a time; ask again in a moment.", await HttpService.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable));
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }

        using var made = await service.GetAsync(LargeRuns.CsvOf(ready));
        using var head = await service.SendAsync(HttpMethod.Head, LargeRuns.CsvOf(third));
        using var health = await service.GetAsync("/health/ready");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (made.StatusCode, head.StatusCode, health.StatusCode));
        _gate.Open();
        foreach (var response in await Task.WhenAll(underWay))
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            response.Dispose();
        }

        using var again = await service.GetAsync(LargeRuns.CsvOf(third));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_CSV_that_nobody_waits_for_any_more_is_not_made_on()
    {
        await using var service = await HttpService.StartAsync(
            applications: 1, [new("Http:Limits:SpoolsUnderWay", "1")], builder => builder.Services.AddSingleton<IInterceptor>(_gate));
        var (left, next) = (await service.ImportAsync(), await service.ImportAsync());
        _gate.Close();
        using (var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancel))
        {
            var asked = service.Client.GetAsync(LargeRuns.CsvOf(left), gone.Token);
            await ImportSetup.Until(() => _gate.Waiting == 1);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
            await ImportSetup.Until(() => _gate.Waiting == 0);
        }

        _gate.Open();
        await ImportSetup.Until(async () =>
        {
            using var other = await service.GetAsync(LargeRuns.CsvOf(next));
            return other.StatusCode == HttpStatusCode.OK;
        });
        Assert.False(await service.IsSpooledAsync(left));
    }

    [Fact]
    public async Task A_CSV_beyond_all_the_room_is_refused_and_smaller_ones_are_not()
    {
        await using var service = await HttpService.StartAsync(
            applications: 1, [new("Http:Limits:SpoolBytes", "1048576")], builder => builder.Services.AddSingleton<IInterceptor>(_gate));
        var (large, small) = (await service.ImportAsync(), await service.ImportAsync());
        await service.GrowAsync(large, 10_000);

        using var refused = await service.GetAsync(LargeRuns.CsvOf(large));
        Assert.StartsWith("This file of the import is larger than 1048576 bytes", await HttpService.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);
        var again = await CountAsync(async () => (await service.GetAsync(LargeRuns.CsvOf(large))).Dispose());
        Assert.Equal(0, again);

        using var answered = await service.GetAsync(LargeRuns.CsvOf(small));
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task Room_that_readers_hold_is_refused_to_others_and_room_that_nobody_holds_is_given_to_them()
    {
        await using var service = await HttpService.StartAsync(applications: 1, [new("Http:Limits:SpoolBytes", "10485760")]);
        var (first, second) = (await service.ImportAsync(), await service.ImportAsync());
        await service.GrowAsync(first, 30_000);
        await service.GrowAsync(second, 30_000);
        using (await service.AskAndStopReadingAsync(LargeRuns.CsvOf(first)))
        {
            using var refused = await service.GetAsync(LargeRuns.CsvOf(second));
            Assert.Equal(
                "The files that are being read take all the room that there is for them; ask again when some have been read.",
                await HttpService.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable));
        }

        await ImportSetup.Until(async () =>
        {
            using var given = await service.SendAsync(HttpMethod.Get, LargeRuns.CsvOf(second));
            return given.StatusCode == HttpStatusCode.OK;
        });
        Assert.False(await service.IsSpooledAsync(first));
    }

    [Fact]
    public async Task Beyond_those_that_are_sent_at_a_time_the_answer_is_503()
    {
        await using var service = await HttpService.StartAsync(applications: 1, [new("Http:Limits:Downloads", "1")]);
        var run = await service.ImportAsync();
        await service.GrowAsync(run, 30_000);
        using (await service.AskAndStopReadingAsync(LargeRuns.CsvOf(run)))
        {
            using var refused = await service.GetAsync(LargeRuns.CsvOf(run));
            Assert.Equal("1 file is being sent, and no more at a time; ask again when one of them has been read.", await HttpService.ProblemAsync(refused, HttpStatusCode.ServiceUnavailable));
            using var head = await service.SendAsync(HttpMethod.Head, LargeRuns.CsvOf(run));
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        }

        await ImportSetup.Until(async () =>
        {
            using var next = await service.GetAsync(LargeRuns.CsvOf(run), ("Range", "bytes=0-9"));
            return next.StatusCode == HttpStatusCode.PartialContent;
        });
    }

    [Fact]
    public async Task What_is_read_has_no_name_on_the_disk_and_what_others_left_is_swept_at_the_start()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps the name of an open file, and removes it when the process ends.");
        var (left, notOurs) = (Path.Combine(Path.GetTempPath(), $"hokify-{Guid.NewGuid():N}.csv"), Path.Combine(Path.GetTempPath(), $"hokify-notes-{Guid.NewGuid():N}.csv"));
        await File.WriteAllTextAsync(left, "left", Cancel);
        await File.WriteAllTextAsync(notOurs, "kept", Cancel);
        try
        {
            await using var service = await HttpService.StartAsync(applications: 1);
            var run = await service.ImportAsync();
            await service.GrowAsync(run, 30_000);
            using var reader = await service.AskAndStopReadingAsync(LargeRuns.CsvOf(run));

            Assert.True(await service.IsSpooledAsync(run));
            await ImportSetup.Until(() => !Directory.GetFiles(Path.GetTempPath(), "hokify-*.csv").Any(file => Guid.TryParseExact(Path.GetFileNameWithoutExtension(file)["hokify-".Length..], "N", out _)));
            Assert.True(File.Exists(notOurs));
        }
        finally
        {
            File.Delete(notOurs);
        }
    }

    private async Task<int> CountAsync(Func<Task> what)
    {
        var before = _gate.Asked;
        await what();
        return _gate.Asked - before;
    }
}
