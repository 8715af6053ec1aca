using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>
/// Reads the ATS API of 2019: one list of everything, without parameters. The window can't be sent, and what lies outside it is
/// delivered all the same: which date hokify filters on is not documented, so a filter here could lose an application.
/// </summary>
internal sealed class AtsApiV1Source(AtsApiOptions options, AtsApiClient client, PageAttempts attempts, SourceClock clock, ReadingOptions reading) : IApplicationSource
{
    private const string Name = "AtsApi V1";

    public bool ProvesAbsence => true;

    public DateTimeOffset Present => clock.Present;
    public TimeSpan Skew => clock.Skew;

    public IAsyncEnumerable<SourcePage> ReadAsync(ReadWindow window, string? checkpoint, CancellationToken cancellationToken) =>
        new SlicedList(Name, options.PageSize, reading.LargestSlice, attempts, RequestAsync).ReadAsync(checkpoint, cancellationToken);

    private async IAsyncEnumerable<SourceRecord> RequestAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(HttpMethod.Post, "application/getApplications", query: "", Name, cancellationToken);
        var limit = new BodyLimit(Name, reading, isList: true);
        await using var body = await PeekedBody.OpenAsync(response, limit, cancellationToken);
        await foreach (var record in JsonRecords.ReadAsync(body, limit, Name, reading, cancellationToken))
        {
            yield return record;
        }
    }
}
