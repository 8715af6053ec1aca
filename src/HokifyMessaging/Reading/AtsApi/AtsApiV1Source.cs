using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>
/// Reads the ATS API of 2019: one list of everything, without parameters. The window can't be sent, and what lies outside it is
/// delivered all the same: which date hokify filters on is not documented, so a filter here could lose an application.
/// </summary>
internal sealed class AtsApiV1Source(AtsApiOptions options, AtsApiClient client, PageAttempts attempts, SourceClock clock) : IApplicationSource
{
    private const string Name = "AtsApi V1";

    public bool ProvesAbsence => true;

    public DateTimeOffset Present => clock.Present;

    public IAsyncEnumerable<SourcePage> ReadAsync(ReadWindow window, string? checkpoint, CancellationToken cancellationToken) =>
        new SlicedList(Name, options.PageSize, attempts, RequestAsync).ReadAsync(checkpoint, cancellationToken);

    private async IAsyncEnumerable<ApplicationRecord> RequestAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(HttpMethod.Post, "application/getApplications", query: "", Name, cancellationToken);
        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);
        var count = 0L;
        await foreach (var item in JsonItems.ReadAsync(body, Name, cancellationToken))
            yield return ApplicationPayload.ReadLater(item, $"{Name} item {++count}");
    }
}
