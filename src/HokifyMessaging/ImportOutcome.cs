using HokifyMessaging.Contracts;

namespace HokifyMessaging;

/// <summary>What one delivery of a request led to.</summary>
internal abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    /// <summary>The run has ended, now or earlier: its event is to be announced.</summary>
    public sealed record Completed(HokifyImportCompleted Event) : ImportOutcome;

    /// <summary>The slice is over and the run stands at its checkpoint: the same request is to be sent again.</summary>
    public sealed record Interrupted(Guid RunId) : ImportOutcome;

    /// <summary>The run stays in the database: another run of its scope is being worked on, and whoever finishes that sends this request again; or the host is stopping.</summary>
    public sealed record Waiting(Guid RunId) : ImportOutcome;

    /// <summary>Somebody has cancelled the run; it stands at its checkpoint until its request is published again.</summary>
    public sealed record Cancelled(Guid RunId) : ImportOutcome;

    /// <summary>Another worker took the scope over in the middle; this one has nothing more to say.</summary>
    public sealed record TakenOver(Guid RunId) : ImportOutcome;
}

/// <summary>How long one delivery may work.</summary>
/// <param name="Deadline">After this the run stops at its next checkpoint.</param>
/// <param name="Stopping">Fires when the host shuts down: the run stops at the checkpoint that it last committed.</param>
internal sealed record ImportSlice(DateTimeOffset Deadline, CancellationToken Stopping);

/// <summary>The run failed as a whole and stands at its checkpoint; the same request resumes it there.</summary>
public sealed class ImportFailedException(string message) : Exception(message);
