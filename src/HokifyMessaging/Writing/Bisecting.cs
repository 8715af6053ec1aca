namespace HokifyMessaging.Writing;

/// <summary>Writes records, and finds the ones that cannot be written.</summary>
internal static class Bisecting
{
    /// <summary>
    /// Writes a batch in as many transactions as it takes. One that fails is halved until each guilty record stands alone: that costs
    /// about two batches for one guilty record, instead of one transaction for each record.
    /// </summary>
    /// <param name="records">The batch.</param>
    /// <param name="write">Writes such of the records as go together, all or none of them, and gives back the others, in the order in which they follow.</param>
    /// <param name="fail">Records one guilty record.</param>
    /// <param name="isRecordFault">Whether a failure can be one record's; any other ends the writing.</param>
    public static async Task WriteAsync<T>(
        IReadOnlyList<T> records, Func<IReadOnlyList<T>, Task<IReadOnlyList<T>>> write, Func<T, Exception, Task> fail, Func<Exception, bool> isRecordFault)
    {
        for (var rest = records; rest.Count > 0;)
        {
            Exception guilt;
            try
            {
                rest = await write(rest);
                continue;
            }
            catch (Exception exception) when (isRecordFault(exception))
            {
                guilt = exception;
            }

            if (rest.Count == 1)
            {
                await fail(rest[0], guilt);
                return;
            }

            var middle = rest.Count / 2;
            await WriteAsync<T>([.. rest.Take(middle)], write, fail, isRecordFault);
            rest = [.. rest.Skip(middle)];
        }
    }
}
