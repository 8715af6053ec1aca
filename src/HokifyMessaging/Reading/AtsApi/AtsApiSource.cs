using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>Reads hokify's ATS API as it is today: pages by <c>offset</c> and <c>limit</c>, until nothing stands behind one.</summary>
internal sealed class AtsApiSource(AtsApiOptions options, AtsApiClient client, PageAttempts attempts, SourceClock clock) : IApplicationSource
{
    private const string Name = "AtsApi";

    private readonly LargestAnswer _largest = new();

    public bool ProvesAbsence => false;

    public DateTimeOffset Present => clock.Present;

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frozen = new FrozenWindow(window, clock);
        var pages = new AnchoredPages(Name, options.PageOverlap, FetchAsync, AnchoredCheckpoint.Parse(AnchoredPages.Unit, Name, checkpoint), _largest);
        var isEmpty = true;
        await foreach (var page in pages.ReadAsync(cancellationToken))
        {
            isEmpty = false;
            yield return page with { ReadTo = frozen.ReadTo };
        }

        if (isEmpty && frozen.ReadTo is { } readTo)
        {
            yield return new SourcePage([], AnchoredCheckpoint.Start(AnchoredPages.Unit).ToString(), $"{Name} offset 0") { ReadTo = readTo };
        }

        Task<OffsetPage> FetchAsync(long offset, string position, CancellationToken cancel) => attempts.ReadAsync(
            position,
            attempt => frozen.ReadAsync(
                token => client.SignInAsync(position, token),
                (part, token) => ReadPageAsync(part, offset, position, token),
                attempt.Token),
            cancel);
    }

    private async Task<OffsetPage> ReadPageAsync(ReadWindow window, long offset, string position, CancellationToken cancellationToken)
    {
        var query = HokifyHttp.Query(
            ("startTime", window.From is { } from ? HokifyHttp.Instant(from) : null),
            ("endTime", window.To is { } to ? HokifyHttp.Instant(to) : null),
            ("offset", offset.ToString(CultureInfo.InvariantCulture)),
            ("limit", options.PageSize.ToString(CultureInfo.InvariantCulture)));
        using var response = await client.SendAsync(HttpMethod.Get, "application/getAllApplications", query, position, cancellationToken);
        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);

        var page = new OffsetPage();
        await foreach (var item in JsonItems.ReadAsync(body, position, cancellationToken))
        {
            var records = GroupedItem.Records(item, string.Create(CultureInfo.InvariantCulture, $"{position}, item {page.Items + 1}")).ToList();
            var fingerprint = records.Count == 0 ? XxHash64.HashToUInt64(JsonMarshal.GetRawUtf8Value(item)) : 0;
            if (options.OffsetCounts == OffsetUnit.Groups)
            {
                page.AddCountingGroups(records, GroupedItem.KeyOf(item), fingerprint);
                continue;
            }

            page.AddCountingApplications(records, fingerprint);
            if (page.Units.Count > options.PageSize)
            {
                throw AnchoredPages.CountsGroups(position, $"holds more than the {options.PageSize} applications asked for");
            }
        }

        return page;
    }
}
