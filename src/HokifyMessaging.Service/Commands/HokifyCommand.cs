namespace HokifyMessaging.Service.Commands;

/// <summary>The verbs of the executable; without one it serves.</summary>
internal static class HokifyCommand
{
    /// <param name="args">The verb and its options.</param>
    /// <param name="cancellationToken">Fires when the process is told to end.</param>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var parsed = Parse(args);
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

    /// <summary>Understands a command line. A word that begins with <c>@</c> names no file with more of it: <c>@hourly</c> is a time.</summary>
    public static ParseResult Parse(IReadOnlyList<string> args) => Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    public static RootCommand Create()
    {
        var groups = Groups();
        var root = new RootCommand(
            "Imports job applications from hokify into a database of applicants. Without a verb it serves. Configuration comes from appsettings.json and the "
            + "environment (Hokify__Import__BatchSize) and, in the environment Development, from user secrets.");
        foreach (var verb in groups.SelectMany(group => group.Verbs).Where(verb => !verb.Parents.Any()))
        {
            root.Add(verb);
        }

        root.Options.OfType<VersionOption>().Single().Action = new Version();
        root.SetAction((_, cancellationToken) => ServeCommand.RunAsync(folder: null, cancellationToken));
        new HelpPage(groups).ReplaceIn(root);
        return root;
    }

    /// <summary>The verbs by what one wants, each with a line.</summary>
    private static IReadOnlyList<VerbGroup> Groups()
    {
        var (runs, scopes, schedules) = (RunsCommand.Create(), ScopesCommand.Create(), SchedulesCommand.Create());
        return
        [
            new("Run",
            [
                ServeCommand.Create(),
                ImportCommand.Create(),
                RequestCommand.Create(),
                DemoCommand.Create(),
            ]),
            new("Look",
            [
                runs,
                Of(runs, "show"),
                FindCommand.Create(),
                scopes,
                schedules,
                QueuesCommand.Create(),
                AuditCommand.Create(),
            ]),
            new("Repair",
            [
                ReplayCommand.Create(),
                Of(runs, "retry"),
                Of(runs, "announce"),
                Of(scopes, "set-watermark"),
                Of(schedules, "pause"),
                Of(schedules, "resume"),
            ]),
            new("Keep",
            [
                BackupCommand.Create(),
                RestoreCommand.Create(),
                ErasuresCommand.Create(),
            ]),
            new("People",
            [
                PeopleCommand.Create(),
                RetentionCommand.Create(),
            ]),
            new("Set up",
            [
                DoctorCommand.Create(),
                MigrateCommand.Create(),
                KeysCommand.Create(),
                SandboxCommand.Create(),
                CompletionCommand.Create(),
            ]),
        ];

        static Command Of(Command verb, string name) => verb.Subcommands.Single(sub => sub.Name == name);
    }

    private static IEnumerable<string> Verb(System.CommandLine.Parsing.CommandResult? result)
    {
        for (; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            yield return result.Parent is null ? "hokify" : result.Command.Name;
        }
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
}
