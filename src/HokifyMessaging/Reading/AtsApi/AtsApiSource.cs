using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>Reads hokify's ATS API as it is today: pages by <c>offset</c> and <c>limit</c>, until one is empty.</summary>
internal sealed class AtsApiSource(AtsApiOptions options, AtsApiClient client, PageAttempts attempts) : IApplicationSource
{
    private const string Name = "AtsApi";
    private const string CheckpointPrefix = "offset:";

    public bool IsOffsetPaged => true;

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var offset = OffsetIn(checkpoint);
        ulong? emptyGroups = null;
        while (true)
        {
            var position = string.Create(CultureInfo.InvariantCulture, $"{Name} offset {offset}");
            var at = offset;
            var page = await attempts.ReadAsync(position, attempt => ReadPageAsync(window, at, position, attempt.Token), cancellationToken);
            if (page.Items == 0)
                yield break;

            if (page.Records.Count == 0)
            {
                // Groups without applications are no end where groups are counted, and may be one where applications are:
                // only the page behind them tells.
                if (page.Fingerprint == emptyGroups)
                {
                    if (options.OffsetCounts == OffsetUnit.Applications)
                        yield break;
                    throw new SourceException($"{position}: the server answers with the page before; it seems to ignore offset.");
                }

                emptyGroups = page.Fingerprint;
                offset += page.Items;
                continue;
            }

            if (emptyGroups is not null && options.OffsetCounts == OffsetUnit.Applications)
                throw CountsGroups(position, "holds applications behind a page of nothing but empty groups");
            emptyGroups = null;
            offset += options.OffsetCounts == OffsetUnit.Groups ? page.Items : page.Records.Count;
            yield return new SourcePage(
                page.Records, string.Create(CultureInfo.InvariantCulture, $"{CheckpointPrefix}{offset}"), position);
        }
    }

    private static long OffsetIn(string? checkpoint)
    {
        if (checkpoint is null)
            return 0;
        return checkpoint.StartsWith(CheckpointPrefix, StringComparison.Ordinal)
            && long.TryParse(checkpoint.AsSpan(CheckpointPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw new SourceException($"{Name}: the run's checkpoint is not one of this source; expected is '{CheckpointPrefix}' and a number. Was the scope's source changed in mid-run?");
    }

    private static SourceException CountsGroups(string position, string evidence) =>
        new($"{position}: the page {evidence}, so the server counts groups; set AtsApi:OffsetCounts to {OffsetUnit.Groups}.");

    private async Task<Page> ReadPageAsync(ReadWindow window, long offset, string position, CancellationToken cancellationToken)
    {
        var query = HokifyHttp.Query(
            ("startTime", window.From is { } from ? HokifyHttp.Instant(from) : null),
            ("endTime", HokifyHttp.Instant(window.To)),
            ("offset", offset.ToString(CultureInfo.InvariantCulture)),
            ("limit", options.PageSize.ToString(CultureInfo.InvariantCulture)));
        using var response = await client.SendAsync(HttpMethod.Get, "application/getAllApplications", query, position, cancellationToken);
        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);

        var records = new List<ApplicationRecord>();
        var items = 0;
        var fingerprint = new XxHash64();
        await foreach (var item in JsonItems.ReadAsync(body, position, cancellationToken))
        {
            items++;
            if (records.Count == 0)
                fingerprint.Append(JsonMarshal.GetRawUtf8Value(item));
            records.AddRange(GroupedItem.Records(item, string.Create(CultureInfo.InvariantCulture, $"{position}, item {items}")));
            if (records.Count > options.PageSize && options.OffsetCounts == OffsetUnit.Applications)
                throw CountsGroups(position, $"holds more than the {options.PageSize} applications asked for");
        }

        return new Page(records, items, fingerprint.GetCurrentHashAsUInt64());
    }

    /// <param name="Records">The applications of the page.</param>
    /// <param name="Items">The elements of the array, which are groups where the server groups.</param>
    /// <param name="Fingerprint">Tells a page without applications from another one.</param>
    private sealed record Page(List<ApplicationRecord> Records, int Items, ulong Fingerprint);
}
