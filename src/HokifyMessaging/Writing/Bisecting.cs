namespace HokifyMessaging.Writing;

/// <summary>Finds the records that make a batch fail, and writes all others.</summary>
internal static class Bisecting
{
    /// <summary>
    /// Halves a batch that failed until each guilty record stands alone. Costs about two batches for one guilty record,
    /// instead of one transaction for each record.
    /// </summary>
    /// <param name="records">A batch that is known to fail as a whole.</param>
    /// <param name="failure">With what it failed.</param>
    /// <param name="write">Writes some records, all or none of them.</param>
    /// <param name="fail">Records one guilty record.</param>
    /// <param name="isRecordFault">Whether a failure can be one record's; any other ends the bisection.</param>
    public static async Task IsolateAsync<T>(
        IReadOnlyList<T> records, Exception failure, Func<IReadOnlyList<T>, Task> write, Func<T, Exception, Task> fail, Func<Exception, bool> isRecordFault)
    {
        if (records.Count == 1)
        {
            await fail(records[0], failure);
            return;
        }

        var middle = records.Count / 2;
        await WriteOrIsolateAsync([.. records.Take(middle)]);
        await WriteOrIsolateAsync([.. records.Skip(middle)]);

        async Task WriteOrIsolateAsync(IReadOnlyList<T> half)
        {
            Exception guilt;
            try
            {
                await write(half);
                return;
            }
            catch (Exception exception) when (isRecordFault(exception))
            {
                guilt = exception;
            }

            await IsolateAsync(half, guilt, write, fail, isRecordFault);
        }
    }
}
