using HokifyMessaging.Service.Demo;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify demo</c>: the whole of it on this machine, each step held to what it promises.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var applications =
            new Option<int>("--applications") { Description = "How many applications hokify has, 50 to 100000.", HelpName = "n", DefaultValueFactory = _ => 500 }.Between(50, 100_000);
        var seed = new Option<int>("--seed") { Description = "Decides every name, date and answer.", HelpName = "n", DefaultValueFactory = _ => 1 };
        var keep = new Option<bool>("--keep") { Description = "Keep the folder with the database and print where it is." };
        var command = new Verb(
            "demo",
            "Shows all of it on this machine, with nothing installed",
            new VerbHelp(
                "Shows imports on this machine, with nothing else installed: a hokify with made-up applications, a bus in memory and a SQLite file in a temporary folder, "
                + "which goes at the end. Imports everything, asks for the same again, lets time pass, imports the changes and what was withdrawn, and looks after each step "
                + "whether it came out as promised. Your own configuration and database play no part.")
            {
                Examples =
                [
                    ("hokify demo", "With 500 applications; takes some seconds."),
                    ("hokify demo --applications 20000 --keep", "With more, and the database is there afterwards."),
                ],
                ExitCodes = [(ExitCode.Done, "each step came out as it says"), (ExitCode.Failed, "one did not; the error stream says which")],
            })
        {
            applications, seed, keep,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            async () =>
            {
                var screen = new DemoScreen(Terminal.Screen());
                var demonstration = new Demonstration(screen, parsed.GetValue(applications), parsed.GetValue(seed));
                return await demonstration.RunAsync(parsed.GetValue(keep), cancellationToken) ? ExitCode.Done : ExitCode.Failed;
            },
            cancellationToken));
        return command;
    }
}
