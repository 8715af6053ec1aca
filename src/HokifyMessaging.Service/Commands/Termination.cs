using System.Runtime.InteropServices;

namespace HokifyMessaging.Service.Commands;

/// <summary>Ctrl+C and SIGTERM, as a token. They are heard until the process is gone: one that comes twice, or late, changes nothing.</summary>
internal static class Termination
{
    private static readonly CancellationTokenSource Told = new();
    private static readonly List<PosixSignalRegistration> Heard = [];

    /// <returns>Fires when the process is told to end.</returns>
    public static CancellationToken Listen()
    {
        Heard.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear));
        Heard.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear));
        return Told.Token;
    }

    /// <summary>Nothing that happens because of a signal may keep its thread: others listen to it, too.</summary>
    private static void Hear(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _ = Told.CancelAsync();
    }
}
