using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs</c>: what was imported, and what became of one run.</summary>
internal static class RunsCommand
{
    private static readonly Option<int?> Scope = new("--scope") { Description = "Only runs of this scope." };

    private static readonly Option<RunState?> State = new("--state") { Description = "Only runs in this state." };

    private static readonly Option<int> Limit =
        new Option<int>("--limit") { Description = "The most to list, 1 to 1000.", DefaultValueFactory = _ => 20 }.Between(1, 1000);

    private static readonly Option<Guid?> After = new("--after") { Description = "Only runs behind this one, by its id." };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    public static readonly Argument<string> IdOrKey = new("id-or-key") { Description = "The run's id or its idempotency key." };

    public static readonly Option<int?> ScopeOfKey = new("--scope") { Description = "The scope of the run, where several scopes have one of that key." };

    public static Command Create()
    {
        var show = new Command("show", "Shows everything about one run, with the records of it that wait to be tried again. Exit code 0, or 1 when there is no such run.") { IdOrKey, ScopeOfKey };
        show.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => ShowAsync(RunName.Of(parsed), parsed.GetValue(Json), cancellationToken), cancellationToken));

        var command = new Command("runs", "Lists the runs in the configured database, newest first. Exit code 0, or 1 when the database cannot be read.") { Scope, State, After, Limit, Json, show, RunsAnnounceCommand.Create(), RunsRetryCommand.Create() };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => ListAsync(
                new RunFilter { ScopeId = parsed.GetValue(Scope), State = parsed.GetValue(State), After = parsed.GetValue(After), Limit = parsed.GetValue(Limit) },
                parsed.GetValue(Json),
                cancellationToken),
            cancellationToken));
        return command;
    }


    private static async Task<int> ListAsync(RunFilter filter, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var runs = await host.Services.GetRequiredService<RunQueries>().ListAsync(filter, cancellationToken);
        if (runs.Count == 0 && filter.ScopeId is { } scope)
        {
            await KnownScope.RequireAsync(host, scope, cancellationToken);
        }

        if (json)
        {
            CommandHost.WriteJson(runs);
            return ExitCode.Done;
        }

        var screen = Terminal.Screen();
        var table = new Table().Border(TableBorder.Ascii);
        foreach (var column in new[] { "id", "key", "scope", "mode", "state", "phase", "created", "duration" })
        {
            table.AddColumn(column);
        }

        foreach (var column in new[] { "fetched", "ok", "errors" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var run in runs)
        {
            table.AddRow(
                run.RunId.ToString(),
                Terminal.Plain(run.IdempotencyKey),
                Text(run.ScopeId),
                Mode(run),
                run.State.ToString(),
                run.Phase,
                Text(run.CreatedAt),
                Duration(run),
                Text(run.Fetched),
                Text(run.OkCount),
                Text(run.ErrorCount));
        }

        screen.Write(table);
        if (runs.Count == 0)
        {
            screen.WriteLine("No run matches.");
        }

        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(RunName name, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        var run = await name.FindAsync(host, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(run);
            return ExitCode.Done;
        }

        var screen = Terminal.Screen();
        Write(screen, run);
        ResultTable.Write(screen, run.Result);
        WriteWaiting(screen, run);
        return ExitCode.Done;
    }

    private static void Write(IAnsiConsole screen, RunDetails run)
    {
        var facts = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Fact("id", run.Summary.RunId.ToString());
        Fact("key", run.Summary.IdempotencyKey);
        Fact("scope", Text(run.Summary.ScopeId));
        Fact("mode", Mode(run.Summary));
        Fact("from", run.UnixSecondsFrom is { } seconds ? seconds.ToString(CultureInfo.InvariantCulture) : null);
        Fact("requested by", run.Summary.RequestedBy);
        Fact("state", $"{run.Summary.State}, phase {run.Summary.Phase}");
        Fact("window", run.WindowTo is { } to ? $"{(run.WindowFrom is { } from ? Text(from) : "everything")} to {Text(to)}" : null);
        Fact("created", Text(run.Summary.CreatedAt));
        Fact("started", Text(run.Summary.StartedAt));
        Fact("completed", Text(run.Summary.CompletedAt));
        Fact("duration", Duration(run.Summary));
        Fact("announced", Text(run.AnnouncedAt));
        Fact("last sent again or stopped", Text(run.NudgedAt));
        Fact("checkpoint", run.Checkpoint);
        Fact("fence", run.Fence.ToString(CultureInfo.InvariantCulture));
        Fact("failures as a whole", Text(run.Failures));
        Fact("last failure", run.Summary.Failure);
        Fact("hokify said", run.SourceSaid);
        Fact("resumes", Text(run.ResumeAt));
        screen.Write(facts);

        void Fact(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                facts.AddRow(name, Terminal.Plain(value));
            }
        }
    }

    private static void WriteWaiting(IAnsiConsole screen, RunDetails run)
    {
        if (run.WaitingCount == 0)
        {
            return;
        }

        screen.WriteLine(run.WaitingCount == run.Waiting.Count
            ? "These records wait to be tried again:"
            : $"{Text(run.WaitingCount)} records wait to be tried again; the first {Text(run.Waiting.Count)}:");
        var table = new Table().Border(TableBorder.Ascii).AddColumns("reference id", "element", "state", "retries", "due", "reason");
        foreach (var record in run.Waiting)
        {
            table.AddRow(
                Terminal.Plain(record.ReferenceId),
                Terminal.Plain(record.ElementName),
                record.Parked ? "parked" : "open",
                Text(record.RetryCount),
                Text(record.DueAt),
                Terminal.Plain(record.Reason));
        }

        screen.Write(table);
        if (run.Waiting.Any(record => record.Parked))
        {
            screen.WriteLine($"What is parked is tried again after 'hokify runs retry {run.Summary.RunId}'.");
        }
    }

    private static string Mode(RunSummary run) => run.DryRun ? $"{run.ImportMode}, dry" : run.ImportMode.ToString();

    private static string Duration(RunSummary run) => run.DurationMilliseconds is { } milliseconds
        ? TimeSpan.FromMilliseconds(milliseconds).ToString(@"d\.hh\:mm\:ss\.fff", CultureInfo.InvariantCulture).TrimStart('0', '.')
        : "";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset? instant) => instant is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "";
}
