using HokifyMessaging.Backups;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify restore</c>: a backup in the place of the SQLite database.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string> File = new("file") { Description = "A backup that 'hokify backup' has made." };

    private static readonly Option<string[]?> Erasures = new("--erasures")
    {
        Description = "A list that 'hokify erasures export' has written: whoever is on it is erased in the restored database, too. May be given several times.",
        HelpName = "file",
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; otherwise the verb only says what it would do." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what was, or would be, done as JSON." };

    public static Command Create()
    {
        var command = new Verb(
            "restore",
            "Puts a backup in the place of the SQLite database",
            new VerbHelp(
                "Checks a backup as 'hokify backup verify' does, erases in it whoever was erased since it was made, as far as the database that it replaces and the lists of --erasures "
                + "tell, and puts it in the place of the configured database, at once: whatever happens meanwhile, the old one or the new one is there, whole. Refuses while anybody works "
                + "on a scope or has the database open, so stop 'hokify serve' first, and run this as its user. The erasure key must be the one that belongs to the backup. Tells "
                + "which events have gone out that the restored database does not know of, and from where each scope is read again. Without --yes it only says what it would do.")
            {
                Examples =
                [
                    ("hokify restore /backup/hokify-2026-02-15.zip", "Says what would become of the database."),
                    ("hokify restore /backup/hokify-2026-02-15.zip --erasures /backup/erasures.json --yes", "Does it."),
                ],
                ExitCodes = [(ExitCode.Done, "restored, or told what would be"), (ExitCode.Failed, "it was not restored, and the database is as it was; the error stream says why")],
            })
        {
            File, Erasures, Yes, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(File)!, parsed.GetValue(Erasures) ?? [], parsed.GetValue(Yes), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, string[] lists, bool isSure, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        DatabasePlace.RequireSqlite(host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value, "'hokify restore' restores");
        var overlap = host.Services.GetRequiredService<IOptions<HokifyOptions>>().Value.Import.Overlap;
        var erasures = new List<ErasureList>();
        foreach (var list in lists)
        {
            erasures.Add(await ErasuresImportCommand.ReadAsync(list, "--erasures", cancellationToken));
        }

        var restored = await host.Services.GetRequiredService<DatabaseRestore>().RestoreAsync(Path.GetFullPath(path), erasures, isSure, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new
            {
                Restored = restored.WasRestored,
                restored.Database,
                Backup = new { restored.Manifest.TakenAt, restored.Manifest.Version, restored.Manifest.Rows },
                restored.Replaced,
                restored.Erased,
                Scopes = restored.Scopes.Select(scope => new { scope.ScopeId, scope.Watermark, ReadAgainFrom = scope.Watermark - overlap, UnfinishedRuns = scope.Unfinished }),
                restored.Runs,
                RefusedNow = restored.AtWork,
            });
        }
        else
        {
            RestoreScreen.Show(Terminal.Screen(), restored, overlap);
        }

        return ExitCode.Done;
    }
}
