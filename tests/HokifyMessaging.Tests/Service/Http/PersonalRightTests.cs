using System.Net;
using System.Text.Json.Nodes;
using HokifyMessaging.Applications;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Results;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>Without the right <c>personal</c> files have the same shape, and no values of people.</summary>
public sealed class PersonalRightTests
{
    private readonly string _reader = ApiKey.Create();
    private readonly string _officer = ApiKey.Create();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FileReader.KeyWithRight, MaskedReaders.Keys, PeopleValues.Shown)]
    [InlineData(FileReader.KeyWithRight, MaskedReaders.KeysAndLinks, PeopleValues.Shown)]
    [InlineData(FileReader.KeyWithRight, MaskedReaders.Everybody, PeopleValues.Masked)]
    [InlineData(FileReader.Key, MaskedReaders.Keys, PeopleValues.Masked)]
    [InlineData(FileReader.Key, MaskedReaders.KeysAndLinks, PeopleValues.Masked)]
    [InlineData(FileReader.Key, MaskedReaders.Everybody, PeopleValues.Masked)]
    [InlineData(FileReader.Link, MaskedReaders.Keys, PeopleValues.Shown)]
    [InlineData(FileReader.Link, MaskedReaders.KeysAndLinks, PeopleValues.Masked)]
    [InlineData(FileReader.Link, MaskedReaders.Everybody, PeopleValues.Masked)]
    [InlineData(FileReader.LinkOfKey, MaskedReaders.Keys, PeopleValues.Masked)]
    [InlineData(FileReader.LinkOfKey, MaskedReaders.KeysAndLinks, PeopleValues.Masked)]
    [InlineData(FileReader.LinkOfKey, MaskedReaders.Everybody, PeopleValues.Masked)]
    [InlineData(FileReader.Command, MaskedReaders.Keys, PeopleValues.Shown)]
    [InlineData(FileReader.Command, MaskedReaders.KeysAndLinks, PeopleValues.Shown)]
    [InlineData(FileReader.Command, MaskedReaders.Everybody, PeopleValues.Masked)]
    internal void Whose_files_are_masked_the_right_and_the_settings_say(FileReader reader, MaskedReaders maskedFor, PeopleValues expected) =>
        Assert.Equal(expected, reader.ValuesFor(maskedFor));

    [Fact]
    public async Task A_file_without_values_has_the_same_rows_and_ids_and_stars_for_whatever_is_of_people()
    {
        await using var service = await StartAsync();
        var run = await service.ImportWithAsync(_officer);

        var (whole, masked) = (await CsvAsync(service, $"{run}/records.csv", _officer), await CsvAsync(service, $"{run}/records.csv", _reader));

        Assert.Equal(whole.Rows.Count, masked.Rows.Count);
        foreach (var (shown, hidden) in whole.Rows.Zip(masked.Rows))
        {
            foreach (var column in new[] { "Id", "ScopeId", "CandidateId", "ReferenceId", "RowNumber", "Scope", "_ActivityLogs", "ElementName", "Command", "Date", "ResultCode", "Logs", "StatsCounter", "OkCount" })
            {
                Assert.Equal(shown[column], hidden[column]);
            }
        }

        var people = masked.Rows.Where(row => row["CandidateName"].Length > 0).ToList();
        Assert.NotEmpty(people);
        Assert.All(people, row => Assert.All(
            ProfileColumns.All.Select(column => column.Name).Concat(["History", "Version"]), column => Assert.Equal(Mask.Text, row[column])));
        Assert.All(masked.Rows.Where(row => row["Command"].Length > 0), row => Assert.Equal((Mask.Text, Mask.Text), (row["Data"], row["ElementDisplayName"])));

        var sheet = Workbook.Read(await BytesAsync(service, $"{run}/records.xlsx", _reader));
        Assert.NotEmpty(sheet.Rows);
        Assert.All(sheet.Rows, row => Assert.All(["Name", "Job", "Mail", "Phone", "Applied"], column => Assert.Equal(Mask.Text, row[column])));
        Assert.Equal(service.Sandbox.ApplicationIds().Order(StringComparer.Ordinal), sheet.Rows.Select(row => (string)row["Application"]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_two_files_have_tags_of_their_own_and_never_take_each_others_place()
    {
        await using var service = await StartAsync();
        var run = await service.ImportWithAsync(_officer);

        using var first = await service.GetAsync($"{run}/records.csv", ("X-Api-Key", _officer));
        using var masked = await service.GetAsync($"{run}/records.csv", ("X-Api-Key", _reader));
        using var withTheOthersTag = await service.GetAsync($"{run}/records.csv", ("X-Api-Key", _officer), ("If-None-Match", masked.Headers.ETag!.ToString()));
        using var withItsOwn = await service.GetAsync($"{run}/records.csv", ("X-Api-Key", _reader), ("If-None-Match", masked.Headers.ETag!.ToString()));
        using var again = await service.GetAsync($"{run}/records.csv", ("X-Api-Key", _reader));

        Assert.NotEqual(first.Headers.ETag, masked.Headers.ETag);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (withTheOthersTag.StatusCode, withItsOwn.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(Cancel), await withTheOthersTag.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(await masked.Content.ReadAsStringAsync(Cancel), await again.Content.ReadAsStringAsync(Cancel));
        Assert.Contains(Mask.Text, await again.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain(Mask.Text, await first.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Keys", false, false)]
    [InlineData("KeysAndLinks", true, false)]
    [InlineData("Everybody", true, true)]
    public async Task Links_show_people_unless_the_settings_mask_them(string maskedFor, bool linkIsMasked, bool officerIsMasked)
    {
        await using var service = await StartAsync(new KeyValuePair<string, string?>("Hokify:Csv:MaskedFor", maskedFor));
        var run = await service.ImportWithAsync(_officer);

        foreach (var format in new[] { "", "?format=csv-excel" })
        {
            Assert.Equal(linkIsMasked, await IsMaskedAsync(service, service.LinkTo(run) + format, _reader));
            Assert.Equal(officerIsMasked, await IsMaskedAsync(service, $"{run}/records.csv{format}", _officer));
            Assert.True(await IsMaskedAsync(service, $"{run}/records.csv{format}", _reader));
        }

        Assert.True(await IsMaskedAsync(service, $"{HttpService.Endpoint}?scopeId=2&importMode=Full&format=csv", _reader));
    }

    [Fact]
    public async Task A_key_is_given_a_link_that_opens_no_more_than_the_key_does()
    {
        await using var service = await StartAsync();
        var run = await service.ImportWithAsync(_officer);

        async Task<string> LinkAsync(string address, string key, string member) =>
            new Uri((await HttpService.JsonAsync(await service.GetAsync(address, ("X-Api-Key", key))))[member]!["DownloadUrl"]!.GetValue<string>()).AbsolutePath;

        Assert.False(await IsMaskedAsync(service, await LinkAsync(run, _officer, "result"), _officer));
        Assert.True(await IsMaskedAsync(service, await LinkAsync(run, _reader, "result"), _officer));

        // Also where it is told at once, and in the last row of a file.
        using var told = await service.GetAsync($"{HttpService.Endpoint}?scopeId=2&importMode=Full", ("X-Api-Key", _reader));
        Assert.True(await IsMaskedAsync(service, new Uri((await HttpService.JsonAsync(told))["DownloadUrl"]!.GetValue<string>()).AbsolutePath, _officer));
        var (whole, masked) = (await CsvAsync(service, $"{run}/records.csv", _officer), await CsvAsync(service, $"{run}/records.csv", _reader));
        Assert.StartsWith($"{service.Address}api/downloads/", whole.Rows[^1]["DownloadUrl"], StringComparison.Ordinal);
        Assert.Equal(Mask.Text, masked.Rows[^1]["DownloadUrl"]);
    }

    [Fact]
    public void Every_column_of_the_CSV_is_one_of_the_data_map_or_made_for_the_file()
    {
        var (profiles, logs) = (DataMap.Of(nameof(CandidateProfile)).Columns, DataMap.Of(nameof(ActivityLog)).Columns);
        foreach (var column in RunCsvColumn.All.Where(column => column.IsOfRow && !RunCsvColumn.MadeForTheFile.Contains(column.Name)))
        {
            Assert.True(profiles.Any(mark => mark.Name == column.Name) || logs.Any(mark => mark.Name == column.Name), $"{column.Name} is in no table: say what it is of, or it is hidden from all who lack the right");
        }

        Assert.All(RunCsvColumn.MadeForTheFile, name => Assert.Contains(RunCsvColumn.All, column => column.Name == name));
        Assert.True(Mask.Hides(PeopleValues.Masked, null));
        Assert.False(Mask.Hides(PeopleValues.Shown, null));
    }

    [Fact]
    public async Task Every_member_of_every_answer_comes_from_a_column_and_none_is_personal_that_is_not_masked()
    {
        await using var service = await HttpService.StartAsync(applications: 0);
        var document = JsonNode.Parse(await service.Client.GetStringAsync("/openapi/v1.json", Cancel))!;
        string[] sent = ["HokifyImportRequested", "ErasureBody", "ExportBody", "ProblemDetails"];
        var masked = new List<string>();
        foreach (var (type, schema) in document["components"]!["schemas"]!.AsObject().Where(one => one.Value!["properties"] is not null && !sent.Contains(one.Key)))
        {
            var known = AnswerMembers.Of(type);
            Assert.True(known is not null, $"{type} is new: say in {nameof(AnswerMembers)} where its members come from");
            Assert.Equal(schema!["properties"]!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal), known.Keys.Order(StringComparer.Ordinal));
            masked.AddRange(known.Where(member => AnswerMembers.MarkOf(member.Value) is { IsPersonal: true }).Select(member => $"{type}.{member.Key}"));
        }

        // One that is personal by the data map has to be masked where it is answered, and looked for in the test of marked people.
        Assert.Equal(["PlannedValue.before", "PlannedValue.after", "RunDetails.sourceSaid"], masked);
    }

    [Fact]
    public async Task What_hokify_said_is_shown_to_those_who_operate_and_may_see_people()
    {
        var @operator = ApiKey.Create();
        await using var service = await StartAsync([.. GuardedService.Key("operator", @operator, rights: "read,operate")]);
        var run = await service.ImportWithAsync(_officer);
        await service.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, "no Erika Mustermann"), Cancel));

        async Task<string?> SaidAsync(string key) => (await HttpService.JsonAsync(await service.GetAsync(run, ("X-Api-Key", key))))["sourceSaid"]?.GetValue<string>();

        Assert.Equal(("no Erika Mustermann", Mask.Text, null), (await SaidAsync(_officer), await SaidAsync(@operator), await SaidAsync(_reader)));
    }

    private Task<HttpService> StartAsync(params IEnumerable<KeyValuePair<string, string?>> settings) => HttpService.StartAsync(applications: 4, settings:
    [
        .. GuardedService.Key("reader", _reader, rights: "read,import"),
        .. GuardedService.Key("officer", _officer),
        .. settings,
    ]);

    private static async Task<bool> IsMaskedAsync(HttpService service, string address, string key)
    {
        var file = System.Text.Encoding.UTF8.GetString(await BytesAsync(service, address, key));
        return file.Contains(Mask.Text, StringComparison.Ordinal);
    }

    private static async Task<CsvFile> CsvAsync(HttpService service, string address, string key) => CsvFile.Read(await BytesAsync(service, address, key));

    private static async Task<byte[]> BytesAsync(HttpService service, string address, string key)
    {
        using var answer = await service.GetAsync(address, ("X-Api-Key", key));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync(Cancel);
    }
}
