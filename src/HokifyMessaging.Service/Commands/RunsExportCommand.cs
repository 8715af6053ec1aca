using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Import;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs export</c>: a run as a file, for programs or for people.</summary>
internal static class RunsExportCommand
{
    private const string StandardOutput = "-";

    private static readonly Argument<string> File = new("file") { Description = "The file to write, which must not exist yet, or - for standard output." };

    private static readonly Option<string?> Format = KnownFormat();

    public static Command Create()
    {
        var command = new Verb(
            "export",
            "Writes a run as a file: its CSV, or a sheet for people",
            new VerbHelp(
                "Writes a run as a file that is yours alone, because it shows people: csv is for programs, csv-excel the same rows as Excel opens them with a double click, and xlsx "
                + "a sheet with a row for each application that the run changed or could not store. A file that exists is left alone.")
            {
                Examples =
                [
                    ("hokify runs export nightly-2026-02-15 nightly.xlsx", "The sheet, as the file's ending says."),
                    ("hokify runs export nightly-2026-02-15 nightly.csv --format csv-excel", "All columns, for Excel."),
                ],
                ExitCodes = [(ExitCode.Done, "written"), (ExitCode.Failed, "there is no such run, or the file cannot be written; nothing is left of it")],
            })
        {
            RunsCommand.IdOrKey, File, Format, RunsCommand.ScopeOfKey,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(RunName.Of(parsed), parsed.GetValue(File)!, parsed.GetValue(Format), parsed.GetValue(RunsCommand.Json), cancellationToken), cancellationToken));
        return command;
    }

    private static Option<string?> KnownFormat()
    {
        var option = new Option<string?>("--format")
        {
            Description = $"{RunFileFormat.Names}; by the file's ending unless given, and csv for standard output.",
            HelpName = "format",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && RunFileFormat.Of(token.Value) is null)
            {
                result.AddError($"--format is '{token.Value}'; it must be {RunFileFormat.Names}.");
            }
        });
        return option;
    }

    private static async Task<int> RunAsync(RunName name, string path, string? format, bool json, CancellationToken cancellationToken)
    {
        var toOutput = path == StandardOutput;
        var wanted = format is not null ? RunFileFormat.Of(format)! : toOutput ? RunFileFormat.Csv : OfEnding(path);
        if (toOutput && json)
        {
            throw new VerbException("--json and the file itself cannot both go to standard output; name a file, or leave --json out.");
        }

        var file = toOutput ? null : new OutputFile(path, "FILE");
        using var database = CommandHost.BuildWithDatabase();
        var run = (await name.FindAsync(database, cancellationToken)).Summary;
        var files = database.Services.GetRequiredService<RunFiles>();
        var values = files.ValuesFor(FileReader.Command);
        await database.Services.GetRequiredService<AuditLog>().NoteAsync(
            Actor.OfUser(), Deed.TakeFile(run.ScopeId, run.RunId, wanted.Name, values == PeopleValues.Masked), cancellationToken);
        if (file is null)
        {
            await using var output = Console.OpenStandardOutput();
            await files.WriteAsync(run.RunId, wanted, values, output, cancellationToken);
            return ExitCode.Done;
        }

        await file.WriteAsync(stream => files.WriteAsync(run.RunId, wanted, values, stream, cancellationToken), $"The {wanted.Name} file of run {run.RunId} is not written");
        if (json)
        {
            CommandHost.WriteJson(new { run.RunId, run.IdempotencyKey, Format = wanted.Name, File = file.FullPath });
        }
        else
        {
            Terminal.Screen().Say($"Written: {file.FullPath}, run {run.RunId} as {wanted.Name}");
        }

        return ExitCode.Done;
    }

    private static RunFileFormat OfEnding(string path) =>
        RunFileFormat.OfEnding(path)
        ?? throw new VerbException($"FILE is '{path}', whose ending names no format; end it in .csv or .xlsx, or say which one with --format {RunFileFormat.Names}.");
}
