using HokifyMessaging.Planning;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Writing;

/// <summary>The activity logs that wait: records that failed, when they are tried again, and how they left the ledger.</summary>
internal sealed class RetryLedger(IOptions<HokifyOptions> options, TimeProvider clock)
{
    private readonly RetrySchedule _schedule = new(
        options.Value.Ledger.FirstInterval, options.Value.Ledger.LongestInterval, options.Value.Ledger.MaximumRetries);

    /// <summary>The entries of a scope that are due and that this run has not tried yet, oldest first.</summary>
    /// <param name="db">The database.</param>
    /// <param name="run">The run that tries them.</param>
    /// <param name="most">How many, at most.</param>
    /// <param name="mostCharacters">How long their records may be together, but for the last one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<ActivityLog>> DueAsync(HokifyDbContext db, RunInProgress run, int most, int mostCharacters, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = db.ActivityLogs.AsNoTracking()
            .Where(l => l.ScopeId == run.Request.ScopeId && l.Status == ActivityStatus.Open && l.DueAt <= now && l.LastRunId != run.RunId)
            .OrderBy(l => l.DueAt)
            .ThenBy(l => l.Id)
            .Take(most)
            .AsAsyncEnumerable();
        var entries = new List<ActivityLog>();
        var characters = 0L;
        await foreach (var entry in due.WithCancellation(cancellationToken))
        {
            entries.Add(entry);
            characters += entry.Data!.Length;
            if (characters >= mostCharacters)
            {
                break;
            }
        }

        return entries;
    }

    /// <summary>The entries that wait under any of these references.</summary>
    public static async Task<Dictionary<string, ActivityLog>> WaitingAsync(
        HokifyDbContext db, int scopeId, IEnumerable<string> references, CancellationToken cancellationToken) =>
        await db.ActivityLogs
            .Where(l => l.ScopeId == scopeId && (l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked))
            .WithIdIn(db, l => l.ReferenceId, references)
            .ToDictionaryAsync(l => l.ReferenceId, cancellationToken);

    /// <summary>
    /// Whether an application that the source delivered settles the entry that waits under its id. A copy that is older
    /// than the one that waits, or that changed nothing and may be older, does not: an old file must not close it.
    /// </summary>
    public static bool IsSettledBy(ActivityLog entry, ApplicationPlan plan) => plan switch
    {
        ApplicationPlan.Store { Profile: ElementPlan.Create or ElementPlan.Update } => !(plan.Application.Version < entry.Version),
        ApplicationPlan.Store { Profile: ElementPlan.Unchanged } => plan.Application.Version >= entry.Version,
        ApplicationPlan.Withhold => true,
        _ => false,
    };

    /// <summary>The record is in the database, or a newer copy of it is.</summary>
    public void Close(ActivityLog entry, RunInProgress run, long? elementId, bool superseded)
    {
        entry.Status = superseded ? ActivityStatus.Superseded : ActivityStatus.Closed;
        entry.ElementId = elementId ?? entry.ElementId;
        entry.DateExecuted = clock.GetUtcNow();
        entry.DueAt = null;
        entry.Data = null;
        entry.ResultCode = 0;
        entry.ResultData = null;
        entry.LastRunId = run.RunId;
    }

    /// <summary>Writes a failure down, or brings the entry up to date that the record already has.</summary>
    public async Task RecordAsync(HokifyDbContext db, RunInProgress run, RecordFailure failure, ImportTally tally, CancellationToken cancellationToken)
    {
        var waiting = await WaitingAsync(db, run.Request.ScopeId, [failure.ReferenceId], cancellationToken);
        if (waiting.TryGetValue(failure.ReferenceId, out var entry))
        {
            FailAgain(entry, run, failure, tally);
        }
        else
        {
            Enter(db, run, failure, tally);
        }
    }

    /// <summary>A record fails for the first time.</summary>
    public ActivityLog Enter(HokifyDbContext db, RunInProgress run, RecordFailure failure, ImportTally tally)
    {
        var entry = new ActivityLog
        {
            ScopeId = run.Request.ScopeId,
            RunId = run.RunId,
            Name = failure.Name,
            Status = ActivityStatus.Open,
            ReferenceId = failure.ReferenceId,
            ElementName = failure.Element,
            Command = ActivityNames.Command,
            Date = clock.GetUtcNow(),
        };
        db.ActivityLogs.Add(entry);
        run.MayHaveWaiting = true;
        Describe(entry, run, failure, tally);
        return entry;
    }

    /// <summary>A record fails that waits already: because its retry failed, or because the source delivered it again.</summary>
    public void FailAgain(ActivityLog entry, RunInProgress run, RecordFailure failure, ImportTally tally)
    {
        if (entry.LastRunId == run.RunId)
        {
            // Tried and counted in this run already: the source delivered what the ledger had just tried, or delivered it twice.
            tally.Count(Stat.Duplicates);
            return;
        }

        if (run.Phase == RunPhase.Retrying)
        {
            entry.RetryCount++;
        }

        if (failure.Version < entry.Version)
        {
            // An old file fails as well; what waits is the newer copy, and it goes on waiting.
            entry.LastRunId = run.RunId;
            Count(failure, tally);
            return;
        }

        Describe(entry, run, failure, tally);
    }

    private static void Count(RecordFailure failure, ImportTally tally)
    {
        tally.Count(failure.Name == ActivityNames.Rejected ? Stat.Rejected : Stat.Failed);
        tally.Fail(failure.Element, failure.ToException());
    }

    private void Describe(ActivityLog entry, RunInProgress run, RecordFailure failure, ImportTally tally)
    {
        var now = clock.GetUtcNow();
        entry.Name = failure.Name;
        entry.PersonReferenceId = failure.Person?.Value ?? entry.PersonReferenceId;
        entry.Version = failure.Version;
        entry.Data = failure.Payload;
        entry.ResultCode = failure.HResult;
        entry.ResultData = failure.Message;
        entry.DateExecuted = now;
        entry.LastRunId = run.RunId;

        var wasParked = entry.Status == ActivityStatus.Parked;
        switch (failure.Park || wasParked ? new RetryDecision.Park() : _schedule.Decide(entry.RetryCount))
        {
            case RetryDecision.Retry(var interval):
                entry.RetryInterval = (int)Math.Ceiling(interval.TotalSeconds);
                entry.DueAt = now + interval;
                break;
            case RetryDecision.Park:
                entry.Status = ActivityStatus.Parked;
                entry.DueAt = null;
                tally.Count(Stat.Parked, wasParked ? 0 : 1);
                break;
        }

        Count(failure, tally);
    }
}
