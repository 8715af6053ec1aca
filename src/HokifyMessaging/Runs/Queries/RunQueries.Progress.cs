using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <content>How runs stand, for those who follow them.</content>
internal sealed partial class RunQueries
{
    /// <summary>How these runs stand now, in one look-up however many they are; without those that are not there.</summary>
    /// <param name="runIds">The runs.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<IReadOnlyDictionary<Guid, RunProgress>> ProgressAsync(IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken)
    {
        const int AtATime = 500;
        var found = new Dictionary<Guid, RunProgress>();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        foreach (var some in runIds.Chunk(AtATime))
        {
            var rows = await db.ImportRuns.AsNoTracking().Where(r => EF.Parameter(some).Contains(r.Id)).ToListAsync(cancellationToken);
            var unattended = await UnattendedAsync(db, rows, cancellationToken);
            foreach (var row in rows)
            {
                found[row.Id] = new RunProgress(Summary(row, ResultOf(row), unattended), row.ResumeAt);
            }
        }

        return found;
    }

    /// <summary>About how many records a request for everything brings: as many as the last one did. Null for a request for what has changed, and where there is none yet.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public async Task<int?> ExpectedAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        const int Looked = 20;
        if (request.ImportMode != ImportMode.Full)
        {
            return null;
        }

        var last = await ListAsync(new RunFilter { ScopeId = request.ScopeId, State = RunState.Completed, Limit = Looked }, cancellationToken);
        return last.FirstOrDefault(run => run.ImportMode == ImportMode.Full)?.Fetched;
    }

    /// <summary>How a run stands, for somebody who waits for its end: what the database fails for a passing reason is asked again. Null when there is none.</summary>
    internal Task<RunStatusView?> StatusAsync(Guid runId, CancellationToken cancellationToken) => retries.ExecuteAsync(
        async token =>
        {
            await using var db = await contexts.CreateDbContextAsync(token);
            var run = await db.ImportRuns.AsNoTracking().Where(r => r.Id == runId)
                .Select(r => new { r.State, r.CompletedEvent, r.Failure, r.ResumeAt }).SingleOrDefaultAsync(token);
            return run is null ? null : new RunStatusView(run.State, RunStore.EventOf(run.CompletedEvent), run.Failure, run.ResumeAt);
        },
        cancellationToken);
}

/// <summary>How a run stands.</summary>
/// <param name="Summary">What a list shows of it.</param>
/// <param name="ResumeAt">When a failed run is resumed; null when it waits for somebody to ask, or did not fail.</param>
internal sealed record RunProgress(RunSummary Summary, DateTimeOffset? ResumeAt)
{
    /// <summary>Whether nothing more will happen unless somebody asks.</summary>
    public bool IsOver => Summary.State is RunState.Completed or RunState.Cancelled || (Summary.State == RunState.Failed && ResumeAt is null);
}

/// <summary>How a run stands that somebody waits for.</summary>
/// <param name="State">Where it is in its life.</param>
/// <param name="Completed">Its event, once it is completed.</param>
/// <param name="Failure">Why it failed the last time.</param>
/// <param name="ResumeAt">When a failed run is resumed without being asked; null otherwise.</param>
internal sealed record RunStatusView(RunState State, HokifyImportCompleted? Completed, string? Failure, DateTimeOffset? ResumeAt);
