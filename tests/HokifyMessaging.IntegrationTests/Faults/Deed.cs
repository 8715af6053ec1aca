using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>One thing that somebody does in a round.</summary>
/// <param name="After">Milliseconds since the deed before it in its lane.</param>
internal abstract record Deed(int After)
{
    /// <summary>A new request.</summary>
    public sealed record Ask(int After, int Number, int ScopeId, ImportMode Mode, int? DaysBack, bool DryRun) : Deed(After);

    /// <summary>A request that was sent before, word for word.</summary>
    public sealed record AskAgain(int After, int Choice) : Deed(After);

    /// <summary>The key of a request that was sent before, with another content.</summary>
    public sealed record AskOtherwise(int After, int Choice) : Deed(After);

    public sealed record Kill(int After, int Away) : Deed(After);

    /// <summary>SIGSTOP, and SIGCONT a while later.</summary>
    public sealed record Pause(int After, int For) : Deed(After);

    public sealed record Terminate(int After, int Away) : Deed(After);

    /// <summary>Kills the process, and asks the next one to end so many milliseconds after it was started.</summary>
    public sealed record TerminateYoung(int After, int Age) : Deed(After);

    public sealed record StopBroker(int After) : Deed(After);

    public sealed record KillBroker(int After) : Deed(After);

    public sealed record PauseBroker(int After, int For) : Deed(After);

    public sealed record CutConnections(int After) : Deed(After);

    public sealed record FailHokify(int After, SandboxFaultKind Kind, int Times, int ServedBefore) : Deed(After);

    public sealed record MoveHokify(int After, int ScopeId, int New, int Changed, int Withdrawn, int Erased) : Deed(After);

    public sealed record LockDatabase(int After, int For) : Deed(After);
}
