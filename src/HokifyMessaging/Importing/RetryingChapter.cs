using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Importing;

/// <summary>The chapter that tries again what failed earlier and is due: it has waited longest.</summary>
internal sealed class RetryingChapter(RetryLedger ledger, FencedTransactions transactions, IOptions<HokifyOptions> options) : IChapter
{
    private readonly int _batchSize = options.Value.Import.BatchSize;
    private readonly int _largest = options.Value.Reading.LargestSlice;

    public RunPhase Phase => RunPhase.Retrying;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await transactions.ReadAsync((db, token) => ledger.DueAsync(db, run, _batchSize, _largest, token), cancellationToken) is { Count: > 0 } due)
        {
            yield return ImportStep.To(RunPhase.Retrying) with { Records = [.. due.Select(RecordOf)] };
        }

        yield return ImportStep.To(RunPhase.Reading);
    }

    private static SourceRecord RecordOf(ActivityLog entry)
    {
        var position = $"kept record {entry.Id}";
        return new SourceRecord(position, ApplicationPayload.Read(entry.Data!, position)) { LedgerReference = entry.ReferenceId };
    }
}
