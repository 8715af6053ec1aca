using HokifyMessaging.Privacy;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Results;

/// <summary>
/// The workbook of a run, for people: a row for each application that the run changed or could not store, and a second sheet that says in
/// sentences what the run was and what is not listed. Nobody who was erased is in it. Read and written page by page, like the CSV.
/// </summary>
internal sealed class RunSheet(IDbContextFactory<HokifyDbContext> contexts, RunQueries runs, IOptions<HokifyOptions> options)
{
    private readonly HokifyOptions _options = options.Value;

    /// <summary>Writes the whole workbook. The applications are written as they are stored now.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="values">Whether values of people stand in it.</param>
    /// <param name="destination">Receives the file; left open.</param>
    /// <param name="cancellationToken">Gives up; what is written by then is not a whole file.</param>
    /// <exception cref="KeyNotFoundException">There is no such run; nothing is written.</exception>
    public async Task WriteAsync(Guid runId, PeopleValues values, Stream destination, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var run = await db.ImportRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId, cancellationToken)
            ?? throw new KeyNotFoundException($"There is no run {runId}.");
        var zone = TimeZoneInfo.FindSystemTimeZoneById(_options.Csv.TimeZone);

        await using var workbook = await RunWorkbook.BeginAsync(destination, zone, values, RunWorkbook.MostRows, cancellationToken);
        await foreach (var row in RowsAsync(db, run, cancellationToken))
        {
            await workbook.AddAsync(row, cancellationToken);
        }

        var result = runs.ResultOf(run);
        var sentences = new RunSentences(run, result, _options.NameOf(run.ScopeId), zone);
        await workbook.EndAsync([sentences.AreDetailsGone ? NoLongerListed : Listed(run, zone), .. Hidden(values), .. sentences.Logs, .. sentences.OfWholeRun], cancellationToken);
    }

    private const string NoLongerListed =
        "Which applications this import changed or could not store is no longer kept, so the sheet Applications lists at most those that still wait. How many there were is counted below.";

    private static string Listed(ImportRun run, TimeZoneInfo zone) => run.DryRun
        ? "A dry run changes nothing, so no application is listed; what it would have done is counted below."
        : "The sheet Applications lists the applications that this import created, updated or deleted, or could not store, as they are stored now. "
            + "Those that it found unchanged, and those of people who were erased, are counted below and not listed. "
            + $"Times are those of {zone.Id}.";

    private static IEnumerable<string> Hidden(PeopleValues values) => values == PeopleValues.Masked
        ? [$"{Mask.Text} stands for whatever this file does not show of people; it stands also where nothing is stored. Their ids are shown."]
        : [];

    private static async IAsyncEnumerable<RunSheetRow> RowsAsync(HokifyDbContext db, ImportRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = new RunRows(db, run.Id, cancellationToken);
        await foreach (var touched in rows.TouchedAsync(ElementNames.CandidateProfile))
        {
            var ids = touched.Select(t => t.ElementId).ToList();
            var applications = await db.CandidateProfiles.AsNoTracking().Where(p => EF.Parameter(ids).Contains(p.Id))
                .Select(ShownApplication.Selection).ToDictionaryAsync(a => a.Id, cancellationToken);
            foreach (var (id, logs) in touched.Where(t => !applications[t.ElementId].IsErased))
            {
                yield return RunSheetRow.OfChange(applications[id], logs, run.Id);
            }
        }

        await foreach (var touched in rows.TouchedAsync(ElementNames.Candidate))
        {
            foreach (var row in await OfPeopleAsync(db, rows, run, touched, cancellationToken))
            {
                yield return row;
            }
        }

        await foreach (var page in rows.LogsAsync(onlyLedger: true))
        {
            foreach (var row in await OfFailuresAsync(db, rows, run, page, cancellationToken))
            {
                yield return row;
            }
        }
    }

    /// <summary>Of people who changed, the application that told it, where the run left all of theirs as they were.</summary>
    private static async Task<IReadOnlyList<RunSheetRow>> OfPeopleAsync(
        HokifyDbContext db, RunRows rows, ImportRun run, IReadOnlyList<(long ElementId, IReadOnlyList<ActivityLog> Logs)> touched, CancellationToken cancellationToken)
    {
        var updated = touched.Where(t => t.Logs[^1].Name == ActivityName.Updated).ToList();
        if (updated.Count == 0)
        {
            return [];
        }

        var people = updated.Select(t => t.ElementId).ToList();
        var applications = await db.CandidateProfiles.AsNoTracking().Where(p => EF.Parameter(people).Contains(p.CandidateId))
            .Select(ShownApplication.Selection).ToListAsync(cancellationToken);
        var listed = await rows.ChangedAsync(ElementNames.CandidateProfile, applications.Select(a => a.Id));
        var of = applications.Where(a => !a.IsErased).OrderBy(a => a.Id).ToLookup(a => a.CandidateId);
        return [.. updated
            .Where(t => of[t.ElementId].Any() && !of[t.ElementId].Any(a => listed.Contains(a.Id)))
            .Select(t => RunSheetRow.OfPerson(
                of[t.ElementId].FirstOrDefault(a => a.ReferenceId == a.Person.VersionReferenceId) ?? of[t.ElementId].First(), t.Logs, run.Id))];
    }

    /// <summary>What could not be stored; an application that the run could store after all is listed with what it changed.</summary>
    private static async Task<IReadOnlyList<RunSheetRow>> OfFailuresAsync(
        HokifyDbContext db, RunRows rows, ImportRun run, IReadOnlyList<ActivityLog> page, CancellationToken cancellationToken)
    {
        var inScope = db.CandidateProfiles.AsNoTracking().Where(p => p.ScopeId == run.ScopeId);
        var byReference = (await Lookups.ListAsync(
            page.Select(l => l.ReferenceId), some => inScope.Where(p => some.Contains(p.ReferenceId)).Select(ShownApplication.Selection), cancellationToken))
            .ToDictionary(a => a.ReferenceId);
        var byId = (await Lookups.ListAsync(
            page.Where(l => l.ElementName == ElementNames.CandidateProfile).Select(l => l.ElementId).OfType<long>(),
            some => db.CandidateProfiles.AsNoTracking().Where(p => some.Contains(p.Id)).Select(ShownApplication.Selection),
            cancellationToken)).ToDictionary(a => a.Id);
        var failures = page.Select(log => (Log: log, Stored: StoredOf(log))).ToList();
        var listed = await rows.ChangedAsync(ElementNames.CandidateProfile, failures.Select(f => f.Stored?.Id).OfType<long>());
        return [.. failures
            .Where(f => f.Log.Status is ActivityStatus.Open or ActivityStatus.Parked or ActivityStatus.Dropped || !(f.Stored is { } stored && listed.Contains(stored.Id)))
            .Where(f => f.Stored is not { IsErased: true } && !(f.Log.Status is ActivityStatus.Closed or ActivityStatus.Superseded or ActivityStatus.Dropped && f.Log.ReferenceId == ErasedRow.Reference))
            .Select(f => RunSheetRow.OfFailure(f.Log, f.Stored))];

        ShownApplication? StoredOf(ActivityLog log) =>
            byReference.GetValueOrDefault(log.ReferenceId) ?? (log is { ElementName: ElementNames.CandidateProfile, ElementId: { } id } ? byId.GetValueOrDefault(id) : null);
    }
}
