using HokifyMessaging.Backups;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Import;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify backup</c>: the SQLite database as a file, while others work on it; and whether such a file can be restored.</summary>
internal static class BackupCommand
{
    private static readonly Argument<string> File = new("file") { Description = "The backup to make; a file that exists is left alone." };

    private static readonly Argument<string> Made = new("file") { Description = "A backup that is there." };

    private static readonly Option<bool> Verify = new("--verify") { Description = "Restore the backup aside when it is made, and check it." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what the backup says of itself as JSON." };

    public static Command Create()
    {
        var verify = new Verb(
            "verify",
            "Checks a backup that is there, by restoring it aside",
            new VerbHelp(
                "Restores a backup into a folder for temporary files (TMPDIR names another), and checks it there: its checksums, SQLite's own integrity check, whether all rows refer "
                + "to rows that are there, the schema, and how many rows each table has. It needs no database and no erasure key, and changes nothing. Where the backup lies and what "
                + "it is called makes no difference.")
            {
                Examples = [("hokify backup verify /backup/hokify-2026-02-15.zip", "Whether it can be restored by this version.")],
                ExitCodes = [(ExitCode.Done, "it can be restored"), (ExitCode.Failed, "it cannot; the error stream says why")],
            })
        {
            Made, Json,
        };
        verify.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => VerifyAsync(parsed.GetValue(Made)!, parsed.GetValue(Json), cancellationToken), cancellationToken));
        var command = new Verb(
            "backup",
            "Makes a backup of the SQLite database, beside a service",
            new VerbHelp(
                "Copies the SQLite database as it is at one instant, while others read and write it, and makes one file of it that is yours alone: a zip with the database, its checksums "
                + "(SHA256SUMS) and what the backup says of itself (manifest.json: version, schema, rows, who worked on which scope, which runs were not finished). The file is there "
                + "whole or not at all. Neither the erasure key nor the keys of download links are in it: keep the erasure key, at another place. SQL Server has its own means.")
            {
                Examples =
                [
                    ("hokify backup /backup/hokify-2026-02-15.zip --verify", "Makes it, and restores it aside to be sure of it."),
                    ("hokify backup verify /backup/hokify-2026-02-15.zip", "Checks one that is there."),
                ],
                ExitCodes = [(ExitCode.Done, "the backup is there"), (ExitCode.Failed, "it could not be made, and nothing is left of it; or it is there and cannot be restored")],
            })
        {
            File, Verify, Json, verify,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(File)!, parsed.GetValue(Verify), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, bool isVerified, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        var database = host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        DatabasePlace.RequireSqlite(database, "'hokify backup' makes");
        DatabasePlace.RequireLasting(database);
        if (isVerified && System.IO.File.Exists(path))
        {
            throw new VerbException($"FILE names {Path.GetFullPath(path)}, which exists already and is left alone; 'hokify backup verify {Terminal.Argument(path)}' checks it, and another name makes another one.");
        }

        var file = new OutputFile(path, "FILE");
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        BackupManifest? manifest = null;
        await file.WriteAsync(
            async stream =>
            {
                manifest = await host.Services.GetRequiredService<DatabaseBackup>().WriteAsync((FileStream)stream, $"{file.FullPath}.{Guid.NewGuid():N}", cancellationToken);

                // The file gets its name behind this: there is no backup that is not noted, and no note of one that could not be made.
                await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), Deed.TakeBackup(), cancellationToken);
            },
            "The backup is not made");
        if (isVerified)
        {
            await DatabaseBackup.VerifyAsync(file.FullPath, cancellationToken);
        }

        Show(isVerified ? "Made and verified" : "Made", file.FullPath, manifest!, json);
        return ExitCode.Done;
    }

    private static async Task<int> VerifyAsync(string path, bool json, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(path);
        Show("Verified", file, await DatabaseBackup.VerifyAsync(file, cancellationToken), json);
        return ExitCode.Done;
    }

    private static void Show(string done, string file, BackupManifest manifest, bool json)
    {
        var bytes = new FileInfo(file).Length;
        if (json)
        {
            CommandHost.WriteJson(new { File = file, Bytes = bytes, Verified = done != "Made", Manifest = manifest });
            return;
        }

        BackupScreen.Show(Terminal.Screen(), done, file, bytes, manifest);
    }
}
