using HokifyMessaging.Backups;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Import;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify erasures export</c>: who was erased, as a file of hashes.</summary>
internal static class ErasuresExportCommand
{
    private const string StandardOutput = "-";

    private static readonly Argument<string> File = new("file") { Description = "The file to write, which must not exist yet, or - for standard output." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what was written as JSON." };

    public static Command Create()
    {
        var command = new Verb(
            "export",
            "Writes who was erased to a file, as hashes",
            new VerbHelp(
                "Writes the list of the erased, from SQLite or SQL Server: a keyed hash for each of their ids and addresses, from which nobody reads either, and which erasure key the "
                + "hashes were made with. 'hokify erasures import' and 'hokify restore --erasures' read it, so that no backup brings back who was erased after it was made.")
            {
                Examples =
                [
                    ("hokify erasures export /backup/erasures.json", "Every day, beside the backups; before a restore, from the database that goes."),
                    ("hokify erasures export -", "To the output."),
                ],
                ExitCodes = [(ExitCode.Done, "written"), (ExitCode.Failed, "the database or the file cannot be used; nothing is left of it")],
            })
        {
            File, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(File)!, parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string path, bool json, CancellationToken cancellationToken)
    {
        var toOutput = path == StandardOutput;
        if (toOutput && json)
        {
            throw new VerbException("--json and the list itself cannot both go to standard output; name a file, or leave --json out.");
        }

        var file = toOutput ? null : new OutputFile(path, "FILE");
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var list = await host.Services.GetRequiredService<ErasureLists>().ExportAsync(cancellationToken);
        await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), Deed.ExportErasures(list.Erasures.Count), cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        if (file is null)
        {
            await using var output = Console.OpenStandardOutput();
            await list.WriteAsync(output, now, cancellationToken);
            return ExitCode.Done;
        }

        await file.WriteAsync(stream => list.WriteAsync(stream, now, cancellationToken), "The list of the erased is not written");
        if (json)
        {
            CommandHost.WriteJson(new { File = file.FullPath, Hashes = list.Erasures.Count, list.ErasureKey });
        }
        else
        {
            Terminal.Screen().Say($"Written: {file.FullPath}, hashes of erased ids and addresses: {list.Erasures.Count}");
        }

        return ExitCode.Done;
    }
}
