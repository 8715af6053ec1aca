using HokifyMessaging.Contracts;

namespace HokifyMessaging.Runs;

/// <summary>What a request whose key has been looked up leads to.</summary>
internal abstract record RunOpening
{
    private RunOpening()
    {
    }

    /// <summary>This worker holds the lease: work.</summary>
    public sealed record Claimed(RunInProgress Run) : RunOpening;

    /// <summary>It is not the run's turn: it stays in the database until whoever leaves the scope sends its request.</summary>
    /// <param name="RunId">The run.</param>
    /// <param name="Next">To be sent, where nobody works on the scope and nobody has sent it.</param>
    public sealed record Waiting(Guid RunId, Nudge? Next = null) : RunOpening;

    /// <summary>The program had sent the request to itself, and by now the run has ended, failed or been cancelled.</summary>
    /// <param name="Next">To be sent, where the turn came with this request.</param>
    public sealed record NothingToDo(Nudge? Next = null) : RunOpening;

    /// <summary>The run has ended earlier: announce what is stored.</summary>
    /// <param name="Event">What is stored.</param>
    /// <param name="Next">To be sent, where the turn came with this request.</param>
    public sealed record AlreadyCompleted(HokifyImportCompleted Event, Nudge? Next = null) : RunOpening;
}
