using HokifyMessaging.Schedules;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify schedules add</c> and <c>remove</c>: schedules beside those of the settings.</summary>
internal static class SchedulesChangeCommand
{
    private static readonly ScheduleOptions Usual = new();

    private static readonly Argument<string> Cron = new("cron") { Description = "Its times: a cron expression of five fields, in quotes." };

    private static readonly Option<string> TimeZone = new("--time-zone") { Description = "By which clock: the IANA id of a time zone.", HelpName = "id", DefaultValueFactory = _ => Usual.TimeZone };

    private static readonly Option<ImportMode> Mode = new("--mode") { Description = "What is imported.", DefaultValueFactory = _ => Usual.Mode };

    private static readonly Option<ScheduleOverlap> Overlap = new("--overlap")
    {
        Description = "What becomes of a time at which the scope is at work: Skip leaves it out, Queue has it wait.",
        DefaultValueFactory = _ => Usual.Overlap,
    };

    private static readonly Option<ScheduleMissed> Missed = new("--missed")
    {
        Description = "What becomes of times at which no service ran: Once makes up for all with one import, None leaves them out.",
        DefaultValueFactory = _ => Usual.Missed,
    };

    public static Command CreateAdd()
    {
        var add = new Verb(
            "add",
            "Adds a schedule to those of the settings",
            new VerbHelp(
                "Adds a schedule of a scope to those of the settings. It is stored in the database, counts from now on, and is heeded by all services within half a minute; none has to be started anew. "
                + "Its name must be one that the scope has no schedule of. Who added it is shown beside it, and stands in the audit log ('hokify audit').")
            {
                Examples =
                [
                    ("hokify schedules add 1 often @hourly", "Each hour; '*/15 6-20 * * MON-SAT' would be each quarter of an hour by day."),
                    ("hokify schedules add 1 weekly @weekly --mode Full --overlap Queue", "A full import in the night to Sunday, by Vienna's clock."),
                ],
                ExitCodes = [(ExitCode.Done, "added"), (ExitCode.Failed, "there is one of that name, something is wrong with it, or the database cannot be used; the error stream says which")],
            })
        {
            SchedulesCommand.ScopeId, SchedulesCommand.Name, Cron, TimeZone, Mode, Overlap, Missed,
        };
        add.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => AddAsync(parsed, cancellationToken), cancellationToken));
        return add;
    }

    public static Command CreateRemove()
    {
        var remove = new Verb(
            "remove",
            "Removes a schedule that was added",
            new VerbHelp(
                "Removes a schedule that was added to those of the settings. An import that it has asked for goes on. One of the settings is removed there; 'hokify schedules pause' has its times "
                + "pass without an import until then.")
            {
                Examples = [("hokify schedules remove 1 often", "The schedule 'often' of scope 1.")],
                ExitCodes = [(ExitCode.Done, "removed"), (ExitCode.Failed, "there is no such schedule, it stands in the settings, or the database cannot be used; the error stream says which")],
            })
        {
            SchedulesCommand.ScopeId, SchedulesCommand.Name,
        };
        remove.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RemoveAsync(parsed, cancellationToken), cancellationToken));
        return remove;
    }

    private static async Task<int> AddAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (scopeId, name) = (parsed.GetValue(SchedulesCommand.ScopeId), parsed.GetValue(SchedulesCommand.Name)!);
        var schedule = new ScheduleOptions
        {
            Cron = parsed.GetValue(Cron)!,
            TimeZone = parsed.GetValue(TimeZone)!,
            Mode = parsed.GetValue(Mode),
            Overlap = parsed.GetValue(Overlap),
            Missed = parsed.GetValue(Missed),
        };
        using var host = await OpenAsync(scopeId, cancellationToken);
        await host.Services.GetRequiredService<StoredSchedules>().AddAsync(scopeId, name, schedule, PlaceOf, Actor.OfUser(), cancellationToken);
        var standing = (await host.Services.GetRequiredService<ScheduleQueries>().ListAsync(scopeId, cancellationToken)).Single(one => one.Name == name);
        if (parsed.GetValue(SchedulesCommand.Json))
        {
            CommandHost.WriteJson(standing);
        }
        else
        {
            SchedulesScreen.Show(Terminal.Screen(), [standing]);
        }

        return ExitCode.Done;
    }

    private static async Task<int> RemoveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var scopeId = parsed.GetValue(SchedulesCommand.ScopeId);
        using var host = await OpenAsync(scopeId, cancellationToken);
        var name = await host.Services.GetRequiredService<StoredSchedules>().RemoveAsync(scopeId, parsed.GetValue(SchedulesCommand.Name)!, Actor.OfUser(), cancellationToken);
        return SchedulesCommand.Tell(parsed, new { ScopeId = scopeId, Name = name, Removed = true }, $"Schedule {name} of scope {scopeId} is removed; an import that it has asked for goes on.");
    }

    /// <summary>As the command line names each of its settings.</summary>
    private static string PlaceOf(string setting) => setting switch
    {
        nameof(ScheduleOptions.TimeZone) => TimeZone.Name,
        nameof(ScheduleOptions.Mode) => Mode.Name,
        nameof(ScheduleOptions.Overlap) => Overlap.Name,
        nameof(ScheduleOptions.Missed) => Missed.Name,
        nameof(ScheduleOptions.Cron) => "The cron expression",
        _ => "The name",
    };

    private static async Task<IHost> OpenAsync(int scopeId, CancellationToken cancellationToken)
    {
        var host = CommandHost.BuildWithDatabase();
        try
        {
            await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
            await KnownScope.RequireAsync(host, scopeId, cancellationToken);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}
