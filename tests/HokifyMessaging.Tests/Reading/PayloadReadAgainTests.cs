using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.AtsApi;
using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Reading.Http;
using HokifyMessaging.Tests.Applications;

namespace HokifyMessaging.Tests.Reading;

/// <summary>What a source could deliver can be read again from its payload, and is then the same: the retry ledger lives by it.</summary>
public sealed class PayloadReadAgainTests
{
    private const string Place = "PLACE";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Values that parsers differ about.</summary>
    private static Gen<byte[]> Odd { get; } = Gen.OneOf(
        Gen.Int[1, ApplicationPayload.MaxDepth - 12].Select(depth => Encoding.ASCII.GetBytes(new string('[', depth) + new string(']', depth))),
        Gen.Int[1, ApplicationPayload.MaxDepth - 12].Select(depth => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth))),
        Gen.String.Select(text => JsonSerializer.SerializeToUtf8Bytes(text)),
        Gen.Byte[0x80, 0xFF].Array[0, 5].Select(bytes => (byte[])[(byte)'"', .. bytes, (byte)'"']),
        Gen.OneOfConst("1e400", "-0", "123456789012345678901234567890", "\"\\ud800\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "{\"a\":1,\"a\":2}", "{\"\":null}", "[]", "{}", "\"\"", "null", "true", "\"😀\"")
            .Select(Encoding.UTF8.GetBytes));

    private static readonly string[][] PathsToObjects =
    [
        [], ["user"], ["user", "general"], ["user", "cvInfo"], ["job"], ["job", "company"], ["application"], ["application", "user", "general"], ["application", "user", "cvInfo"],
    ];

    private static readonly string[] Names = ["extra", "displayName", "contactStage", "lastupdate", "name", "phone", "text", "additionalFiles", "nationality", "interviewQuestions", "fields"];

    [Theory]
    [InlineData("today")]
    [InlineData("list")]
    [InlineData("match")]
    [InlineData("flat")]
    public Task A_record_of_any_API(string generation) =>
        Gen.Select(Odd, Gen.Int[0, PathsToObjects.Length - 1], Gen.OneOfConst(Names)).SampleAsync(async (value, path, name) =>
        {
            var record = generation switch { "match" => Records.Match(), "flat" => Records.Flat(), _ => Records.Today() };
            if (generation == "list")
            {
                var application = record["application"]!.DeepClone();
                record.Remove("application");
                record["applications"] = new JsonArray(application, application.DeepClone());
            }

            if (PathsToObjects[path].Aggregate((JsonNode?)record, (at, member) => at is JsonObject inner ? inner[member] : null) is JsonObject place)
            {
                place[name] = Place;
            }

            await ReadAgainAsync(Filled(record, value));
        }, iter: Examples.Of(150), threads: 1);

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(300)]
    [InlineData(ApplicationPayload.MaxDepth - 3)]
    public async Task A_record_that_is_nested_deeply(int depth)
    {
        var record = Records.Match();
        record["extra"] = Place;

        var read = await ReadAgainAsync(Filled(record, Encoding.ASCII.GetBytes(new string('[', depth) + new string(']', depth))));

        Assert.All(read, one => one.Understood());
    }

    [Fact]
    public Task A_row_of_a_file() =>
        Gen.OneOf(Gen.String, Gen.OneOfConst("", " ", "m1", "a@b.example", "31.03.1990", "[{\"type\":\"x\"}]", "[{\"\\ud800\":1}]", "[{\"\\ud800\":\"\\udc00\"}", "{\"$oid\":\"1\"}", "\uD800", "null", new string('[', 200)))
            .Array[9].Array[1, 3].SampleAsync(async rows =>
        {
            var csv = "matchId,name,email,birthday,additionalFiles,user,application,,_id\n"
                + string.Concat(rows.Select((row, index) => string.Join(',', row.Select((cell, column) => column == 0 && index % 2 == 0 ? $"m{index}" : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n"));
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(csv));
            await foreach (var record in new FlatCsvReader(new Dictionary<string, string>(), new ReadingOptions()).Read(stream, "file.csv", () => KnownEnd.Certain).RecordsAsync(Cancel))
            {
                AssertSame(record);
            }
        }, iter: Examples.Of(500), threads: 1);

    /// <summary>As the sources read: from a page of today's API and from a list of the older ones.</summary>
    private static async Task<List<OrRejection<HokifyApplication>>> ReadAgainAsync(byte[] record)
    {
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([(byte)'[', .. record, (byte)']']) };
        await using var body = await PeekedBody.OpenAsync(response, new BodyLimit("page", new ReadingOptions()), Cancel);
        var read = new List<SourceRecord>();
        await foreach (var (item, _) in JsonItems.ReadAsync(body, "page", new ReadingOptions().LargestItem, Cancel))
        {
            read.AddRange(GroupedItem.Records(item, "page, item 1").Select(paged => paged.Record).Append(ApplicationPayload.ReadLater(item, "item 1")));
        }

        Assert.NotEmpty(read);
        return [.. read.Select(AssertSame)];
    }

    private static OrRejection<HokifyApplication> AssertSame(SourceRecord delivered)
    {
        var first = delivered.Read();
        switch (first)
        {
            case { Value: { } application }:
                var again = ApplicationPayload.Read(application.Payload, "kept record 1").Understood();
                Assert.Equal(JsonSerializer.Serialize(application), JsonSerializer.Serialize(again));
                break;
            case { Rejection: { Field: not "row" } rejection }:
                var rejected = ApplicationPayload.Read(rejection.Payload, "kept record 1").Rejected();
                Assert.Equal((rejection.Element, rejection.Field, rejection.Problem, rejection.Id), (rejected.Element, rejected.Field, rejected.Problem, rejected.Id));
                break;
        }

        return first;
    }

    private static byte[] Filled(JsonObject record, byte[] value)
    {
        var json = Encoding.UTF8.GetBytes(record.ToJsonString());
        var place = json.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"{Place}\""));
        return place < 0 ? json : [.. json[..place], .. value, .. json[(place + Place.Length + 2)..]];
    }
}
