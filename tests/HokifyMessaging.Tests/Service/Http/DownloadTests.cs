using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>The CSV of a run, by its link and by its address.</summary>
public sealed class DownloadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_link_in_the_result_is_absolute_and_gives_the_same_CSV_as_the_runs_own_address()
    {
        await using var service = await HttpService.StartAsync();
        var (result, run) = await ImportAsync(service);

        Assert.StartsWith($"{service.Address}api/downloads/", result.DownloadUrl, StringComparison.Ordinal);
        using var linked = await service.GetAsync(result.DownloadUrl!);
        using var addressed = await service.GetAsync($"/api/imports/{run.Id}/records.csv");

        Assert.Equal((HttpStatusCode.OK, "text/csv; charset=utf-8"), (linked.StatusCode, $"{linked.Content.Headers.ContentType}"));
        Assert.Equal($"hokify-import-{run.Id}.csv", linked.Content.Headers.ContentDisposition!.FileName);
        var csv = await linked.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(csv, await addressed.Content.ReadAsStringAsync(Cancel));
        Assert.All(service.Sandbox.ApplicationIds(), id => Assert.Contains(id, csv, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_configured_public_address_begins_the_link()
    {
        await using var service = await HttpService.StartAsync(settings: [new("Http:PublicBaseAddress", "https://ats.example.at/hokify/")]);

        var (result, _) = await ImportAsync(service);

        Assert.StartsWith("https://ats.example.at/hokify/api/downloads/", result.DownloadUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_can_be_asked_for_and_an_unchanged_file_is_not_sent_again()
    {
        await using var service = await HttpService.StartAsync();
        var (result, _) = await ImportAsync(service);
        using var whole = await service.GetAsync(result.DownloadUrl!);
        var bytes = await whole.Content.ReadAsByteArrayAsync(Cancel);
        var tag = whole.Headers.ETag!.ToString();

        using var part = await service.GetAsync(result.DownloadUrl!, ("Range", "bytes=100-199"));
        using var tail = await service.GetAsync(result.DownloadUrl!, ("Range", "bytes=-50"), ("If-Range", tag));
        using var beyond = await service.GetAsync(result.DownloadUrl!, ("Range", $"bytes={bytes.Length}-"));
        using var unchanged = await service.GetAsync(result.DownloadUrl!, ("If-None-Match", tag));
        using var outdated = await service.GetAsync(result.DownloadUrl!, ("Range", "bytes=0-9"), ("If-Range", "\"another\""));

        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(new ContentRangeHeaderValue(100, 199, bytes.Length), part.Content.Headers.ContentRange);
        Assert.Equal(bytes[100..200], await part.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(bytes[^50..], await tail.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Equal((HttpStatusCode.OK, bytes.Length), (outdated.StatusCode, (await outdated.Content.ReadAsByteArrayAsync(Cancel)).Length));
    }

    [Fact]
    public async Task HEAD_has_the_headers_of_GET_and_no_body()
    {
        await using var service = await HttpService.StartAsync();
        var (result, run) = await ImportAsync(service);
        var forged = $"{service.Address}api/downloads/nonsense";
        var unknown = $"/api/imports/{Guid.NewGuid()}/records.csv";

        foreach (var address in new[] { result.DownloadUrl!, $"/api/imports/{run.Id}/records.csv", forged, unknown })
        {
            using var get = await service.GetAsync(address);
            using var head = await service.SendAsync(HttpMethod.Head, address);

            Assert.Equal(get.StatusCode, head.StatusCode);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Equal(get.Headers.AcceptRanges, head.Headers.AcceptRanges);
            Assert.Equal($"{get.Headers.CacheControl}", $"{head.Headers.CacheControl}");
            Assert.Equal($"{get.Content.Headers.ContentType}", $"{head.Content.Headers.ContentType}");
            Assert.Equal(get.Content.Headers.ContentDisposition, head.Content.Headers.ContentDisposition);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancel));
            if (get.IsSuccessStatusCode)
            {
                Assert.Equal((await get.Content.ReadAsByteArrayAsync(Cancel)).Length, head.Content.Headers.ContentLength);
            }
        }
    }

    [Fact]
    public async Task A_link_that_was_tampered_with_is_403()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var (result, _) = await ImportAsync(service);
        var link = result.DownloadUrl!;
        var middle = link.Length - 20;

        foreach (var forged in new[] { link[..^1], $"{link}A", link[..middle] + (link[middle] == 'A' ? 'B' : 'A') + link[(middle + 1)..], $"{service.Address}api/downloads/nonsense" })
        {
            using var response = await service.GetAsync(forged);
            await HttpService.ProblemAsync(response, HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task A_link_is_good_for_its_lifetime_and_404_afterwards()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var links = service.Services.GetRequiredService<DownloadLinks>();
        var (_, run) = await ImportAsync(service);
        var almost = links.LinkTo(run.Id, TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5))!;
        var expired = links.LinkTo(run.Id, TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(7))!;

        using var good = await service.GetAsync(almost.AbsoluteUri);
        using var late = await service.GetAsync(expired.AbsoluteUri);

        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        Assert.Contains("expired", await HttpService.ProblemAsync(late, HttpStatusCode.NotFound), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_not_kept_any_more_is_404()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var (result, _) = await ImportAsync(service);
        await service.QueryAsync(async db =>
        {
            await db.ActivityLogs.ExecuteDeleteAsync(Cancel);
            return await db.ImportRuns.ExecuteDeleteAsync(Cancel);
        });

        using var response = await service.GetAsync(result.DownloadUrl!);

        await HttpService.ProblemAsync(response, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_link_outlives_the_process_that_signed_it()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var (result, _) = await ImportAsync(service);
        var path = new Uri(result.DownloadUrl!).AbsolutePath;

        await service.StopApplicationAsync();
        await service.StartApplicationAsync();
        using var response = await service.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<(ExportImportResult Result, ImportRun Run)> ImportAsync(HttpService service)
    {
        using var response = await service.GetAsync(HttpService.Endpoint);
        var result = JsonSerializer.Deserialize<ExportImportResult>(await response.Content.ReadAsStringAsync(Cancel))!;
        Accounting.Closes(result);
        return (
            result,
            await service.QueryAsync(db => db.ImportRuns.SingleAsync(Cancel)));
    }
}
