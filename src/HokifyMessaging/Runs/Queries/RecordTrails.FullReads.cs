using HokifyMessaging.Planning;
using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs.Queries;

/// <content>
/// Who found an application without having to do anything about it: a full import that read to the end and left nothing that it missed has met all that was stored when it began.
/// </content>
internal sealed partial class RecordTrails
{
    /// <summary>The newest is the one that matters; where the guard kept what it missed, the one before.</summary>
    private const int FullReadsLooked = 5;

    private static async Task<List<FullRead>> FullReadsAsync(HokifyDbContext db, int scopeId, List<StoredRow> applications, CancellationToken cancellationToken)
    {
        if (applications.TrueForAll(row => row.IsDeleted))
        {
            return [];
        }

        var windows = await CoverageQueries.Windows(db, scopeId).ToListAsync(cancellationToken);
        var whole = windows.Where(run => run is { ImportMode: ImportMode.Full, State: RunState.Completed, IsWhole: true }).Select(run => run.Id).Take(FullReadsLooked);
        var runs = await Lookups.ListAsync(
            whole, some => db.ImportRuns.Where(r => some.Contains(r.Id)).Select(r => new { r.Id, r.IdempotencyKey, r.StartedAt, r.CompletedAt, r.CompletedEvent }), cancellationToken);
        return [.. runs.Where(run => LeftNothing(run.CompletedEvent)).OrderByDescending(run => run.StartedAt)
            .Select(run => new FullRead(run.StartedAt!.Value, new FoundAgain(run.Id, run.IdempotencyKey, run.CompletedAt!.Value)))];
    }

    private static FoundRecord FoundAgainBy(FoundRecord found, List<FullRead> fullReads) => found.Fate != RecordFate.Stored ? found
        : found with { FoundAgain = fullReads.Find(read => read.StartedAt > found.ChangedAt && read.StartedAt > (found.Events is [var last, ..] ? last.At : DateTimeOffset.MinValue))?.Run };

    /// <summary>Whether its event says nothing of what was missing and kept. Of many sentences the event has the first alone: then nobody knows.</summary>
    private static bool LeftNothing(string? completedEvent) =>
        RunStore.EventOf(completedEvent)?.Result.Exceptions.GetValueOrDefault(ElementNames.CandidateProfile) is var sentences
        && (sentences is null || (sentences.Count < ImportTally.ExceptionsKept && sentences.All(sentence => sentence.Source != nameof(DeletionGuard))));

    private sealed record FullRead(DateTimeOffset StartedAt, FoundAgain Run);
}
