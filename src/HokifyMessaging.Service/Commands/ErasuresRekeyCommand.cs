using HokifyMessaging.Service.Screens;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify erasures rekey</c>: changes the erasure key.</summary>
internal static class ErasuresRekeyCommand
{
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; otherwise the verb only says what it would do." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what was, or would be, changed as JSON." };

    public static Command Create()
    {
        var command = new Verb(
            "rekey",
            "Changes the erasure key, and keeps everybody out",
            new VerbHelp(
                "Changes the key, for the day on which somebody else may know it. Nobody knows any more what was hashed, so the hashes are hashed once more, with the new key. The old "
                + "key stays a part of the new one, and tells nothing by itself. Where the key is in a file, the file gets a new key behind the old one. Where it is in "
                + "Hokify:Privacy:ErasureKey, put the new one behind the old one yourself, with a comma between, before you run this. Backups and lists of the erased that were made "
                + "before still fit. Stop the services first, and keep a copy of the new key. It refuses while an import is at work; what was broken off goes on when it is run again. "
                + "Without --yes it only says what it would do; with it, it writes a line to the log on the error stream.")
            {
                Examples =
                [
                    ("hokify erasures rekey", "Says what would be changed."),
                    ("hokify erasures rekey --yes", "Changes it."),
                ],
                ExitCodes = [(ExitCode.Done, "changed, or told what would be"), (ExitCode.Failed, "the key or the database cannot be used, or an import is at work; the error stream says which")],
            })
        {
            Yes, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(Yes), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool isSure, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase(ErasuresCommand.LogWhatIsDone);
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var changed = await host.Services.GetRequiredService<ErasureRekeying>().ChangeAsync(isSure, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { Changed = isSure, changed.Place, changed.Hashes, NewKey = changed.Grows });
            return ExitCode.Done;
        }

        var place = VisibleText.Of(changed.Place);
        Terminal.Screen().Say((isSure, changed.Grows) switch
        {
            (true, true) => $"{place} has a new key; hashes of erased ids and addresses that were made anew: {ShownValue.Of(changed.Hashes)}. Keep a copy of it, and start the services again",
            (true, false) => $"The database has come up to {place}; hashes of erased ids and addresses that were made anew: {ShownValue.Of(changed.Hashes)}. Start the services again",
            (false, true) => $"{place} would get a new key; hashes of erased ids and addresses that would be made anew: {ShownValue.Of(changed.Hashes)}. Nothing was changed; --yes does it",
            (false, false) => $"The database would come up to {place}; hashes of erased ids and addresses that would be made anew: {ShownValue.Of(changed.Hashes)}. Nothing was changed; --yes does it",
        });
        return ExitCode.Done;
    }
}
