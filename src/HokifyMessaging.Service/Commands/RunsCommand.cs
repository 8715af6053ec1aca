using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify runs</c>: what was imported, and what became of one run.</summary>
internal static class RunsCommand
{
    private static readonly Option<int?> Scope = new("--scope") { Description = "Only runs of this scope.", HelpName = "id" };

    private static readonly Option<RunState?> State = new("--state") { Description = "Only runs in this state." };

    private static readonly Option<bool> Failed = new("--failed") { Description = "Only runs that failed as a whole and stand still since." };

    private static readonly Option<DateTimeOffset?> Since = SinceOption.Create("Only runs that were asked for since then; with --failed, those that failed since then", TimeProvider.System);

    private static readonly Option<int> Limit =
        new Option<int>("--limit") { Description = "The most to list, 1 to 1000.", HelpName = "n", DefaultValueFactory = _ => 20 }.Between(1, 1000);

    private static readonly Option<Guid?> After = new("--after") { Description = "Only runs behind this one, by its id.", HelpName = "id" };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    public static readonly Argument<string> IdOrKey = new("id-or-key") { Description = "The run's id or its idempotency key." };

    public static readonly Option<int?> ScopeOfKey = new("--scope") { Description = "The scope of the run, where several scopes have one of that key.", HelpName = "id" };

    public static Command Create()
    {
        var show = new Verb(
            "show",
            "Shows everything about one run",
            new VerbHelp("Shows everything about one run: who asked for it, what it read, what came of it, why it failed, and the records of it that wait to be tried again.")
            {
                Examples =
                [
                    ("hokify runs show nightly-2026-02-15", "By its key; an id will do as well."),
                    ("hokify runs show nightly-2026-02-15 --scope 2 --json", "That of scope 2, for a script."),
                ],
                ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.Failed, "there is no such run, or the database cannot be read")],
            })
        {
            IdOrKey, ScopeOfKey,
        };
        show.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => ShowAsync(RunName.Of(parsed), parsed.GetValue(Json), cancellationToken), cancellationToken));

        var verb = new Verb(
            "runs",
            "Lists the runs of the database, newest first",
            new VerbHelp(
                "Lists the runs in the configured database, newest first: what was asked for by whom, how it stands, how long it took, and why it failed. A run is one import; "
                + "its commands show everything about one, and mend what has gone wrong.")
            {
                Examples =
                [
                    ("hokify runs", "The newest 20."),
                    ("hokify runs --failed --since 2h", "What failed in the last two hours and has not gone on since."),
                    ("hokify runs --scope 2 --since 2026-11-25 --limit 1000 --json", "What scope 2 was asked for since that day, for a script."),
                ],
                ExitCodes = [(ExitCode.Done, "listed, also where no run matches"), (ExitCode.Failed, "the database cannot be read; the error stream says why")],
            })
        {
            Scope, State, Failed, Since, After, Limit, Json, show, RunsExportCommand.Create(), RunsRetryCommand.Create(), RunsAnnounceCommand.Create(), RunsPlanCommand.Create(),
        };
        verb.Validators.Add(result =>
        {
            if (result.GetValue(Failed) && result.GetResult(State) is not null)
            {
                result.AddError("--failed means --state Failed; give one of them.");
            }
        });
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ListAsync(FilterOf(parsed), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    /// <summary>Of runs that failed, when they did counts, and not when somebody asked for them.</summary>
    private static RunFilter FilterOf(ParseResult parsed)
    {
        var (failed, since) = (parsed.GetValue(Failed), parsed.GetValue(Since));
        return new RunFilter
        {
            ScopeId = parsed.GetValue(Scope),
            State = failed ? RunState.Failed : parsed.GetValue(State),
            From = failed ? null : since,
            StoppedFrom = failed ? since : null,
            After = parsed.GetValue(After),
            Limit = parsed.GetValue(Limit),
        };
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

        RunsScreen.List(Terminal.Screen(), runs);
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

        RunsScreen.Show(Terminal.Screen(), run);
        return ExitCode.Done;
    }
}
