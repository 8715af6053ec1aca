namespace HokifyMessaging.Service.Commands;

/// <summary>The verbs of the executable; without one it serves.</summary>
internal static class HokifyCommand
{
    /// <param name="args">The verb and its options.</param>
    /// <param name="cancellationToken">Fires when the process is told to end.</param>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors.Select(e => CommandErrors.Misspelt(e.Message)).Distinct())
            {
                await Terminal.TellAsync(error);
            }

            await Terminal.TellAsync($"See '{string.Join(' ', Verb(parsed.CommandResult).Reverse())} --help'.");
            return ExitCode.Failed;
        }

        // The parser's own way to end a process keeps the signal's thread until the verb is through.
        var configuration = new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
            Output = Terminal.Out,
            Error = Terminal.Error,
        };
        return await parsed.InvokeAsync(configuration, cancellationToken);
    }

    private static RootCommand Create()
    {
        var root = new RootCommand(
            "Imports job applications from hokify into an applicant database, asked by messages. Without a verb it serves. "
            + "Configuration comes from appsettings.json, the environment (Hokify__Import__BatchSize) and, in the environment Development, user secrets.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            ImportCommand.Create(),
            RequestCommand.Create(),
            ReplayCommand.Create(),
            RunsCommand.Create(),
            QueuesCommand.Create(),
            SandboxCommand.Create(),
            MigrateCommand.Create(),
            KeysCommand.Create(),
            ErasuresCommand.Create(),
        };
        root.Options.OfType<VersionOption>().Single().Action = new Version();
        root.SetAction((_, cancellationToken) => ServeCommand.RunAsync(cancellationToken));
        return root;
    }

    /// <summary>The version alone, for people and scripts; the framework's own adds the commit.</summary>
    private sealed class Version : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            Terminal.Out.WriteLine(ProductVersion.Text);
            return ExitCode.Done;
        }
    }

    private static IEnumerable<string> Verb(System.CommandLine.Parsing.CommandResult? result)
    {
        for (; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            yield return result.Parent is null ? "hokify" : result.Command.Name;
        }
    }
}
