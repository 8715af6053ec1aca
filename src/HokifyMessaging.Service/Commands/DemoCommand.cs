using HokifyMessaging.Service.Demo;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify demo</c>: the whole of it on this machine, each step held to what it promises.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var applications =
            new Option<int>("--applications") { Description = "How many applications hokify has, 50 to 100000.", DefaultValueFactory = _ => 500 }.Between(50, 100_000);
        var seed = new Option<int>("--seed") { Description = "Decides every name, date and answer.", DefaultValueFactory = _ => 1 };
        var keep = new Option<bool>("--keep") { Description = "Keep the folder with the database and print where it is." };
        var command = new Command(
            "demo",
            "Shows the import on this machine, with nothing else installed: a sandbox of hokify, an in-memory bus and a SQLite file in a temporary folder. "
            + "Exit code 0 only if each step came out as it says, otherwise 1.")
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
