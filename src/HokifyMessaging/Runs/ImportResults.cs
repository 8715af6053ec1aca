namespace HokifyMessaging.Runs;

/// <summary>Where the CSV of a run can be fetched by whoever has the address; null when nobody serves it.</summary>
/// <param name="runId">The run.</param>
/// <param name="completedAt">When it ended.</param>
internal delegate Uri? DownloadLink(Guid runId, DateTimeOffset completedAt);

/// <summary>Turns what a run has counted into what its subscribers get.</summary>
internal static class ImportResults
{
    public static HokifyImportCompleted Completed(RunInProgress run, DateTimeOffset completedAt, Uri? download) => new()
    {
        RunId = run.RunId,
        IdempotencyKey = run.Request.IdempotencyKey,
        ScopeId = run.Request.ScopeId,
        ImportMode = run.Request.ImportMode,
        UnixSecondsFrom = run.Request.UnixSecondsFrom,
        DryRun = run.Request.DryRun,
        PlanDigest = run.MadePlan ?? run.Request.PlanDigest,
        RequestedBy = run.Request.RequestedBy,
        StartedAt = run.StartedAt,
        CompletedAt = completedAt,
        Result = Of(run.Tally, completedAt - run.StartedAt) with { DownloadUrl = download?.AbsoluteUri },
    };

    public static ExportImportResult Of(ImportTally tally, TimeSpan duration)
    {
        var stats = new SortedDictionary<string, int>(tally.Stats, StringComparer.Ordinal)
        {
            [Stat.DurationMilliseconds] = (int)Math.Min(int.MaxValue, duration.TotalMilliseconds),
        };
        return new ExportImportResult
        {
            CreatedCounts = tally.Created,
            UpdatedCounts = tally.Updated,
            DeletedCounts = tally.Deleted,
            UnchangedCounts = tally.Unchanged,
            Exceptions = tally.Exceptions.ToDictionary(e => e.Key, e => (IReadOnlyList<ImportException>)e.Value),
            OkCount = tally.Created.Values.Sum() + tally.Updated.Values.Sum() + tally.Deleted.Values.Sum() + tally.Unchanged.Values.Sum(),
            ErrorCount = tally.Failed.Values.Sum(),
            StatsCounter = stats,
        };
    }
}
