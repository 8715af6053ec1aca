using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Importing;

/// <summary>
/// The chapter of a run that applies a plan in which it sees whether the plan that it has just made is the one that was asked for. Where it is not, all differences are
/// noted, and the run ends as refused before anything is written; asked again, it ends so again.
/// </summary>
internal sealed class ComparingChapter(StoredPlans plans, IOptions<HokifyOptions> options) : IChapter
{
    private readonly int _atATime = options.Value.Import.BatchSize;

    public RunPhase Phase => RunPhase.Comparing;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var refused = ImportStep.To(RunPhase.Comparing) with { Retracts = true };
        if (await plans.WholeAsync(run, cancellationToken) is not { } asked)
        {
            yield return refused;
            throw new PlanRefusedException("The plan is no longer whole, because somebody in it was erased or it was kept long enough, and nothing was written. Make a new plan with a dry run.");
        }

        if (await plans.DigestAsync(run, cancellationToken) == run.Request.PlanDigest)
        {
            yield return ImportStep.To(RunPhase.Applying);
            yield break;
        }

        if (run.IsPlanTooLarge)
        {
            yield return refused;
            throw new PlanRefusedException("The import would now change more rows than a plan may have (Hokify:Import:LargestPlan), and nothing was written.");
        }

        var differences = await plans.CompareAsync(run, asked, cancellationToken);
        foreach (var some in differences.Chunk(_atATime))
        {
            yield return ImportStep.To(RunPhase.Comparing) with { Differences = some };
        }

        yield return refused;
        throw new PlanRefusedException(StoredPlans.Sentence(differences));
    }
}
