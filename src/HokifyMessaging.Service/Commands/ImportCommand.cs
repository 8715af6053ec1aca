using HokifyMessaging.Importing;
using HokifyMessaging.Privacy;
using HokifyMessaging.Receiving;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Import;
using HokifyMessaging.Service.Monitoring;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify import</c>: one import in this process, against the configured database.</summary>
internal static class ImportCommand
{
    private static readonly Option<string?> File = new("--file")
    {
        Description = "A CSV file, a folder with *.csv files, or - for standard input, instead of a configured source. The scope must be one that is not configured.",
        HelpName = "path",
    };

    private static readonly Option<string?> Csv = new("--csv") { Description = "Write what became of the applications to this file, which must not exist yet: the CSV of the run, or a sheet if it ends in .xlsx.", HelpName = "path" };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the completion event as JSON." };

    public static Command Create()
    {
        var command = new Verb(
            "import",
            "Runs one import here and now, without a service",
            new VerbHelp(
                "Runs one import in this process, without a broker and without a server, against the configured database, which is a SQLite file in this folder unless you say otherwise. "
                + "It reads the scope that is configured, or with --file a CSV file without any configuration. Beside a running service it waits for its turn. Ctrl+C stops it at a "
                + "checkpoint and says how to go on. Progress goes to the error stream and the result to the output.")
            {
                Examples =
                [
                    ("hokify import --file applications.csv", "A CSV file; again, it changes nothing that has not changed."),
                    ("hokify import --mode Full --csv run.csv", "Everything of scope 1, and what became of each application as a CSV."),
                    ("hokify import --scope 2 --dry-run", "What an import of scope 2 would do."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "completed without errors"),
                    (ExitCode.Failed, "it was refused, failed or was cancelled; the error stream says why"),
                    (ExitCode.CompletedWithErrors, "completed, and some of its records are in error"),
                ],
            })
        {
            File, Csv, Json,
        };
        RequestOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var request = RequestOptions.Of(parsed);
        ImportRequestCheck.Require(request, TimeProvider.System.GetUtcNow());
        var csv = parsed.GetValue(Csv) is { } csvPath ? new OutputFile(csvPath, "--csv") : null;
        var builder = CommandHost.CreateBuilder();
        using var file = parsed.GetValue(File) is { } path
            ? await FileScope.AddAsync(builder.Configuration, request.ScopeId, path, Terminal.In, stop)
            : null;
        var screen = new ImportScreen(request, HowToGoOn(parsed, request));
        builder.Logging.AddProvider(screen.Logs);
        builder.Services.AddHokifyMessaging();
        builder.Services.AddTransportOptions();
        builder.AddCollector();
        using var host = builder.Build();
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        DatabasePlace.RequireLasting(host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value);
        var checkedRequest = Checked(request, host.Services.GetRequiredService<IOptions<HokifyOptions>>().Value);
        await host.Services.PrepareDatabaseAsync(stop);
        using var watched = new WatchedImport(host.Services);

        var place = new ForegroundPlace(
            IsAlone: file is not null, HasBroker: host.Services.GetRequiredService<IOptions<TransportOptions>>().Value.Kind != TransportKind.InMemory);
        var runs = host.Services.GetRequiredService<RunQueries>();
        var expected = file?.CountRecordsAsync(stop) ?? runs.ExpectedAsync(checkedRequest, stop);
        var importing = host.Services.GetRequiredService<ForegroundImport>().RunAsync(checkedRequest, place, screen.Tell, stop);
        var end = await screen.FollowAsync(importing, runs, expected);
        return await FinishAsync(end, host, screen, csv, parsed.GetValue(Json));
    }

    private static ImportRequest Checked(HokifyImportRequested request, HokifyOptions hokify)
    {
        try
        {
            return ImportRequest.From(request, request.IdempotencyKey!, hokify.Scopes.Keys, TimeProvider.System.GetUtcNow());
        }
        catch (RequestRefusedException refusal) when (refusal.Member == nameof(HokifyImportRequested.ScopeId))
        {
            throw new VerbException($"{refusal.Message} Configure it, as README.md shows, or name a CSV with --file, which needs no configuration.");
        }
    }

    private static async Task<int> FinishAsync(ForegroundEnd end, IHost host, ImportScreen screen, OutputFile? csv, bool json)
    {
        if (end is not ForegroundEnd.Completed completed)
        {
            await screen.TellEndAsync(end);
            return end is ForegroundEnd.Stopped ? ExitCode.Interrupted : ExitCode.Failed;
        }

        if (csv is not null)
        {
            var (files, format) = (host.Services.GetRequiredService<RunFiles>(), RunFileFormat.OfEnding(csv.FullPath) ?? RunFileFormat.Csv);
            var values = files.ValuesFor(FileReader.Command);
            var deed = Deed.TakeFile(completed.Event.ScopeId, completed.RunId, format.Name, values == PeopleValues.Masked);
            await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), deed, CancellationToken.None);

            // What was imported is imported, whatever becomes of the file: Ctrl+C must not leave half of it.
            await csv.WriteAsync(
                stream => files.WriteAsync(completed.RunId, format, values, stream, CancellationToken.None),
                $"The import is completed (run {completed.RunId}), but its file is not written");
        }

        if (json)
        {
            CommandHost.WriteJson(completed.Event);
        }
        else
        {
            var output = Terminal.Screen();
            output.Say(ImportScreen.Completed(completed));
            ResultTable.Write(output, completed.Event.Result);
        }

        return completed.Event.Result.ErrorCount == 0 ? ExitCode.Done : ExitCode.CompletedWithErrors;
    }

    /// <summary>The command line that goes on with the same run.</summary>
    private static string HowToGoOn(ParseResult parsed, HokifyImportRequested request)
    {
        var again = $"hokify import {RequestOptions.Text(request)}";
        return parsed.GetValue(File) switch
        {
            null => $"'{again}'",
            "-" => $"'{again} --file -', with the same data,",
            var file => $"'{again} --file {Terminal.Argument(file)}'",
        };
    }
}
