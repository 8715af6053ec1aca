namespace HokifyMessaging.Reading.Http;

/// <summary>The records of a body that lists everything, each item one of them.</summary>
internal static class JsonRecords
{
    public static async IAsyncEnumerable<SourceRecord> ReadAsync(
        PeekedBody body, BodyLimit limit, string source, ReadingOptions reading, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var item in JsonItems.ReadAsync(body, source, reading.LargestItem, cancellationToken))
        {
            var position = string.Create(CultureInfo.InvariantCulture, $"{source} item {++count}");
            var record = item.LeftOut?.At(position) ?? ApplicationPayload.ReadLater(item.Value, position);
            yield return record;
            if (record.Id is not null)
            {
                limit.Progressed();
            }
        }
    }
}
