using HokifyMessaging.Reading;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Importing;

/// <summary>The chapter that brings what the source has: page by page into batches, and each batch is a step.</summary>
internal sealed class ReadingChapter(ApplicationSources sources, ApplicationMapping mapping, IOptions<HokifyOptions> options, TimeProvider clock) : IChapter
{
    /// <summary>While one batch is written, the next waits and the one after that is read: more would only take memory.</summary>
    private const int BatchesAhead = 1;

    private readonly ImportOptions _options = options.Value.Import;
    private readonly ReadingOptions _limits = options.Value.Reading;

    public RunPhase Phase => RunPhase.Reading;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var load = new Load(_limits.LargestBatch / 2);
        await foreach (var batch in ReadAsync(run, load, cancellationToken).Ahead(BatchesAhead, cancellationToken))
        {
            yield return batch.Step;

            // It is written by now, and nothing may keep it alive while the next one is waited for.
            batch.Records.Clear();
            load.Release(batch.Bytes);
        }
    }

    private async IAsyncEnumerable<ReadBatch> ReadAsync(RunInProgress run, Load load, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = NewBatch();
        var pages = sources.For(run.Request.ScopeId).ReadAsync(run.Progress.Window, run.Progress.Position.Checkpoint, cancellationToken);
        await foreach (var page in pages.Traced(run.Request.ScopeId, cancellationToken).OrPause(() => batch.TimeLeft, clock, cancellationToken))
        {
            if (page is not null)
            {
                batch.Take(page, run, mapping);
            }

            if (page is null || batch.Records.Count >= _options.BatchSize || batch.Bytes >= _limits.LargestSlice || batch.TimeLeft <= TimeSpan.Zero)
            {
                load.Add(batch.Bytes);
                yield return batch;
                batch = NewBatch();
                await load.UntilLightAsync(cancellationToken);
            }
        }

        batch.After = new RunPosition(RunPhase.Confirming, null);
        yield return batch;
    }

    private ReadBatch NewBatch() => new(_options.BatchSize, _options.StepDuration, clock);

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

    /// <summary>What some pages have brought.</summary>
    private sealed class ReadBatch(int size, TimeSpan duration, TimeProvider clock)
    {
        private const int MostExpected = 1_000;

        private readonly ImportTally _counted = new();
        private readonly HashSet<UInt128> _marks = [];
        private DateTimeOffset? _readTo;
        private long _begun;

        public List<SourceRecord> Records { get; } = new(Math.Min(size, MostExpected));

        /// <summary>How much memory the records take.</summary>
        public long Bytes { get; private set; }

        /// <summary>Where the run stands when they are written.</summary>
        public RunPosition After { get; set; } = new(RunPhase.Reading, null);

        /// <summary>How long the first record may still wait for others; null while there is none.</summary>
        public TimeSpan? TimeLeft => Records.Count == 0 ? null : duration - clock.GetElapsedTime(_begun);

        public ImportStep Step => new(After) { Records = Records, Read = _counted, Marks = _marks, ReadTo = _readTo };

        public void Take(SourcePage page, RunInProgress run, ApplicationMapping mapping)
        {
            _begun = Records.Count == 0 ? clock.GetTimestamp() : _begun;
            foreach (var record in page.Records)
            {
                if (!run.Progress.ExpectsKnown)
                {
                    // Whoever writes will need it; read here, it takes none of the writer's time.
                    record.Map(mapping);
                }

                Records.Add(record);
            }

            After = new RunPosition(RunPhase.Reading, page.Checkpoint);
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
                _counted.Fail(ElementNames.CandidateProfile, Incomplete(flaw, page.Position, run.Request));
            }

            if (page.Oddity is { } oddity)
            {
                _counted.Fail(ElementNames.CandidateProfile, Said(oddity, page.Position));
            }
        }
    }
}
