using HokifyMessaging.Service.Screens;
using HokifyMessaging.Writing;
using Microsoft.Extensions.Logging.Console;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify erasures</c>: what keeps erased people out.</summary>
internal static class ErasuresCommand
{
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; otherwise the verb only says what it would do." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what was, or would be, deleted as JSON." };

    public static Command Create()
    {
        var forget = new Verb(
            "forget-key",
            "Gives the erasure key up for lost, and makes a new start",
            new VerbHelp(
                "Says that the erasure key is lost for good: deletes the hashes that nobody can use without it, so that the service starts again, with a new key. "
                + "Whoever they kept out can be imported again. Refuses while the key is there. Without --yes it only says what it would do; with it, it writes a line to the "
                + "log on the error stream.")
            {
                Examples =
                [
                    ("hokify erasures forget-key", "Says what would be deleted."),
                    ("hokify erasures forget-key --yes", "Deletes it."),
                ],
                ExitCodes = [(ExitCode.Done, "done, or told what would be"), (ExitCode.Failed, "the key is not lost, or the database cannot be used; the error stream says which")],
            })
        {
            Yes,
            Json,
        };
        forget.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => ForgetAsync(parsed.GetValue(Yes), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return new Verb(
            "erasures",
            "Looks after what keeps erased people out",
            new VerbHelp(
                "Whoever is erased leaves keyed hashes in the database, by which no later import brings them back. These commands take them to another database, such as a restored "
                + "one, and look after their key.")
            {
                Examples =
                [
                    ("hokify erasures export /backup/erasures.json", "Writes who was erased."),
                    ("hokify erasures import /backup/erasures.json", "Erases them in this database."),
                    ("hokify erasures rekey", "Says what changing the key would do."),
                    ("hokify erasures forget-key", "Says what giving the key up for lost would delete."),
                ],
            })
        {
            ErasuresExportCommand.Create(),
            ErasuresImportCommand.Create(),
            ErasuresRekeyCommand.Create(),
            forget,
        };
    }

    private static async Task<int> ForgetAsync(bool isSure, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase(LogWhatIsDone);
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var forgotten = await host.Services.GetRequiredService<ErasureKeys>().ForgetAsync(isSure, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { Deleted = isSure, forgotten.Hashes, forgotten.PutAside });
            return ExitCode.Done;
        }

        Terminal.Screen().Say(isSure
            ? $"Deleted hashes of erased ids and addresses: {forgotten.Hashes}; the next start takes the key that it finds, or makes one"
            : $"Hashes of erased ids and addresses that --yes would delete: {forgotten.Hashes}; whoever they keep out could then be imported again. Nothing was changed");
        if (forgotten.PutAside is { } aside)
        {
            Terminal.Screen().Say($"The file that held no key is now {VisibleText.Of(aside)}");
        }

        return ExitCode.Done;
    }

    /// <summary>Who gave up what is kept where the service's log is: on the error stream, in the form of its other lines.</summary>
    public static void LogWhatIsDone(HostApplicationBuilder builder)
    {
        builder.Logging.AddConsole();
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft", LogLevel.None);
    }
}
