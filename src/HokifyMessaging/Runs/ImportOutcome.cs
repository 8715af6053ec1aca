namespace HokifyMessaging.Runs;

/// <summary>What one delivery of a request led to.</summary>
internal abstract record ImportOutcome
{
    private ImportOutcome()
    {
    }

    /// <summary>The run's turn has come and this worker holds the lease. Only the opening of a run answers so; what the work leads to is one of the others.</summary>
    public sealed record Claimed(RunInProgress Run) : ImportOutcome;

    /// <summary>The run has ended here and left its scope: its event is to be announced.</summary>
    public sealed record Completed(HokifyImportCompleted Event) : ImportOutcome;

    /// <summary>The run had ended earlier: its event is to be announced again, and no turn is passed but one that came with the request.</summary>
    /// <param name="Event">What is stored.</param>
    /// <param name="Next">To be sent, where the turn came with this request.</param>
    public sealed record WasCompleted(HokifyImportCompleted Event, Nudge? Next = null) : ImportOutcome;

    /// <summary>The run failed as a whole and left its scope; it stands at its checkpoint, and the same request resumes it there.</summary>
    /// <param name="Reason">One sentence.</param>
    public sealed record Failed(string Reason) : ImportOutcome
    {
        /// <summary>The run, where it could not be stored that it failed; it goes on when its lease has run out.</summary>
        public Guid? UntoldRun { get; init; }
    }

    /// <summary>The slice is over and the run stands at its checkpoint: it is its turn again.</summary>
    public sealed record Interrupted(Guid RunId) : ImportOutcome;

    /// <summary>The run stays in the database: it is not its turn, and whoever leaves the scope sends its request; or the host is stopping.</summary>
    /// <param name="RunId">The run.</param>
    /// <param name="Next">To be sent, where nobody works on the scope and nobody has sent it.</param>
    public sealed record Waiting(Guid RunId, Nudge? Next = null) : ImportOutcome;

    /// <summary>The program had sent the request to itself, and by now the run has ended, failed or been cancelled.</summary>
    /// <param name="Next">To be sent, where the turn came with this request.</param>
    public sealed record NothingToDo(Nudge? Next = null) : ImportOutcome;

    /// <summary>Somebody has cancelled the run; it stands at its checkpoint until its request is published again.</summary>
    public sealed record Cancelled(Guid RunId) : ImportOutcome;

    /// <summary>Another worker took the scope over in the middle; this one has nothing more to say.</summary>
    public sealed record TakenOver(Guid RunId) : ImportOutcome;
}
