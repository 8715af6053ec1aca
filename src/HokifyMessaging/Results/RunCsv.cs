using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Results;

/// <summary>
/// The CSV of a run, in the seed's form: one row for each application that the run touched, one for each activity log that
/// it wrote or tried again, and one with its result. Reads page by page and holds neither a lock nor a connection while it writes; what
/// it holds in memory does not grow with the run.
/// </summary>
internal sealed partial class RunCsv
{
    /// <summary>How many rows one query reads.</summary>
    public const int PageSize = 500;

    private readonly IDbContextFactory<HokifyDbContext> _contexts;
    private readonly RunQueries _runs;
    private readonly HokifyOptions _options;
    private readonly TimeZoneInfo _zone;

    public RunCsv(IDbContextFactory<HokifyDbContext> contexts, RunQueries runs, IOptions<HokifyOptions> options)
    {
        (_contexts, _runs, _options) = (contexts, runs, options.Value);
        _zone = TimeZoneInfo.FindSystemTimeZoneById(_options.Csv.TimeZone);
    }

    /// <summary>
    /// Writes the whole file, UTF-8 without a byte order mark. The applications and activity logs are written as they are
    /// stored now. Of a run that has not ended, the last row has what is counted so far.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="destination">Receives the file; written to asynchronously only, and left open.</param>
    /// <param name="cancellationToken">Gives up; what is written by then is not a whole file.</param>
    /// <exception cref="KeyNotFoundException">There is no such run; nothing is written.</exception>
    public async Task WriteAsync(Guid runId, Stream destination, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var run = await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken)
            ?? throw new KeyNotFoundException($"There is no run {runId}.");

        await using var csv = new RunCsvWriter(destination, _zone);
        await csv.WriteHeaderAsync();
        await foreach (var row in RowsAsync(db, run, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await csv.WriteRowAsync(row);
        }
    }

    private async IAsyncEnumerable<RunCsvRow> RowsAsync(
        HokifyDbContext db, ImportRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var number = 0;
        await foreach (var (profile, logs) in ProfilesAsync(db, run.Id, cancellationToken))
        {
            yield return new RunCsvRow.Profile(++number, NameOf(profile.ScopeId), profile, logs);
        }

        var runId = run.Id;
        await foreach (var log in LogsAsync(db, logs => logs.Where(l => l.RunId == runId), cancellationToken))
        {
            yield return new RunCsvRow.Log(++number, NameOf(log.ScopeId), log);
        }

        // What an earlier run had written down, and this one tried again.
        await foreach (var log in LogsAsync(db, logs => logs.Where(l => l.LastRunId == runId && l.RunId != runId), cancellationToken))
        {
            yield return new RunCsvRow.Log(++number, NameOf(log.ScopeId), log);
        }

        var result = _runs.ResultOf(run);
        var sentences = new RunSentences(run, result, NameOf(run.ScopeId), _zone);
        yield return new RunCsvRow.Result(result, sentences.Logs, sentences.ExceptionLogs);
    }

    /// <summary>The applications that the run touched, in the order in which it did, each with what the run did to it.</summary>
    private static async IAsyncEnumerable<(ShownProfile Profile, IEnumerable<ActivityLog> Logs)> ProfilesAsync(
        HokifyDbContext db, Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (last, count) = (0L, PageSize);
        while (count == PageSize)
        {
            var touched = await db.ActivityLogs.AsNoTracking()
                .Where(l => l.RunId == runId && l.Id > last
                    && l.ElementName == ElementNames.CandidateProfile && l.ElementId != null && l.Status == ActivityStatus.Done)
                .OrderBy(l => l.Id)
                .Take(PageSize)
                .Select(l => new { l.Id, l.ElementId })
                .ToListAsync(cancellationToken);
            var ids = touched.Select(t => t.ElementId!.Value).Distinct().ToList();
            var profiles = await db.CandidateProfiles.AsNoTracking()
                .Where(p => EF.Parameter(ids).Contains(p.Id))
                .Select(ShownProfile.Selection)
                .ToDictionaryAsync(p => p.Id, cancellationToken);

            // The run is compared through an expression, which no index has: SQLite would take the index on the run for the
            // better one, and look through all of the run's logs for each page.
            var done = (await db.ActivityLogs.AsNoTracking()
                .Where(l => l.ElementName == ElementNames.CandidateProfile && EF.Parameter(ids).Contains(l.ElementId!.Value)
                    && (l.ElementId == null ? Guid.Empty : l.RunId) == runId)
                .OrderBy(l => l.Id)
                .ToListAsync(cancellationToken))
                .ToLookup(l => l.ElementId);
            foreach (var touch in touched)
            {
                // What the run touched twice stands where it touched it first, perhaps on an earlier page.
                if (done[touch.ElementId].First(l => l.Status == ActivityStatus.Done).Id == touch.Id)
                {
                    yield return (profiles[touch.ElementId!.Value], done[touch.ElementId]);
                }
            }

            (last, count) = (touched.Count == 0 ? last : touched[^1].Id, touched.Count);
        }
    }

    private static async IAsyncEnumerable<ActivityLog> LogsAsync(
        HokifyDbContext db, Func<IQueryable<ActivityLog>, IQueryable<ActivityLog>> those, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (last, count) = (0L, PageSize);
        while (count == PageSize)
        {
            var page = await those(db.ActivityLogs.AsNoTracking()).Where(l => l.Id > last)
                .OrderBy(l => l.Id).Take(PageSize).ToListAsync(cancellationToken);
            foreach (var log in page)
            {
                yield return log;
            }

            (last, count) = (page.Count == 0 ? last : page[^1].Id, page.Count);
        }
    }

    /// <summary>A scope that is no longer configured goes by its id.</summary>
    private string NameOf(int scopeId) => _options.Scopes.GetValueOrDefault(scopeId)?.Name ?? scopeId.ToString(CultureInfo.InvariantCulture);
}
