using HokifyMessaging.Runs;
using HokifyMessaging.Schedules;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify schedules</c>: when scopes are imported without anybody asking for it, and whether they were.</summary>
internal static class SchedulesCommand
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    private static readonly Option<int?> Scope = new("--scope") { Description = "Those of this scope only.", HelpName = "id" };

    public static readonly Argument<int> ScopeId = new("scope") { Description = "The schedule's scope." };

    public static readonly Argument<string> Name = new("name") { Description = "The schedule's name." };

    private static readonly Option<string?> Reason = new("--reason") { Description = $"Why, for whoever looks at it; at most {ScheduleState.ReasonLength} characters.", HelpName = "text" };

    public static Command Create()
    {
        var pause = new Verb(
            "pause",
            "Has the times of a schedule pass without an import",
            new VerbHelp("Has the times of a schedule pass without an import until 'hokify schedules resume'. All services heed it at the next time. Who did it, and why, is shown beside the schedule.")
            {
                Examples = [("hokify schedules pause 1 nightly --reason maintenance", "The schedule 'nightly' of scope 1.")],
                ExitCodes = [(ExitCode.Done, "it is paused, now or before"), (ExitCode.Failed, "there is no such schedule, or the database cannot be used")],
            })
        {
            ScopeId, Name, Reason,
        };
        pause.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => PauseAsync(parsed, cancellationToken), cancellationToken));
        var resume = new Verb(
            "resume",
            "Has the times of a paused schedule count again",
            new VerbHelp("Has the times of a schedule that is paused count again, from now on: those that have passed meanwhile are not made up for; 'hokify request' asks for an import now.")
            {
                Examples = [("hokify schedules resume 1 nightly", "The schedule 'nightly' of scope 1.")],
                ExitCodes = [(ExitCode.Done, "it is not paused, now or before"), (ExitCode.Failed, "there is no such schedule, or the database cannot be used")],
            })
        {
            ScopeId, Name,
        };
        resume.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ResumeAsync(parsed, cancellationToken), cancellationToken));
        var verb = new Verb(
            "schedules",
            "Shows when scopes are imported by themselves",
            new VerbHelp(
                "Shows of each schedule, of the settings (Hokify:Scopes:{n}:Schedules) and of those that were added to them, its times, what became of the last one, the next five, with a word "
                + "where the clock changes, and whether it is paused or overdue. 'hokify serve' asks for the imports; any number of services asks for each once.")
            {
                Examples = [("hokify schedules", "All of them."), ("hokify schedules --scope 2 --json", "Those of scope 2, for a script.")],
                ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.Failed, "the database cannot be read; the error stream says why")],
            })
        {
            Scope, Json, pause, resume, SchedulesChangeCommand.CreateAdd(), SchedulesChangeCommand.CreateRemove(),
        };
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ShowAsync(parsed.GetValue(Scope), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> ShowAsync(int? scopeId, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        if (scopeId is { } one)
        {
            await KnownScope.RequireAsync(host, one, cancellationToken);
        }

        var schedules = await host.Services.GetRequiredService<ScheduleQueries>().ListAsync(scopeId, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(schedules);
        }
        else
        {
            SchedulesScreen.Show(Terminal.Screen(), schedules);
        }

        return ExitCode.Done;
    }

    private static async Task<int> PauseAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var reason = parsed.GetValue(Reason);
        if (reason is not null && ImportRequest.RequesterProblem(reason, ScheduleState.ReasonLength) is { } problem)
        {
            throw new VerbException($"--reason {problem}.");
        }

        var (host, scopeId, name) = await FindAsync(parsed, cancellationToken);
        using (host)
        {
            var before = await host.Services.GetRequiredService<ScheduleBook>().PauseAsync(scopeId, name, reason, Actor.OfUser(), cancellationToken);
            return Tell(
                parsed,
                new { ScopeId = scopeId, Name = name, Paused = true, Changed = before is null },
                before is not null ? $"Schedule {name} of scope {scopeId} was paused before, at {ShownValue.Of(before.At)} by {before.By}." : $"Schedule {name} of scope {scopeId} is paused; 'hokify schedules resume {scopeId} {name}' ends that.");
        }
    }

    private static async Task<int> ResumeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (host, scopeId, name) = await FindAsync(parsed, cancellationToken);
        using (host)
        {
            var before = await host.Services.GetRequiredService<ScheduleBook>().ResumeAsync(scopeId, name, Actor.OfUser(), cancellationToken);
            return Tell(
                parsed,
                new { ScopeId = scopeId, Name = name, Paused = false, Changed = before is not null },
                before is null ? $"Schedule {name} of scope {scopeId} was not paused." : $"Schedule {name} of scope {scopeId} counts again, from now on.");
        }
    }

    public static int Tell(ParseResult parsed, object json, string sentence)
    {
        if (parsed.GetValue(Json))
        {
            CommandHost.WriteJson(json);
        }
        else
        {
            Terminal.Screen().Say(sentence);
        }

        return ExitCode.Done;
    }

    private static async Task<(IHost Host, int ScopeId, string Name)> FindAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (scopeId, name) = (parsed.GetValue(ScopeId), parsed.GetValue(Name)!);
        var host = CommandHost.BuildWithDatabase();
        try
        {
            await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
            await KnownScope.RequireAsync(host, scopeId, cancellationToken);
            var schedules = (await host.Services.GetRequiredService<KnownSchedules>().ListAsync(cancellationToken))
                .Where(one => one.ScopeId == scopeId).Select(one => one.Name).Order(StringComparer.Ordinal).ToList();
            return schedules.Find(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
                ? (host, scopeId, found)
                : throw new VerbException($"Scope {scopeId} has no schedule '{VisibleText.Of(name)}'; {(schedules.Count == 0 ? "it has none" : $"it has {string.Join(", ", schedules)}")}.");
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}
