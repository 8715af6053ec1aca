using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Importing;

/// <summary>One chapter of an import. A run may be taken up in the middle of any of them.</summary>
internal interface IChapter
{
    /// <summary>The phase in which it is its turn.</summary>
    RunPhase Phase { get; }

    /// <summary>
    /// What is to be done, step by step: each has been committed before the next is asked for, and the last one leaves the phase. Only
    /// what is read ahead may not rely on that.
    /// </summary>
    IAsyncEnumerable<ImportStep> StepsAsync(RunInProgress run, CancellationToken cancellationToken);
}
