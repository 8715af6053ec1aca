using System.IO.Hashing;
using HokifyMessaging.Reading.Http;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>Reads hokify's ATS API as it is today: pages by <c>offset</c> and <c>limit</c>, until nothing stands behind one.</summary>
internal sealed class AtsApiSource(
    int scopeId, AtsApiOptions options, AtsApiClient client, PageAttempts attempts, SourceGate gate, SourceClock clock, ReadingOptions reading) : IApplicationSource
{
    private const string Name = "AtsApi";

    private readonly LargestAnswer _largest = new();

    public bool ProvesAbsence => false;

    public DateTimeOffset Present => clock.Present;
    public TimeSpan Skew => clock.Skew;

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frozen = new FrozenWindow(window, clock);
        // Where records are so large that a page of them cannot be held, fewer are asked for until the read ends.
        var limit = options.PageSize;
        var foresight = new Foresight(window.InTurn ? 1 : options.PagesAtOnce, reading.LargestBatch / 2, () => gate.HasRoom(options.PagesAtOnce));
        await using var ahead = new PagesAhead(FetchAsync, foresight);
        var pages = new AnchoredPages(Name, options.PageOverlap, ahead, AnchoredCheckpoint.Parse(AnchoredPages.Unit, Name, checkpoint), _largest);
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

        async Task<OffsetPage> FetchAsync(PageCall call, CancellationToken cancel)
        {
            while (true)
            {
                var page = await attempts.ReadAsync(
                    call.Position,
                    attempt => gate.PassAsync(attempt, options.PagesAtOnce, gated => frozen.ReadAsync(
                        token => client.SignInAsync(call.Position, token),
                        (part, token) => ReadPageAsync(part, call, limit, gated, token),
                        attempt.Token)),
                    cancel);
                ImportMetrics.Widened(scopeId, gate.Width);
                if (page.Bytes <= reading.LargestBatch)
                {
                    return page;
                }

                // How many are asked for from here on is for the page to say whose turn it is.
                limit = limit > 1 && !call.IsAhead ? Math.Max(1, Math.Min(limit, page.Units.Count) / 2) : throw TooMuchAtOnce(call.Position);
            }
        }
    }

    /// <returns>The page, or as much of it as shows that it holds more than may be held.</returns>
    private async Task<OffsetPage> ReadPageAsync(ReadWindow window, PageCall call, int limit, GatedCall gated, CancellationToken cancellationToken)
    {
        var position = call.Position;
        var query = HokifyHttp.Query(
            ("startTime", window.From is { } from ? HokifyHttp.Instant(from) : null),
            ("endTime", window.To is { } to ? HokifyHttp.Instant(to) : null),
            ("offset", call.Offset.ToString(CultureInfo.InvariantCulture)),
            ("limit", limit.ToString(CultureInfo.InvariantCulture)));
        using var response = await client.SendAsync(HttpMethod.Get, "application/getAllApplications", query, position, cancellationToken);
        gated.Answered();
        await using var body = await PeekedBody.OpenAsync(response, new BodyLimit(position, reading, took: call.Took), cancellationToken);

        var page = new OffsetPage { AskedFor = limit };
        await foreach (var item in JsonItems.ReadAsync(body, position, reading.LargestItem, cancellationToken))
        {
            Add(item, page, string.Create(CultureInfo.InvariantCulture, $"{position}, item {page.Items + 1}"));
            if (page.Bytes > reading.LargestBatch)
            {
                return page;
            }

            if (options.OffsetCounts == OffsetUnit.Applications && page.Units.Count > limit)
            {
                throw AnchoredPages.CountsGroups(position, Counted.Text($"holds more than the {limit} {limit:application|applications} asked for"));
            }
        }

        return page;
    }

    private void Add(JsonItem item, OffsetPage page, string position)
    {
        var leftOut = item.LeftOut ?? TooLarge(item.Value);
        var records = leftOut is null ? GroupedItem.Records(item.Value, position) : [Paged(leftOut, position)];
        if (options.OffsetCounts == OffsetUnit.Groups)
        {
            page.AddCountingGroups(records, leftOut is null ? GroupedItem.KeyOf(item.Value) : records[0].Key, Fingerprint());
            return;
        }

        page.AddCountingApplications(records, Fingerprint());

        ulong Fingerprint() => records.Count == 0 ? XxHash64.HashToUInt64(item.Value.Raw) : 0;
    }

    /// <summary>A group may be small and its records large, because each of them has all that the group says.</summary>
    private LeftOutItem? TooLarge(JsonPart item) => GroupedItem.BytesOfRecords(item) > reading.LargestItem
        ? new LeftOutItem(null, XxHash128.HashToUInt128(item.Raw), LeftOutItem.TooLarge(reading.LargestItem))
        : null;

    private static PagedRecord Paged(LeftOutItem item, string position)
    {
        ulong? id = item.Id is { } application ? XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(application.Value)) : null;
        return new PagedRecord(item.At(position), (ulong)item.Hash, id);
    }

    private SourceException TooMuchAtOnce(string position) => new(
        $"{position}: hokify's answer holds more than {ByteCount.Text(reading.LargestBatch)} although one application was asked for; expected is less, or a larger Hokify:Reading:LargestBatch.")
    {
        IsLasting = true,
    };
}
