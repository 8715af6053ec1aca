using HokifyMessaging.Backups;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify erasures import</c>: erases in this database whom a list of another one names.</summary>
internal static class ErasuresImportCommand
{
    private const string StandardInput = "-";

    private static readonly Argument<string> File = new("file") { Description = "A list that 'hokify erasures export' has written, or - for standard input." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what was erased as JSON." };

    public static Command Create()
    {
        var command = new Verb(
            "import",
            "Erases whom a list of another database names",
            new VerbHelp(
                "Erases in the configured database, SQLite or SQL Server, whoever is on the list and still there, and keeps the hashes, so that no later import brings anybody back. "
                + "Meant for a restored backup of SQL Server, and for a new database in the place of an old one. To do it again changes nothing. The list must have been made with the "
                + "erasure key of this database. It takes the turn of an import in each scope, and refuses while one is at work.")
            {
                Examples =
                [
                    ("hokify erasures import /backup/erasures.json", "Behind a restore, before the service starts."),
                    ("gunzip --stdout erasures.json.gz | hokify erasures import -", "From the input."),
                ],
                ExitCodes = [(ExitCode.Done, "done, also where nobody of the list was there"), (ExitCode.Failed, "the list or the database cannot be used, or an import is at work; the error stream says which")],
            })
        {
            File, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(File)!, parsed.GetValue(Json), cancellationToken), cancellationToken));
        return command;
    }

    /// <summary>Reads a list.</summary>
    /// <param name="path">As the command line names it.</param>
    /// <param name="argument">What does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VerbException">There is no such file.</exception>
    public static async Task<ErasureList> ReadAsync(string path, string argument, CancellationToken cancellationToken)
    {
        if (path == StandardInput)
        {
            await using var input = Terminal.In();
            return await ErasureList.ReadAsync(input, "Standard input", cancellationToken);
        }

        var file = Path.GetFullPath(path);
        if (!System.IO.File.Exists(file))
        {
            throw new VerbException($"{argument} names {file}, which {(Directory.Exists(file) ? "is a folder" : "does not exist")}; name a list that 'hokify erasures export' has written.");
        }

        await using var stream = System.IO.File.OpenRead(file);
        return await ErasureList.ReadAsync(stream, file, cancellationToken);
    }

    private static async Task<int> RunAsync(string path, bool json, CancellationToken cancellationToken)
    {
        var list = await ReadAsync(path, "FILE", cancellationToken);
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var told = await host.Services.GetRequiredService<ErasureLists>().ImportAsync(list, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { Scopes = told.Select(scope => new { scope.ScopeId, scope.Erased.Hashes, scope.Erased.People, scope.Erased.Applications }) });
            return ExitCode.Done;
        }

        foreach (var (scopeId, erased) in told)
        {
            Terminal.Screen().Say($"Scope {ShownValue.Of(scopeId)}: erased people {ShownValue.Of(erased.People)}, applications {ShownValue.Of(erased.Applications)}; hashes that are new here: {ShownValue.Of(erased.Hashes)}");
        }

        if (told.Count == 0)
        {
            Terminal.Screen().Say("Nobody is on the list");
        }

        return ExitCode.Done;
    }
}
