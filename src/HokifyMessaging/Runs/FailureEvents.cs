using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>Events that tell of failures, as publishers and subscribers get them: bounded, and with nothing in them that cannot be seen.</summary>
internal static class FailureEvents
{
    /// <summary>The longest reason that travels.</summary>
    public const int ReasonLength = 1_000;

    private const string WasCancelled = "Somebody asked that the import stop. It stands at its checkpoint; the same request again has it go on there.";

    /// <summary>What the run's columns say of an end that is none.</summary>
    /// <param name="run">The run, which has just failed or was cancelled.</param>
    /// <param name="happened">By what.</param>
    /// <param name="now">When.</param>
    public static HokifyImportFailed Of(ImportRun run, RunEvent happened, DateTimeOffset now)
    {
        var (kind, resumesAt) = (run.State, run.ResumeAt, happened) switch
        {
            (RunState.Cancelled, _, _) => (FailureKind.Cancelled, (DateTimeOffset?)null),
            (_, _, RunEvent.PlanRefused) => (FailureKind.Refused, null),
            (_, null, _) => (FailureKind.GaveUp, null),

            // Not at an instant, but when its scope is back.
            (_, _, RunEvent.Refused) => (FailureKind.Failed, null),
            var (_, at, _) => (FailureKind.Failed, at),
        };
        return Bounded(new HokifyImportFailed
        {
            RunId = run.Id,
            IdempotencyKey = run.IdempotencyKey,
            ScopeId = run.ScopeId,
            Kind = kind,
            Reason = kind == FailureKind.Cancelled ? WasCancelled : run.Failure!,
            At = now,
            ResumesAt = resumesAt,
        });
    }

    /// <summary>The event as it may travel.</summary>
    public static HokifyImportFailed Bounded(HokifyImportFailed failed) => failed with
    {
        IdempotencyKey = failed.IdempotencyKey is { } key ? VisibleText.Of(key, HokifyDbContext.KeyLength) : null,
        Reason = VisibleText.Of(failed.Reason, ReasonLength),
        At = failed.At.ToUniversalTime(),
        ResumesAt = failed.ResumesAt?.ToUniversalTime(),
    };
}
