using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Runs;

/// <summary>What a step has counted, as whoever watches the program sees it. Told when the step is committed, so nothing is counted that is not so.</summary>
internal static class StepFigures
{
    public static void Tell(RunInProgress run, ImportTally tally, RunPhase? after)
    {
        if (!ImportMetrics.CountsRecords)
        {
            return;
        }

        // What a plan has counted is so when it is the one that was asked for.
        tally = run is { Request.PlanDigest: not null, Phase: RunPhase.Comparing } && after == RunPhase.Applying ? run.Tally : tally;
        ImportMetrics.TriedAgain(ImportMetrics.OfRecord, tally.Stats.GetValueOrDefault(Stat.Retried));

        // A dry run changes nothing, and what it would have changed comes again with the run that does.
        if (!run.IsPlanning)
        {
            Tell(ImportMetrics.Created, tally.Created);
            Tell(ImportMetrics.Updated, tally.Updated);
            Tell(ImportMetrics.Deleted, tally.Deleted);
            Tell(ImportMetrics.Unchanged, tally.Unchanged);
            Tell(ImportMetrics.InError, tally.Failed);
        }

        void Tell(string outcome, SortedDictionary<string, int> counts)
        {
            foreach (var (element, count) in counts)
            {
                ImportMetrics.RecordsBecame(run.Request.ScopeId, element, outcome, count);
            }
        }
    }

    /// <summary>A phase, as attributes have it.</summary>
    public static string Named(this RunPhase phase) => phase switch
    {
        RunPhase.Retrying => "retrying",
        RunPhase.Reading => "reading",
        RunPhase.Confirming => "confirming",
        RunPhase.Deleting => "deleting",
        RunPhase.Comparing => "comparing",
        RunPhase.Applying => "applying",
        _ => "concluding",
    };
}
