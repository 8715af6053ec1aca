using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Importing;

/// <summary>The chapter of a full import that deletes softly what its source no longer has, as far as the guard allows.</summary>
internal sealed class DeletingChapter(MissingApplications missing, IOptions<HokifyOptions> options) : IChapter
{
    private readonly ImportOptions _options = options.Value.Import;

    public RunPhase Phase => RunPhase.Deleting;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var conclude = ImportStep.To(RunPhase.Concluding);
        if (!MissingApplications.MayBeDeleted(run))
        {
            yield return conclude;
            yield break;
        }

        var (active, ids) = await missing.FindAsync(run, cancellationToken);
        var guard = new DeletionGuard(_options.DeletionGuardShare, _options.DeletionGuardMinimum, run.Request.AllowDeletions);
        if (guard.Decide(active, ids.Count, run.Tally.Stats[Stat.Fetched], EvidenceOf(run)) is DeletionDecision.Refused(var reason))
        {
            yield return conclude with { Read = Refusal(reason), Marks = [RecordKeys.Kept] };
            yield break;
        }

        // A run that only plans marks nothing, so a slice that ended in the middle would count the first half again.
        foreach (var some in ids.Chunk(run.IsPlanning ? int.MaxValue : _options.BatchSize))
        {
            yield return ImportStep.To(some[^1] == ids[^1] ? RunPhase.Concluding : RunPhase.Deleting) with { Missing = some };
        }

        if (ids.Count == 0)
        {
            yield return conclude;
        }
    }

    private static AbsenceEvidence EvidenceOf(RunInProgress run) =>
        run.Seen[RunPhase.Reading].Contains(RecordKeys.Unidentified) || run.Seen[RunPhase.Confirming].Contains(RecordKeys.Unidentified) ? AbsenceEvidence.Ambiguous
            : run.Seen[RunPhase.Confirming].Contains(RecordKeys.Unproven) ? AbsenceEvidence.Unproven
            : run.MayHaveOthers ? AbsenceEvidence.ElsewhereBefore
            : AbsenceEvidence.Proven;

    private static ImportTally Refusal(string reason)
    {
        var tally = new ImportTally();
        tally.Fail(ElementNames.CandidateProfile, new ImportException
        {
            ClassName = typeof(InvalidOperationException).FullName!,
            Message = reason,
            HResult = new InvalidOperationException().HResult,
            Source = nameof(DeletionGuard),
        });
        return tally;
    }
}
