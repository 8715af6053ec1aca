using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.ExternApi;

/// <summary>Reads hokify's "extern" API of 2018: the whole window in one answer, as JSON or as CSV.</summary>
internal sealed class ExternApiSource(ExternApiOptions options, ExternApiClient client, PageAttempts attempts, SourceClock clock) : IApplicationSource
{
    private const string Name = "ExternApi";
    private const int SliceSize = 500;

    public bool ProvesAbsence => false;

    public DateTimeOffset Present => clock.Present;

    public async IAsyncEnumerable<SourcePage> ReadAsync(ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frozen = new FrozenWindow(window, clock);
        var isEmpty = true;
        await foreach (var page in new SlicedList(Name, SliceSize, attempts, cancel => RequestAsync(frozen, cancel)).ReadAsync(checkpoint, cancellationToken))
        {
            isEmpty = false;
            yield return page with { ReadTo = frozen.ReadTo };
        }

        if (isEmpty && frozen.ReadTo is { } readTo)
        {
            yield return new SourcePage([], ListCheckpoint.Start.ToString(), Name) { ReadTo = readTo };
        }
    }

    private async IAsyncEnumerable<ApplicationRecord> RequestAsync(FrozenWindow frozen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await frozen.ReadAsync(token => client.SignInAsync(Name, token), GetAsync, cancellationToken);
        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);

        var first = await body.PeekAsync(cancellationToken);
        if (first == (byte)'{')
            throw client.RefusalIn(await HokifyHttp.SmallObjectAsync(body, cancellationToken), Name) ?? JsonItems.Refused(Name, "a JSON array", first);
        // A server that does not know the parameter answers in JSON.
        var records = options.Csv && first != (byte)'[' ? CsvRecords(body, first, cancellationToken) : JsonRecordsAsync(body, cancellationToken);
        await foreach (var record in records)
            yield return record;
    }

    private Task<HttpResponseMessage> GetAsync(ReadWindow window, CancellationToken cancellationToken)
    {
        var query = HokifyHttp.Query(
            ("startTime", window.From is { } from ? HokifyHttp.Instant(from) : null),
            ("endTime", window.To is { } to ? HokifyHttp.Instant(to) : null),
            ("csv", options.Csv ? "true" : null));
        return client.GetAsync("get-all-applications-extern", query, Name, cancellationToken);
    }

    private static async IAsyncEnumerable<ApplicationRecord> JsonRecordsAsync(PeekedBody body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var item in JsonItems.ReadAsync(body, Name, cancellationToken))
            yield return ApplicationPayload.ReadLater(item, $"{Name} item {++count}");
    }

    private static IAsyncEnumerable<ApplicationRecord> CsvRecords(PeekedBody body, byte? first, CancellationToken cancellationToken) => first switch
    {
        // Whoever has no application to list may leave out the header too.
        null => AsyncEnumerable.Empty<ApplicationRecord>(),
        (byte)'<' => throw JsonItems.Refused(Name, "CSV", first),
        _ => new FlatCsvReader(ReadOnlyDictionary<string, string>.Empty).ReadAsync(body, Name, cancellationToken),
    };
}
