using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify scopes</c>: how far each has been read, and where the next import of one begins.</summary>
internal static class ScopesCommand
{
    private const string NoWatermark = "none";

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON.", Recursive = true };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do it; otherwise the verb only says what it would do." };

    private static readonly Argument<int> Id = new("id")
    {
        Description = "The scope.",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id))
            {
                argument.AddError($"The scope is '{text}'; it must be a whole number.");
            }

            return id;
        },
    };

    private static readonly Argument<string> Time = new("time") { Description = $"Up to when the scope counts as read: {SinceOption.Form}; or {NoWatermark}." };

    public static Command Create()
    {
        var set = new Verb(
            "set-watermark",
            "Sets from where the next import of a scope reads",
            new VerbHelp(
                "Sets up to when a scope counts as read to the end, which is where its next incremental import begins. Earlier than it is, it has that time read once more, which "
                + "changes nothing that has not changed; later, it leaves out what changed in between, until a full import reads it; none has everything read. Refuses while a run of the scope is "
                + "under way. Who did it stands in the audit log ('hokify audit').")
            {
                Examples =
                [
                    ("hokify scopes set-watermark 1 2026-02-15T00:00Z", "Says what would be read again, or left out."),
                    ("hokify scopes set-watermark 1 none --yes", "Has the next import read everything."),
                ],
                ExitCodes = [(ExitCode.Done, "done, or told what would be"), (ExitCode.Failed, "a run is under way, the time is none, or the database cannot be used")],
            })
        {
            Id, Time, Yes,
        };
        set.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => SetAsync(parsed.GetValue(Id), parsed.GetValue(Time)!, parsed.GetValue(Yes), parsed.GetValue(Json), cancellationToken), cancellationToken));

        var verb = new Verb(
            "scopes",
            "Shows how far each scope has been read",
            new VerbHelp(
                "Shows of each scope that is configured, or was imported, up to when it has been read to the end and how long ago that is, when that read ended, who works on it, and "
                + "how many runs and records wait.")
            {
                Examples = [("hokify scopes", "All of them."), ("hokify scopes --json", "For a script that watches the lag.")],
                ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.Failed, "the database cannot be read; the error stream says why")],
            })
        {
            Json, set,
        };
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => ShowAsync(parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> ShowAsync(bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var scopes = await host.Services.GetRequiredService<ScopeQueries>().ListAsync(cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(scopes);
        }
        else
        {
            ScopesScreen.Show(Terminal.Screen(), scopes);
        }

        return ExitCode.Done;
    }

    private static async Task<int> SetAsync(int scopeId, string time, bool isSure, bool json, CancellationToken cancellationToken)
    {
        var now = TimeProvider.System.GetUtcNow();
        DateTimeOffset? watermark = time == NoWatermark ? null : SinceOption.Read(time, now) ?? throw new VerbException($"The time is '{time}'; it must be {SinceOption.Form}, or {NoWatermark}.");
        if (watermark > now)
        {
            throw new VerbException($"The time is '{time}', which is still to come: what changes until then would never be read.");
        }

        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        await KnownScope.RequireAsync(host, scopeId, cancellationToken);
        var before = await host.Services.GetRequiredService<ScopeControl>().SetWatermarkAsync(scopeId, watermark, isSure, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(new { ScopeId = scopeId, Before = before, Watermark = watermark, Done = isSure });
            return ExitCode.Done;
        }

        var screen = Terminal.Screen();
        screen.Say($"Scope {scopeId}: {(isSure ? "the watermark was" : "the watermark is")} {ScopeControl.Text(before)} and {(isSure ? "is now" : "--yes would set it to")} {ScopeControl.Text(watermark)}.");
        screen.Say(Effect(before, watermark));
        return ExitCode.Done;
    }

    private static string Effect(DateTimeOffset? before, DateTimeOffset? after) => (before, after) switch
    {
        (_, null) => "The next incremental import reads everything.",
        (null, { } from) => $"The next incremental import begins there; what has not changed since {ShownValue.Of(from)} is left to a full import.",
        ({ } was, { } from) when from > was => $"What changed between {ShownValue.Of(was)} and {ShownValue.Of(from)} is left out by incremental imports, and left to a full one.",
        ({ } was, { } from) when from < was => $"The next incremental import reads again what changed since {ShownValue.Of(from)}; nothing is stored twice.",
        _ => "That is where it stands.",
    };
}
