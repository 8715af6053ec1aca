using System.CommandLine;

namespace HokifyMessaging.Service.Commands;

/// <summary>The verbs of the executable; without one it serves.</summary>
internal static class HokifyCommand
{
    /// <summary>A host that stops takes its time to reach a checkpoint; the command line must not cut it short.</summary>
    private static readonly TimeSpan TerminationTimeout = TimeSpan.FromMinutes(11);

    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Imports job applications from hokify into an applicant database, asked by messages.")
        {
            ServeCommand.Create(),
        };
        root.SetAction((_, cancellationToken) => ServeCommand.RunAsync(cancellationToken));
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TerminationTimeout });
    }
}
