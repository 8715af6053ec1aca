using HokifyMessaging.Privacy;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Results;

/// <summary>
/// The CSV of a run, in the seed's form: one row for each application that the run touched, one for each activity log that
/// it wrote or tried again, and one with its result. Reads page by page and holds neither a lock nor a connection while it writes; what
/// it holds in memory does not grow with the run.
/// </summary>
internal sealed class RunCsv
{
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
    /// Writes the whole file, in UTF-8. The applications and activity logs are written as they are
    /// stored now. Of a run that has not ended, the last row has what is counted so far.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="values">Whether values of people stand in it.</param>
    /// <param name="destination">Receives the file; written to asynchronously only, and left open.</param>
    /// <param name="cancellationToken">Gives up; what is written by then is not a whole file.</param>
    /// <param name="forSpreadsheets">Whether a spreadsheet program is to open it, instead of a program that knows the seed's form.</param>
    /// <exception cref="KeyNotFoundException">There is no such run; nothing is written.</exception>
    public async Task WriteAsync(Guid runId, PeopleValues values, Stream destination, CancellationToken cancellationToken, bool forSpreadsheets = false)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
        var run = await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken)
            ?? throw new KeyNotFoundException($"There is no run {runId}.");

        await using var csv = new RunCsvWriter(destination, _zone, values, forSpreadsheets ? _options.Csv.ExcelSeparator : null);
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
        var rows = new RunRows(db, run.Id, cancellationToken);
        await foreach (var touched in rows.TouchedAsync(ElementNames.CandidateProfile))
        {
            var ids = touched.Select(t => t.ElementId).ToList();
            var profiles = await db.CandidateProfiles.AsNoTracking()
                .Where(p => EF.Parameter(ids).Contains(p.Id))
                .Select(ShownProfile.Selection)
                .ToDictionaryAsync(p => p.Id, cancellationToken);
            foreach (var (id, logs) in touched)
            {
                var profile = profiles[id];
                yield return new RunCsvRow.Profile(++number, _options.NameOf(profile.ScopeId), profile, logs);
            }
        }

        await foreach (var page in rows.LogsAsync())
        {
            foreach (var log in page)
            {
                yield return new RunCsvRow.Log(++number, _options.NameOf(log.ScopeId), log);
            }
        }

        var result = _runs.ResultOf(run);
        var sentences = new RunSentences(run, result, _options.NameOf(run.ScopeId), _zone);
        yield return new RunCsvRow.Result(result, sentences.Logs, sentences.ExceptionLogs);
    }
}
