using System.Security.Cryptography;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Results;

/// <summary>The files of a run, in each of their formats; and which file it would be, without writing it.</summary>
internal sealed class RunFiles(IDbContextFactory<HokifyDbContext> contexts, RunCsv csv, RunSheet sheet, IOptions<HokifyOptions> options)
{
    /// <summary>A program of another version may write the same rows in another way.</summary>
    private static readonly Guid Program = typeof(RunFiles).Module.ModuleVersionId;

    private readonly HokifyOptions _options = options.Value;

    /// <summary>Whether somebody may see values of people in these files, as the settings say.</summary>
    public PeopleValues ValuesFor(FileReader reader) => reader.ValuesFor(_options.Csv.MaskedFor);

    /// <summary>Writes the whole file.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="format">In which form.</param>
    /// <param name="values">Whether values of people stand in it.</param>
    /// <param name="destination">Receives the file; left open.</param>
    /// <param name="cancellationToken">Gives up; what is written by then is not a whole file.</param>
    /// <exception cref="KeyNotFoundException">There is no such run; nothing is written.</exception>
    public Task WriteAsync(Guid runId, RunFileFormat format, PeopleValues values, Stream destination, CancellationToken cancellationToken) => format == RunFileFormat.Workbook
        ? sheet.WriteAsync(runId, values, destination, cancellationToken)
        : csv.WriteAsync(runId, values, destination, cancellationToken, forSpreadsheets: format == RunFileFormat.CsvForSpreadsheets);

    /// <summary>
    /// Tells two files of a run apart without writing one: by the run's row, by how often anything of its scope has been written,
    /// and by the settings that the file depends on. Two look-ups by key, whatever the run's size.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="format">In which form.</param>
    /// <param name="values">Whether values of people stand in it.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>Null when there is no such run.</returns>
    public async Task<RunFileVersion?> VersionAsync(Guid runId, RunFileFormat format, PeopleValues values, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var run = await db.ImportRuns.AsNoTracking()
            .Where(r => r.Id == runId)
            .Join(db.Scopes, r => r.ScopeId, s => s.ScopeId, (r, s) => new
            {
                r.ScopeId,
                r.State,
                r.Phase,
                r.WindowFrom,
                r.WindowTo,
                r.StartedAt,
                r.CompletedAt,
                r.NudgedAt,
                r.Failures,
                r.Failure,
                r.Tally,
                s.Revision,
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (run is null)
        {
            return null;
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Program}\n{format.Name}\n{values}\n{_options.Csv.TimeZone}\n{_options.Csv.ExcelSeparator}\n{_options.NameOf(run.ScopeId)}\n{runId}\n{run.State}\n{run.Phase}\n{run.WindowFrom:O}\n{run.WindowTo:O}\n{run.StartedAt:O}\n{run.CompletedAt:O}\n{run.NudgedAt:O}\n{run.Failures}\n{run.Failure}\n{run.Tally}\n{run.Revision}");
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));

        // An archive notes when it was made, and another machine may compress in another way.
        return new RunFileVersion(runId, run.ScopeId, format, values, tag, IsExact: run.State == RunState.Completed && format.IsText);
    }
}

/// <summary>The file that a run has now.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ScopeId">Its scope.</param>
/// <param name="Format">In which form.</param>
/// <param name="Values">Whether values of people stand in it.</param>
/// <param name="Tag">Changes with the file.</param>
/// <param name="IsExact">Whether files of the same tag are the same byte by byte; that of a run that has not ended tells how long it has lasted.</param>
internal sealed record RunFileVersion(Guid RunId, int ScopeId, RunFileFormat Format, PeopleValues Values, string Tag, bool IsExact);
