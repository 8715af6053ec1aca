using System.IO.Hashing;
using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.AtsApi;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Tests.Reading.AtsApi;

/// <summary>Records outlive the page that they came in, whose buffer is used again.</summary>
public sealed class LargeGroupTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(3, 8_000)]
    [InlineData(20, 8_000)]
    [InlineData(2, 300_000)]
    [InlineData(1, 2_000_000)]
    public async Task Records_are_what_the_page_had_when_it_has_been_read_to_its_end(int applications, int length)
    {
        string[] groups = [.. Enumerable.Range(0, 6).Select(group => $"\"relationType\":\"job\",\"relationId\":\"j{group}\",\"extra\":[{group}]")];
        string[][] inner =
        [
            .. groups.Select((_, group) => Enumerable.Range(0, applications).Select(index =>
                $$"""{"_id":"g{{group}}a{{index}}","user":{"_id":"u{{index}}"},"about":"{{new string((char)('a' + group), length)}}"}""").ToArray()),
        ];
        var page = $"[{string.Join(",\n", groups.Zip(inner, (group, records) => $"{{{group},\"applications\":[{string.Join(" , ", records)}]}}"))}]";
        using var response = new HttpResponseMessage { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(page)) };
        await using var body = await PeekedBody.OpenAsync(response, new BodyLimit("page", new ReadingOptions()), TestContext.Current.CancellationToken);

        var read = new List<PagedRecord>();
        await foreach (var (item, _) in JsonItems.ReadAsync(body, "page", new ReadingOptions().LargestItem, TestContext.Current.CancellationToken))
        {
            read.AddRange(GroupedItem.Records(item, "page"));
        }

        string[] expected = [.. groups.Zip(inner, (group, records) => records.Select(record => $"{{{group},\"application\":{record}}}")).SelectMany(records => records)];
        Assert.Equal(expected, read.Select(paged => paged.Record.Read().Understood().Payload));
        Assert.Equal(expected.Select(record => (UInt128?)XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(record))), read.Select(paged => paged.Record.Hash));
        Assert.Equal(expected.Select(record => Math.Max(record.Length, SourceRecord.LeastBytes)), read.Select(paged => paged.Record.Bytes));
        Assert.Equal(expected.Length, read.Select(paged => paged.Key).Distinct().Count());
    }
}
