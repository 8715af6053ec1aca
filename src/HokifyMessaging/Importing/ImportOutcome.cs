using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;

namespace HokifyMessaging.Importing;

/// <summary>What one delivery of a request led to.</summary>
internal abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    /// <summary>The run has ended here and left its scope: its event is to be announced.</summary>
    public sealed record Completed(HokifyImportCompleted Event) : ImportOutcome;

    /// <summary>The run had ended earlier: its event is to be announced again, and no turn is passed but one that came with the request.</summary>
    public sealed record WasCompleted(HokifyImportCompleted Event, Nudge? Next) : ImportOutcome;

    /// <summary>The run failed as a whole and left its scope; it stands at its checkpoint, and the same request resumes it there.</summary>
    public sealed record Failed(string Reason) : ImportOutcome;

    /// <summary>The slice is over and the run stands at its checkpoint: it is its turn again.</summary>
    public sealed record Interrupted(Guid RunId) : ImportOutcome;

    /// <summary>The run stays in the database: it is not its turn, and whoever leaves the scope sends its request; or the host is stopping.</summary>
    public sealed record Waiting(Guid RunId, Nudge? Next = null) : ImportOutcome;

    /// <summary>The program had sent the request to itself, and nobody needs it any more.</summary>
    public sealed record NothingToDo(Nudge? Next) : ImportOutcome;

    /// <summary>Somebody has cancelled the run; it stands at its checkpoint until its request is published again.</summary>
    public sealed record Cancelled(Guid RunId) : ImportOutcome;

    /// <summary>Another worker took the scope over in the middle; this one has nothing more to say.</summary>
    public sealed record TakenOver(Guid RunId) : ImportOutcome;
}

/// <summary>How long one delivery may work.</summary>
/// <param name="Deadline">After this the run stops at its next checkpoint.</param>
/// <param name="Stopping">Fires when the host shuts down: the run stops at the checkpoint that it last committed.</param>
internal sealed record ImportSlice(DateTimeOffset Deadline, CancellationToken Stopping);

/// <summary>The fault that publishers and operators see: the run failed as a whole, or its request could not be stored; the same request goes on with it.</summary>
public sealed class ImportFailedException(string message) : Exception(VisibleText.Of(message));
