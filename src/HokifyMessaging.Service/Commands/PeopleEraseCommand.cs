using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify people erase</c>: erases somebody who asks for it.</summary>
internal static class PeopleEraseCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Option<string?> Reason = new("--reason") { Description = "Why, kept for good: a file number, and nothing that names the person.", HelpName = "text" };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it. Without it the verb asks on a terminal, and elsewhere only says what it would do." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print what was done as JSON; nothing of it is a value of the person." };

    public static Command Create()
    {
        var command = new Verb(
            "erase",
            "Erases somebody, so that no import brings them back",
            new VerbHelp(
                "Shows who goes by an id or a mail address, and erases them: all their data in the database, what could not be stored of them, and their ids in what imports have "
                + "kept. Keyed hashes stay, by which no later import, replay, old file or restored backup brings them back. An id that nobody has is kept out from then on. It takes the "
                + "turn of an import: while one is at work in the scope it waits. The request is stored first, so that a service carries it out if this ends before that. It is kept, with "
                + "who asked and how much went, and stands in the audit log. Where a hold forbids it, or claims that can still be made, the request is stored and the answer says when a service carries it out. Before it is done, names and addresses of the people are shown.")
            {
                Examples =
                [
                    ("hokify people erase --email jobs@example.at", "Shows who has that address, and asks."),
                    ("hokify people erase --application 5f1d7f0b2c3e4a5b6c7d8e9f --reason 2026/17 --yes", "The person behind that application, with all others of theirs."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "erased, kept out, stored for later, or told what would be"),
                    (ExitCode.Failed, "nobody was erased: the address is nobody's or several people's, the answer was no, or the database cannot be used; the error stream says which"),
                ],
            })
        {
            Reason, Yes, Json,
        };
        PersonOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (asked, scopeId, json) = (PersonOptions.Of(parsed).Person, parsed.GetValue(PersonOptions.Scope), parsed.GetValue(Json));
        var reason = parsed.GetValue(Reason);
        if (reason is not null && ErasureAsker.ProblemOf(reason) is { } problem)
        {
            throw new VerbException($"--reason {problem}.");
        }

        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        await KnownScope.RequireAsync(host, scopeId, cancellationToken);
        await host.Services.GetRequiredService<ErasureKeys>().RequireAsync(cancellationToken);
        var found = await host.Services.GetRequiredService<PeopleFinder>().FindAsync(scopeId, asked, cancellationToken);
        if (!json)
        {
            PeopleScreen.Show(Terminal.Screen(), found);
        }

        var requests = host.Services.GetRequiredService<ErasureRequests>();
        var wasAsked = await requests.WereMadeAsync(scopeId, asked, cancellationToken);
        var chosen = ErasureChoice.Of(found, parsed.GetValue(PersonOptions.All), wasAsked) switch
        {
            ErasureChoice.Refused(var sentence) => throw new VerbException(sentence),
            ErasureChoice.Chosen(var people) => people,
            var other => throw new InvalidOperationException($"{other} is no choice."),
        };
        var isAnswered = wasAsked && chosen.Count == 0;
        if (!isAnswered && !parsed.GetValue(Yes) && !await IsConfirmedAsync(found, chosen, json, cancellationToken))
        {
            return ExitCode.Done;
        }

        var erasure = await requests.AskAsync(found, chosen, ErasureAsker.OfUser(reason), cancellationToken);
        var done = await WaitAsync(host.Services.GetRequiredService<PeopleErasure>(), erasure.Request, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { Request = done, erasure.IsNew });
        }
        else
        {
            Terminal.Screen().Say(Sentence(done, erasure.IsNew, chosen.Count));
        }

        return ExitCode.Done;
    }

    /// <summary>Asks where there is somebody to answer; elsewhere says what would be done.</summary>
    private static async Task<bool> IsConfirmedAsync(FoundPeople found, IReadOnlyList<FoundPerson> chosen, bool json, CancellationToken cancellationToken)
    {
        var would = chosen.Count == 0
            ? $"Nobody is stored under that id in scope {ShownValue.Of(found.ScopeId)}{(found.ErasedAt is { } at ? $"; whoever had it was erased at {ShownValue.Of(at)}" : "")}."
            : $"People {ShownValue.Of(chosen.Count)}, applications {ShownValue.Of(chosen.SelectMany(p => p.Applications).DistinctBy(a => a.Id).Count())}, records that wait {ShownValue.Of(chosen.SelectMany(p => p.Waiting).DistinctBy(w => w.Id).Count())}.";
        var what = chosen.Count == 0 ? "keep the id out" : "erase all of it, for good";
        if (json)
        {
            CommandHost.WriteJson(new { Done = false, People = chosen.Count, Applications = chosen.SelectMany(p => p.Applications).DistinctBy(a => a.Id).Count(), found.ErasedAt });
            return false;
        }

        return await Confirmation.IsGivenAsync(what, would, cancellationToken);
    }

    /// <summary>Takes the turn of the scope as soon as it is free, unless a service does it before.</summary>
    private static async Task<ErasureView> WaitAsync(PeopleErasure erasure, ErasureView request, CancellationToken cancellationToken)
    {
        for (var isSaid = false; ;)
        {
            try
            {
                return await erasure.CarryOutAsync(request.Id, cancellationToken);
            }
            catch (LeaseLostException)
            {
                // Whoever has taken the scope over ends, too.
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
            catch (ScopeAtWorkException atWork)
            {
                if (!isSaid)
                {
                    await Terminal.TellAsync($"{atWork.Beginning}; the request is stored ({request.Id}) and waits for its turn. If this is ended, a running service carries it out.");
                    isSaid = true;
                }

                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
        }
    }

    private static string Sentence(ErasureView done, bool isNew, int people) => done.State == ErasureState.Deferred
        ? done.DueAt is { } due
            ? $"It must not be erased yet. The request is stored ({done.Id}), and a running service carries it out by itself once {ShownValue.Of(due)} has come."
            : $"It is on hold, so it is not erased now. The request is stored ({done.Id}), and a running service carries it out by itself when the hold is released."
        : isNew
        ? people == 0
            ? $"Nobody was stored under that id; it is kept out of scope {ShownValue.Of(done.ScopeId)} from now on (request {done.Id})."
            : $"Erased: people {ShownValue.Of(done.People)}, applications {ShownValue.Of(done.Applications)}, records that waited {ShownValue.Of(done.Waiting)} (request {done.Id})."
        : $"That was asked for before, at {ShownValue.Of(done.CreatedAt)}, and carried out at {ShownValue.Of(done.CompletedAt)} (request {done.Id}): people {ShownValue.Of(done.People)}, applications {ShownValue.Of(done.Applications)}, records that waited {ShownValue.Of(done.Waiting)}.";
}
