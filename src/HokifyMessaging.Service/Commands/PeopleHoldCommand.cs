using HokifyMessaging.Machine;
using HokifyMessaging.Privacy;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify people hold</c>, <c>release</c> and <c>holds</c>: what must be kept, whatever its age and whoever asks for its erasure.</summary>
internal static class PeopleHoldCommand
{
    private static readonly Option<string> Reason = new("--reason") { Description = "Why, kept for good: a file number, and nothing that names the person.", HelpName = "text", Required = true };

    private static readonly Option<string?> Until = new("--until") { Description = "The last day on which it holds. Without it, it holds until it is released.", HelpName = "yyyy-MM-dd" };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON; nothing of it is a value of the person." };

    private static readonly Option<bool> Released = new("--all") { Description = "Also those that were released or are over." };

    private static readonly Option<int?> OneScope = new("--scope") { Description = "Only those of this scope.", HelpName = "id" };

    private static readonly Argument<Guid> Id = new("id")
    {
        Description = "The hold, as 'hokify people holds' shows it.",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (!Guid.TryParse(text, out var id))
            {
                argument.AddError($"The hold is '{text}'; it must be an id, as 'hokify people holds' shows it.");
            }

            return id;
        },
    };

    public static Command CreateHold()
    {
        var command = new Verb(
            "hold",
            "Keeps somebody's data from being forgotten or erased",
            new VerbHelp(
                "Puts what is stored of somebody on hold: it is not forgotten because of its age, and a request to erase it waits. Named by an application, that application alone is held; named "
                + "by their id or address, all of theirs, also what still comes. Of an address all people are held who have it, as they are shown. It stands in the audit log.")
            {
                Examples =
                [
                    ("hokify people hold --application 5f1d7f0b2c3e4a5b6c7d8e9f --reason 2026/17", "Until it is released."),
                    ("hokify people hold --person 5f1d7f0b2c3e4a5b6c7d8e01 --reason 2026/17 --until 2027-06-30", "To the end of that day."),
                ],
                ExitCodes = [(ExitCode.Done, "on hold"), (ExitCode.Failed, "nothing is stored that could be held, or the database cannot be used; the error stream says which")],
            })
        {
            Reason, Until, Json,
        };
        PersonOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => HoldAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    public static Command CreateRelease()
    {
        var command = new Verb(
            "release",
            "Releases a hold",
            new VerbHelp("Releases a hold: what it has kept is forgotten when its time has come, and erasures that it has deferred are carried out by the service. It stands in the audit log.")
            {
                Examples = [("hokify people release 01a0b1c2-0000-7000-8000-000000000000", "The one that 'hokify people holds' shows.")],
                ExitCodes = [(ExitCode.Done, "released, now or before"), (ExitCode.Failed, "there is no such hold, or the database cannot be used; the error stream says which")],
            })
        {
            Id, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ReleaseAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    public static Command CreateList()
    {
        var command = new Verb(
            "holds",
            "Lists what is on hold, by whom and why",
            new VerbHelp("Lists the holds, the newest first: who has put them, why, and until when. They name nobody.")
            {
                Examples = [("hokify people holds", "Those that hold."), ("hokify people holds --all --json", "Also those that were released, for a script.")],
                ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.Failed, "the database cannot be read; the error stream says why")],
            })
        {
            Released, OneScope, Json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ListAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> HoldAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (asked, scopeId, reason) = (PersonOptions.Of(parsed).Person, parsed.GetValue(PersonOptions.Scope), parsed.GetValue(Reason)!);
        if (ErasureAsker.ProblemOf(reason) is { } problem)
        {
            throw new VerbException($"--reason {(string.IsNullOrWhiteSpace(reason) ? "is blank; a hold needs a reason" : problem)}.");
        }

        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        await KnownScope.RequireAsync(host, scopeId, cancellationToken);
        var lastDay = DayOf(parsed.GetValue(Until), LocalDays.DayOf(TimeProvider.System.GetUtcNow(), host.Services.GetRequiredService<RetentionRules>().Zone));
        var found = await host.Services.GetRequiredService<PeopleFinder>().FindAsync(scopeId, asked, cancellationToken);
        var json = parsed.GetValue(Json);
        if (!json)
        {
            PeopleScreen.Show(Terminal.Screen(), found);
        }

        if (found.People.Count > 1 && !parsed.GetValue(PersonOptions.All))
        {
            throw new VerbException(
                $"{ShownValue.Of(found.People.Count)} people go by that, and nothing was changed; name one of them by the person's id, or give --all with the address to hold all of them.");
        }

        var hold = await host.Services.GetRequiredService<LegalHolds>().PlaceAsync(found, ErasureAsker.OfUser(reason), lastDay, cancellationToken)
            ?? throw new VerbException($"Nothing is stored in scope {ShownValue.Of(scopeId)} under that, so there is nothing to hold.");
        if (json)
        {
            CommandHost.WriteJson(hold);
        }
        else
        {
            Terminal.Screen().Say($"On hold {End(hold)}: people {ShownValue.Of(hold.People)}, single applications {ShownValue.Of(hold.Applications)} (hold {hold.Id}).");
        }

        return ExitCode.Done;
    }

    private static async Task<int> ReleaseAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetValue(Id);
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var hold = await host.Services.GetRequiredService<LegalHolds>().ReleaseAsync(id, scopeIds: null, ErasureAsker.OfUser(reason: null), cancellationToken)
            ?? throw new VerbException($"There is no hold {id}; 'hokify people holds --all' lists all.");
        if (parsed.GetValue(Json))
        {
            CommandHost.WriteJson(hold);
        }
        else
        {
            Terminal.Screen().Say($"Hold {hold.Id} was released at {ShownValue.Of(hold.ReleasedAt)} by {hold.ReleasedBy}.");
        }

        return ExitCode.Done;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        IReadOnlyCollection<int>? scopes = parsed.GetValue(OneScope) is { } one ? [one] : null;
        if (scopes is not null)
        {
            await KnownScope.RequireAsync(host, scopes.Single(), cancellationToken);
        }

        var holds = await host.Services.GetRequiredService<LegalHolds>().ListAsync(scopes, parsed.GetValue(Released), cancellationToken);
        if (parsed.GetValue(Json))
        {
            CommandHost.WriteJson(holds);
        }
        else
        {
            HoldsScreen.Show(Terminal.Screen(), holds);
        }

        return ExitCode.Done;
    }

    private static string End(HoldView hold) => hold.Until is { } until ? $"until {ShownValue.Of(until)}" : "until it is released";

    private static DateOnly? DayOf(string? text, DateOnly today)
    {
        if (text is null)
        {
            return null;
        }

        return !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? throw new VerbException($"--until is '{text}'; it must be a day such as 2027-06-30.")
            : day < today ? throw new VerbException($"--until is '{text}', which is over; it must be today or a later day.")
            : day;
    }
}
