using System.Security.Cryptography;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Results;

/// <content>Which file it would be, without writing it.</content>
internal sealed partial class RunCsv
{
    /// <summary>A program of another version may write the same rows in another way.</summary>
    private static readonly Guid Program = typeof(RunCsv).Module.ModuleVersionId;

    /// <summary>
    /// Tells two files of a run apart without writing one: by the run's row, by how often anything of its scope has been written,
    /// and by the settings that the file depends on. Two look-ups by key, whatever the run's size.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>Null when there is no such run.</returns>
    public async Task<RunCsvVersion?> VersionAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.CreateDbContextAsync(cancellationToken);
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
            $"{Program}\n{_zone.Id}\n{NameOf(run.ScopeId)}\n{runId}\n{run.State}\n{run.Phase}\n{run.WindowFrom:O}\n{run.WindowTo:O}\n{run.StartedAt:O}\n{run.CompletedAt:O}\n{run.NudgedAt:O}\n{run.Failures}\n{run.Failure}\n{run.Tally}\n{run.Revision}");
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
        return new RunCsvVersion(runId, run.ScopeId, tag, IsExact: run.State == RunState.Completed);
    }
}

/// <summary>The CSV that a run has now.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ScopeId">Its scope.</param>
/// <param name="Tag">Changes with the file.</param>
/// <param name="IsExact">Whether files of the same tag are the same byte by byte; that of a run that has not ended tells how long it has lasted.</param>
internal sealed record RunCsvVersion(Guid RunId, int ScopeId, string Tag, bool IsExact);
