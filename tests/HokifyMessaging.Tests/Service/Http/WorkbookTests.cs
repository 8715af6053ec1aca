using System.Net;
using System.Net.Http.Headers;
using HokifyMessaging.Service.Http.Downloads;
using HokifyMessaging.Tests.Results;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>The workbook of a run, and the CSV that spreadsheet programs open, beside the seed's CSV and in the same way.</summary>
public sealed class WorkbookTests
{
    private const string MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_address_that_has_the_CSV_has_the_workbook_with_all_applications()
    {
        await using var service = await HttpService.StartAsync(applications: 12);
        var run = await service.ImportAsync();

        foreach (var address in new[] { $"{run}/records.xlsx", $"{service.LinkTo(run)}?format=xlsx" })
        {
            using var response = await service.GetAsync(address);

            Assert.Equal((HttpStatusCode.OK, MediaType), (response.StatusCode, $"{response.Content.Headers.ContentType}"));
            Assert.Equal($"hokify-import-{LargeRuns.IdOf(run)}.xlsx", response.Content.Headers.ContentDisposition!.FileName);
            Assert.True(response.Headers.CacheControl is { Private: true, NoCache: true });
            var rows = Workbook.Read(await response.Content.ReadAsByteArrayAsync(Cancel)).Rows;
            Assert.Equal(service.Sandbox.ApplicationIds().Order(StringComparer.Ordinal), rows.Select(row => (string)row["Application"]).Order(StringComparer.Ordinal));
            Assert.All(rows, row => Assert.True(row["What happened"] is "Created" && row["Name"] is string && row["When"] is DateTime));
        }
    }

    [Theory]
    [InlineData("?format=xlsx", "*/*", MediaType)]
    [InlineData("?format=XLSX", "application/json", MediaType)]
    [InlineData("", MediaType, MediaType)]
    [InlineData("", MediaType + ";q=0.9, application/json;q=0.1", MediaType)]
    [InlineData("?format=csv-excel", MediaType, "text/csv")]
    public async Task The_import_answers_in_the_form_that_was_asked_for(string query, string accept, string mediaType)
    {
        await using var service = await HttpService.StartAsync(applications: 2);

        using var response = await service.GetAsync(HttpService.Endpoint + query, ("Accept", accept));

        Assert.Equal((HttpStatusCode.OK, mediaType), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var bytes = await response.Content.ReadAsByteArrayAsync(Cancel);
        if (mediaType == MediaType)
        {
            Assert.Equal(2, Workbook.Read(bytes).Rows.Count);
        }
        else
        {
            Assert.Equal([0xEF, 0xBB, 0xBF, (byte)'I', (byte)'d', (byte)';'], bytes[..6]);
        }
    }

    [Fact]
    public async Task The_files_of_a_run_have_tags_of_their_own_and_an_unchanged_one_is_not_sent_again()
    {
        await using var service = await HttpService.StartAsync(applications: 2);
        var run = await service.ImportAsync();
        string[] addresses = [$"{run}/records.csv", $"{run}/records.csv?format=csv-excel", $"{run}/records.xlsx"];
        var tags = new List<EntityTagHeaderValue>();
        foreach (var address in addresses)
        {
            using var get = await service.GetAsync(address);
            using var head = await service.SendAsync(HttpMethod.Head, address);
            using var again = await service.GetAsync(address, ("If-None-Match", get.Headers.ETag!.ToString()));

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (head.StatusCode, again.StatusCode));
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal((await get.Content.ReadAsByteArrayAsync(Cancel)).Length, head.Content.Headers.ContentLength);
            tags.Add(get.Headers.ETag);
        }

        Assert.Equal(3, tags.DistinctBy(tag => tag.Tag).Count());
        Assert.Equal([false, false, true], tags.Select(tag => tag.IsWeak));
    }

    [Fact]
    public async Task A_part_of_the_workbook_can_be_asked_for_and_one_that_may_be_of_another_is_sent_whole()
    {
        await using var service = await HttpService.StartAsync(applications: 2);
        var run = await service.ImportAsync();
        using var whole = await service.GetAsync($"{run}/records.xlsx");
        var bytes = await whole.Content.ReadAsByteArrayAsync(Cancel);

        using var part = await service.GetAsync($"{run}/records.xlsx", ("Range", "bytes=10-19"));
        using var perhaps = await service.GetAsync($"{run}/records.xlsx", ("Range", "bytes=10-19"), ("If-Range", whole.Headers.ETag!.ToString()));

        Assert.Equal((HttpStatusCode.PartialContent, HttpStatusCode.OK), (part.StatusCode, perhaps.StatusCode));
        Assert.Equal(bytes[10..20], await part.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task The_files_of_a_run_lie_beside_each_other_and_none_makes_the_other_go()
    {
        await using var service = await HttpService.StartAsync(applications: 2);
        var run = await service.ImportAsync();

        using var csv = await service.GetAsync($"{run}/records.csv");
        using var workbook = await service.GetAsync($"{run}/records.xlsx");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (csv.StatusCode, workbook.StatusCode));
        Assert.True(await service.IsSpooledAsync(run));
    }

    [Theory]
    [InlineData("records.csv?format=xlsx", "format is 'xlsx'; it must be csv or csv-excel.")]
    [InlineData("records.csv?format=", null)]
    [InlineData("records.csv?format=CSV-Excel", null)]
    public async Task The_address_of_the_CSV_has_CSV_alone(string path, string? sentence)
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var run = await service.ImportAsync();

        using var response = await service.GetAsync($"{run}/{path}");

        if (sentence is null)
        {
            Assert.Equal((HttpStatusCode.OK, "text/csv"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        }
        else
        {
            Assert.Equal(sentence, await HttpService.ProblemAsync(response, HttpStatusCode.BadRequest, "format"));
        }
    }

    [Fact]
    public async Task A_link_that_has_expired_gives_no_workbook_either()
    {
        await using var service = await HttpService.StartAsync(applications: 1);
        var run = await service.ImportAsync();
        var expired = service.Services.GetRequiredService<DownloadLinks>().LinkTo(LargeRuns.IdOf(run), TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(7))!;

        using var response = await service.GetAsync($"{expired.AbsolutePath}?format=xlsx");

        Assert.Equal(
            "The download link has expired; with an API key the files are at /api/imports/{id}/records.csv and records.xlsx.",
            await HttpService.ProblemAsync(response, HttpStatusCode.NotFound));
    }
}
