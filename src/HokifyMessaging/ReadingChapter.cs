using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HokifyMessaging;

/// <summary>The chapter of an import that brings what the source has: page by page into batches, batch by batch into the database.</summary>
internal sealed partial class ReadingChapter(
    ApplicationSources sources, ApplicationMapping mapping, ApplicationWriter writer, IOptions<HokifyOptions> options, ILogger<ReadingChapter> logger)
{
    /// <summary>While one batch is written, the next waits and the one after that is read: more would only take memory.</summary>
    private const int BatchesAhead = 1;

    private readonly int _batchSize = options.Value.Import.BatchSize;
    private readonly ReadingOptions _limits = options.Value.Reading;

    /// <returns>Whether the read came to its end; otherwise the run stands at its checkpoint.</returns>
    public async Task<bool> ReadAsync(RunInProgress run, Func<bool> isOver, CancellationToken cancellationToken)
    {
        if (run.Phase != RunPhase.Reading)
        {
            return true;
        }

        var load = new Load(_limits.LargestBatch / 2);
        await foreach (var batch in ReadBatchesAsync(run, load, isOver, cancellationToken).Ahead(BatchesAhead, cancellationToken))
        {
            var records = batch.Count;
            await writer.WriteAsync(run, batch.Take(), cancellationToken);
            load.Release(batch.Bytes);
            LogBatch(logger, run.RunId, records, run.Tally.Stats[Stat.Fetched]);
            if (run.Phase == RunPhase.Reading && isOver())
            {
                return false;
            }
        }

        return run.Phase != RunPhase.Reading;
    }

    /// <summary>The last batch leaves the phase; a read that ends early, because the slice is over, does not come to it.</summary>
    private async IAsyncEnumerable<BatchToWrite> ReadBatchesAsync(
        RunInProgress run, Load load, Func<bool> isOver, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var source = sources.For(run.Request.ScopeId);
        var batch = new GrowingBatch(_batchSize);
        await foreach (var page in source.ReadAsync(run.Window, run.Checkpoint, cancellationToken))
        {
            foreach (var record in page.Records)
            {
                var taken = BatchRecord.Of(record, mapping);
                if (!run.ExpectsKnown)
                {
                    // Whoever writes will need it; read here, it takes none of the writer's time.
                    taken.Read();
                }

                batch.Records.Add(taken);
            }

            batch.Take(page, run.Request);
            if (batch.Records.Count >= _batchSize || batch.Bytes >= _limits.LargestSlice || isOver())
            {
                var closed = batch.Closed(new RunPosition(RunPhase.Reading, page.Checkpoint));
                // The next batch takes the place of this one, which whoever writes it lets go when it is written.
                batch = new GrowingBatch(_batchSize);
                load.Add(closed.Bytes);
                yield return closed;
                if (isOver())
                {
                    yield break;
                }

                await load.UntilLightAsync(cancellationToken);
            }
        }

        yield return batch.Closed(new RunPosition(RunPhase.Confirming, null));
    }

    /// <summary>What the result says of a read that is not all that the source has.</summary>
    private static ImportException Incomplete(string flaw, string position, ImportRequest request) => Said(
        request.ImportMode == ImportMode.Full
            ? $"{flaw} What was read is imported; nothing was deleted, and the next import reads again from where this one began."
            : $"{flaw} What was read is imported; the next import reads again from where this one began.",
        position);

    private static ImportException Said(string message, string position) => new()
    {
        ClassName = typeof(InvalidDataException).FullName!,
        Message = message,
        HResult = new InvalidDataException().HResult,
        Source = position,
    };

    [LoggerMessage(LogLevel.Debug, "Run {RunId}: a batch is written; records in it: {Records}, read so far: {Fetched}")]
    private static partial void LogBatch(ILogger logger, Guid runId, int records, int fetched);

    /// <summary>What the pages of one batch have brought so far.</summary>
    private sealed class GrowingBatch(int size)
    {
        private const int MostExpected = 1_000;

        private readonly ImportTally _counted = new();
        private readonly HashSet<UInt128> _marks = [];
        private DateTimeOffset? _readTo;

        public List<BatchRecord> Records { get; } = new(Math.Min(size, MostExpected));

        /// <summary>How much memory the records take.</summary>
        public long Bytes { get; private set; }

        /// <summary>Takes what a page says beside its records.</summary>
        public void Take(SourcePage page, ImportRequest request)
        {
            _counted.Count(Stat.Pages, page.StartsResponse ? 1 : 0);
            _readTo = page.ReadTo ?? _readTo;
            Bytes += page.Records.Sum(record => (long)record.Bytes);
            if (page.IsPatched)
            {
                _marks.Add(RecordKeys.Patched);
            }

            if (page.Flaw is { } flaw)
            {
                _marks.Add(RecordKeys.Incomplete);
                _counted.Fail(ElementNames.CandidateProfile, Incomplete(flaw, page.Position, request));
            }

            if (page.Oddity is { } oddity)
            {
                _counted.Fail(ElementNames.CandidateProfile, Said(oddity, page.Position));
            }
        }

        public BatchToWrite Closed(RunPosition after) => new(new RecordBatch(Records, _counted, after) { Marks = _marks, ReadTo = _readTo }, Bytes);
    }

    /// <summary>A batch on its way to whoever writes it.</summary>
    private sealed class BatchToWrite(RecordBatch batch, long bytes)
    {
        private RecordBatch? _batch = batch;

        public int Count { get; } = batch.Records.Count;

        public long Bytes => bytes;

        /// <summary>Hands it over: whoever passed it on must not keep it alive beyond its writing.</summary>
        public RecordBatch Take()
        {
            var taken = _batch ?? throw new InvalidOperationException("The batch has been taken.");
            _batch = null;
            return taken;
        }
    }
}
