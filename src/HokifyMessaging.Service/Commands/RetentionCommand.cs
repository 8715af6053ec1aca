using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify retention</c>: what is kept for how long, and what of it is due.</summary>
internal static class RetentionCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    private static readonly Option<int?> Scope = new("--scope") { Description = "Only this scope.", HelpName = "id", Recursive = true };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it. Without it the verb asks on a terminal, and elsewhere only says what it would do." };

    public static Command Create()
    {
        var run = new Verb(
            "run",
            "Forgets now what has been kept long enough",
            new VerbHelp(
                "Does now what the service does once a day, whether it is switched on there (Hokify:Retention:Enabled) or not: shows how much is due, asks, and forgets it for good. It works in "
                + "small transactions between which imports go on, and waits for one that is at work in the scope. What it has forgotten no import, replay, old file or restored backup brings back. A SQLite file in which "
                + "somebody was erased or forgotten since is written anew (Database:LargestRewrite), with --yes also where nothing is due.")
            {
                Examples =
                [
                    ("hokify retention run", "Shows how much is due, and asks."),
                    ("hokify retention run --scope 1 --yes", "In one scope, without asking."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "forgotten, or told what would be"),
                    (ExitCode.Failed, "something was not forgotten: the answer was no, an import was at work for too long, or the database cannot be used; the error stream says which"),
                ],
            })
        {
            Yes,
        };
        run.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed, cancellationToken), cancellationToken));

        var verb = new Verb(
            "retention",
            "Shows what is kept for how long, and what is due",
            new VerbHelp(
                "Shows of each scope for how long its applications are kept, how many are due now and within 30 days, how many are on hold, and what the daily job did last. For how long they "
                + "are kept, the settings say (Hokify:Scopes:1:Retention); the job forgets nothing before Hokify:Retention:Enabled is true.")
            {
                Examples = [("hokify retention", "All scopes."), ("hokify retention --scope 1 --json", "One of them, for a script.")],
                ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.Failed, "the settings are wrong, or the database cannot be read; the error stream says why")],
            })
        {
            Json, Scope, run,
        };
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ShowAsync(parsed, cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        var standings = await StandingsAsync(host, parsed.GetValue(Scope), cancellationToken);
        if (parsed.GetValue(Json))
        {
            CommandHost.WriteJson(new { IsEnabled = IsEnabled(host), Scopes = standings });
        }
        else
        {
            RetentionScreen.Show(Terminal.Screen(), standings, IsEnabled(host));
        }

        return ExitCode.Done;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var json = parsed.GetValue(Json);
        using var host = CommandHost.BuildWithDatabase();
        var standings = await StandingsAsync(host, parsed.GetValue(Scope), cancellationToken);
        await host.Services.GetRequiredService<ErasureKeys>().RequireAsync(cancellationToken);
        if (!json)
        {
            RetentionScreen.Show(Terminal.Screen(), standings, IsEnabled(host));
        }

        var due = standings.SelectMany(standing => standing.Counts).Sum(count => count.Due);
        if (due > 0 && !parsed.GetValue(Yes) && !await IsConfirmedAsync(due, json, cancellationToken))
        {
            return ExitCode.Done;
        }

        var (job, audit) = (host.Services.GetRequiredService<RetentionJob>(), host.Services.GetRequiredService<AuditLog>());
        var reports = new List<RetentionReport>();
        foreach (var standing in due == 0 ? [] : standings.Where(standing => standing.Counts.Any(count => count.Due > 0)))
        {
            try
            {
                var report = await job.RunAsync(standing.ScopeId ?? RetentionRound.OfInstallation, isDry: false, day: null, cancellationToken);
                reports.Add(report);
                await audit.NoteAsync(Actor.OfUser(), Deed.ForgetDue(standing.ScopeId, report.Counts.Select(count => (count.What, count.Forgotten))), cancellationToken);
            }
            catch (ScopeAtWorkException atWork)
            {
                throw new VerbException($"{atWork.Beginning}, and has been for too long, so not all of what is due was forgotten; run this again when that has ended.");
            }
        }

        var rewrite = due > 0 || parsed.GetValue(Yes) ? await RewriteAsync(host, cancellationToken) : RewriteOutcome.NotOwed;
        if (json)
        {
            CommandHost.WriteJson(new { Done = true, Rewritten = rewrite == RewriteOutcome.Done, Scopes = reports.Select(report => new { ScopeId = report.ScopeId == RetentionRound.OfInstallation ? (int?)null : report.ScopeId, report.Counts }) });
        }
        else
        {
            RetentionScreen.ShowDone(Terminal.Screen(), reports, rewrite);
        }

        return ExitCode.Done;
    }

    /// <summary>What was forgotten stays so, and is told, whatever becomes of this.</summary>
    private static async Task<RewriteOutcome> RewriteAsync(IHost host, CancellationToken cancellationToken)
    {
        try
        {
            return await host.Services.GetRequiredService<SqliteRewrite>().RewriteAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await Terminal.Error.WriteLineAsync($"The database file was not written anew, which the daily job of a running service tries again: {string.Join(' ', CommandErrors.Sentences(exception))}");
            return RewriteOutcome.NotOwed;
        }
    }

    private static async Task<IReadOnlyList<RetentionStanding>> StandingsAsync(IHost host, int? scopeId, CancellationToken cancellationToken)
    {
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        if (scopeId is { } one)
        {
            await KnownScope.RequireAsync(host, one, cancellationToken);
        }

        return await host.Services.GetRequiredService<RetentionQueries>().ListAsync(scopeId, cancellationToken);
    }

    private static bool IsEnabled(IHost host) => host.Services.GetRequiredService<IOptions<HokifyOptions>>().Value.Retention.Enabled;

    /// <summary>Asks where there is somebody to answer; elsewhere says what would be done.</summary>
    private static async Task<bool> IsConfirmedAsync(long due, bool json, CancellationToken cancellationToken)
    {
        if (json)
        {
            CommandHost.WriteJson(new { Done = false, Due = due });
            return false;
        }

        return await Confirmation.IsGivenAsync($"forget {ShownValue.Of(due)} of that, for good", before: null, cancellationToken);
    }
}
