using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Writing;

/// <summary>
/// Writes batches: the rows, their activity logs, the run's counters and its checkpoint in one transaction. A batch that
/// the database refuses is halved until the guilty records stand alone; they go to the ledger and all others are written.
/// </summary>
internal sealed partial class ApplicationWriter(
    FencedTransactions transactions, BatchRowsOf rowsOf, RetryLedger ledger, Erasure erasure, TimeProvider clock, ILogger<ApplicationWriter> logger)
{
    /// <exception cref="StorageException">The database can take nothing now; what earlier batches wrote stays.</exception>
    public async Task WriteAsync(RunInProgress run, RecordBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await WriteOrIsolateAsync(run, batch, cancellationToken);
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault)
        {
            throw new StorageException($"The database cannot take the batch of {batch.Records.Count} records: {fault.Clause}.", exception);
        }
    }

    /// <summary>
    /// Ends what was read: copies that waited for better ones get their turn, and people whose last application has left them
    /// go with it.
    /// </summary>
    /// <exception cref="StorageException">The database can take nothing now.</exception>
    public async Task EndAsync(RunInProgress run, CancellationToken cancellationToken)
    {
        if (run.Held.Count > 0)
        {
            await WriteAsync(run, new RecordBatch([.. run.Held.Values], new ImportTally(), new RunPosition(run.Phase, run.Checkpoint)), cancellationToken);
            run.Held.Clear();
        }

        var left = run.Seen.Values.SelectMany(seen => seen.Left()).Distinct().ToList();
        if (left.Count > 0)
        {
            await transactions.CommitAsync(
                run,
                async (db, token) =>
                {
                    var tally = new ImportTally();
                    ImportTally.Add(tally.Deleted, ElementNames.Candidate, await LeftPeople.DeleteAsync(db, run, left, clock.GetUtcNow(), token));
                    return new RunStep(tally, []);
                },
                cancellationToken);
        }
    }

    private async Task WriteOrIsolateAsync(RunInProgress run, RecordBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await CommitAsync(run, batch.Records, batch, cancellationToken);
        }
        catch (Exception exception) when (IsRecordFault(exception) && batch.Records.Count > 0)
        {
            LogBisecting(logger, run.RunId, batch.Records.Count);
            await Bisecting.IsolateAsync(
                batch.Records,
                exception,
                part => CommitAsync(run, part, null, cancellationToken),
                (record, failure) => FailAsync(run, record, failure, cancellationToken),
                IsRecordFault);
            await CommitAsync(run, [], batch, cancellationToken);
        }
    }

    /// <summary>A record is counted as read by the step that counts what became of it: so the figures agree wherever a run stops.</summary>
    private static void Count(IReadOnlyList<BatchRecord> records, ImportTally tally)
    {
        tally.Count(Stat.Retried, records.Count(r => r.LedgerReference is not null));
        tally.Count(Stat.Fetched, records.Count(r => r is { LedgerReference: null, IsDecided: false }));
    }

    private static bool IsRecordFault(Exception exception) => DatabaseFault.Of(exception) is { Kind: DatabaseFaultKind.Record };

    private Task CommitAsync(RunInProgress run, IReadOnlyList<BatchRecord> records, RecordBatch? completes, CancellationToken cancellationToken) =>
        transactions.CommitAsync(
            run,
            async (db, token) =>
            {
                var tally = new ImportTally();
                var keys = records.Select(r => r.Key).ToList();
                if (records.Count > 0)
                {
                    tally.Count(Stat.Batches);
                    Count(records, tally);
                    var rows = run.Session!.Kept(session => rowsOf(session, run.Request.ScopeId));
                    var write = new BatchWrite(db, rows, run, tally, ledger, erasure, clock.GetUtcNow());
                    await write.WriteAsync(records, token);
                    keys.AddRange(write.Keys);
                }

                if (completes is null)
                {
                    return new RunStep(tally, keys);
                }

                keys.AddRange(completes.Marks);
                return new RunStep(tally.Plus(completes.Read), keys) { Position = completes.After, ReadTo = completes.ReadTo };
            },
            cancellationToken);

    private Task FailAsync(RunInProgress run, BatchRecord record, Exception exception, CancellationToken cancellationToken) =>
        transactions.CommitAsync(
            run,
            async (db, token) =>
            {
                var tally = new ImportTally();
                Count([record], tally);
                new BatchCounts(db, run, tally).Decided(record.IsDecided ? 1 : 0);
                RecordFailure failure;
                switch (record.Read())
                {
                    case BatchRecord.Ready({ } application):
                        failure = RecordFailure.Of(application, exception);
                        tally.Count(Stat.UnknownFields, record.LedgerReference is null ? application.UnknownMembers : 0);
                        break;
                    case BatchRecord.Rejected({ } rejection):
                        failure = RecordFailure.Of(rejection);
                        break;
                    case var other:
                        throw new InvalidOperationException($"{other.GetType()} is no record of a batch.");
                }

                failure = failure.Under(record.LedgerReference);
                LogFailed(logger, run.RunId, failure.Message);
                await ledger.RecordAsync(db, run, failure, tally, token);
                await db.SaveChangesAsync(token);
                return new RunStep(tally, run.HasCounted(record.Key) ? [record.Key] : [record.Key, RecordKeys.FailureOf(record.Key)]);
            },
            cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: the database refused a batch of {Records} records; halving it to find the guilty ones")]
    private static partial void LogBisecting(ILogger logger, Guid runId, int records);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: {Reason}")]
    private static partial void LogFailed(ILogger logger, Guid runId, string reason);
}
