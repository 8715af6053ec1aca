using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.ExternApi;

/// <summary>Reads hokify's "extern" API of 2018: the whole window in one answer, as JSON or as CSV.</summary>
internal sealed class ExternApiSource(ExternApiOptions options, ExternApiClient client, PageAttempts attempts) : IApplicationSource
{
    private const string Name = "ExternApi";
    private const int SliceSize = 500;

    public bool IsOffsetPaged => false;

    public IAsyncEnumerable<SourcePage> ReadAsync(ReadWindow window, string? checkpoint, CancellationToken cancellationToken) =>
        new SlicedList(Name, SliceSize, attempts, cancel => RequestAsync(window, cancel)).ReadAsync(checkpoint, cancellationToken);

    private async IAsyncEnumerable<ApplicationRecord> RequestAsync(ReadWindow window, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = HokifyHttp.Query(
            ("startTime", window.From is { } from ? HokifyHttp.Instant(from) : null),
            ("endTime", HokifyHttp.Instant(window.To)),
            ("csv", options.Csv ? "true" : null));
        using var response = await client.GetAsync("get-all-applications-extern", query, Name, cancellationToken);
        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);

        var first = await body.PeekAsync(cancellationToken);
        if (first == (byte)'{')
            throw client.RefusalIn(await HokifyHttp.SmallObjectAsync(body, cancellationToken), Name) ?? JsonItems.Refused(Name, "a JSON array", first);
        // A server that does not know the parameter answers in JSON.
        var records = options.Csv && first != (byte)'[' ? CsvRecords(body, first, cancellationToken) : JsonRecordsAsync(body, cancellationToken);
        await foreach (var record in records)
            yield return record;
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
