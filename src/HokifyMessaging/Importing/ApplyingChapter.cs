using System.Linq.Expressions;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Importing;

/// <summary>
/// The chapter of a run that applies a plan in which it writes what the plan says. The source is not asked again: what was shown is what is written. Erasures come first, so
/// that nobody is written who is to be erased, and what is gone goes last, as in any import.
/// </summary>
internal sealed class ApplyingChapter(FencedTransactions transactions, IOptions<HokifyOptions> options) : IChapter
{
    private readonly int _atATime = options.Value.Import.BatchSize;

    public RunPhase Phase => RunPhase.Applying;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var step = ImportStep.To(RunPhase.Applying);
        await foreach (var some in LeftAsync(run, e => e.Kind == PlannedChange.Erased, cancellationToken))
        {
            yield return step with { Records = [.. some.Select(RecordOf)], Erasing = some };
        }

        await foreach (var some in LeftAsync(run, e => e.ElementName == ElementNames.CandidateProfile && (e.Kind == PlannedChange.Created || e.Kind == PlannedChange.Updated || e.Kind == PlannedChange.Confirmed), cancellationToken))
        {
            yield return step with { Planned = [.. await PeopleAsync(run, some, cancellationToken), .. some] };
        }

        await foreach (var some in LeftAsync(run, e => e.ElementName == ElementNames.Candidate && e.Kind != PlannedChange.Deleted, cancellationToken))
        {
            yield return step with { Planned = some };
        }

        await foreach (var some in LeftAsync(run, e => e.Kind == PlannedChange.Deleted, cancellationToken))
        {
            yield return step with { Planned = some };
        }

        await foreach (var some in LeftAsync(run, e => e.Kind == PlannedChange.Refused, cancellationToken))
        {
            yield return step with { Planned = some };
        }
    }

    private static SourceRecord RecordOf(PlanEntry entry)
    {
        var position = FormattableString.Invariant($"entry {entry.Number} of the plan");
        return new SourceRecord(position, ApplicationPayload.Read(entry.Payload!, position)) { IsDecided = true };
    }

    private async IAsyncEnumerable<List<PlanEntry>> LeftAsync(RunInProgress run, Expression<Func<PlanEntry, bool>> isOfStage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var last = 0L; ;)
        {
            var from = last;
            var some = await transactions.ReadAsync(
                (db, token) => db.PlanEntries.AsNoTracking().Where(e => e.RunId == run.RunId && e.Number > from && !e.IsApplied && e.Difference == null).Where(isOfStage)
                    .OrderBy(e => e.Number).Take(_atATime).ToListAsync(token),
                cancellationToken);
            if (some.Count == 0)
            {
                yield break;
            }

            yield return some;
            last = some[^1].Number;
        }
    }

    /// <summary>The people of some applications, as far as they are left to be written: they go together.</summary>
    private Task<List<PlanEntry>> PeopleAsync(RunInProgress run, List<PlanEntry> applications, CancellationToken cancellationToken) => transactions.ReadAsync(
        (db, token) => Lookups.ListAsync(
            applications.Select(e => e.PersonReferenceId).OfType<string>(),
            some => db.PlanEntries.AsNoTracking().Where(e => e.RunId == run.RunId && e.ElementName == ElementNames.Candidate && some.Contains(e.ReferenceId)
                && e.Kind != PlannedChange.Deleted && !e.IsApplied && e.Difference == null),
            token),
        cancellationToken);
}
