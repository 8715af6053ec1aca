using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Importing;

/// <summary>
/// The chapter that ends what was read: copies that waited for better ones get their turn, and people whose last application has left
/// them go with it.
/// </summary>
internal sealed class ConcludingChapter : IChapter
{
    public RunPhase Phase => RunPhase.Concluding;

    public async IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var step = ImportStep.To(RunPhase.Concluding);
        if (run.Held.Count > 0)
        {
            yield return step with { Records = run.Held.Take() };
        }

        if (run.Seen.Values.SelectMany(seen => seen.Left()).Distinct().ToList() is { Count: > 0 } left)
        {
            yield return step with { Left = left };
        }

        if (run.Request.PlanDigest is not null)
        {
            yield return ImportStep.To(RunPhase.Comparing);
        }
    }
}
