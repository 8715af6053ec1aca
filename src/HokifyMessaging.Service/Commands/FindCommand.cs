using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify find</c>: what became of an application or a person.</summary>
internal static class FindCommand
{
    private static readonly Argument<string> Asked = new("id-or-mail") { Description = "An application's or a person's id at hokify, or a mail address." };

    private static readonly Option<int?> Scope = new("--scope") { Description = "Look in this scope only.", HelpName = "id" };

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        var verb = new Verb(
            "find",
            "Tells what became of an application or a person",
            new VerbHelp(
                "Tells across all runs what became of an application, as far as the configured database knows: stored (since when, changed when), waiting to be tried again, "
                + "parked, deleted, withheld because the person was erased, or never seen; why, and which runs did it. Asked for by a person's id or mail address it tells it of "
                + "each application of that person. Shows ids only, nothing about people. A mail address has no index: looking for one reads all people of a scope.")
            {
                Examples =
                [
                    ("hokify find 5f1d7f0b2c3e4a5b6c7d8e9f", "By the id of an application or a person."),
                    ("hokify find jobs@example.at --scope 1", "By a mail address, in any case."),
                ],
                ExitCodes = [(ExitCode.Done, "found"), (ExitCode.Failed, "no run has met it, or the database cannot be read; the output or the error stream says which")],
            })
        {
            Asked, Scope, Json,
        };
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(Asked)!, parsed.GetValue(Scope), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(string asked, int? scopeId, bool json, CancellationToken cancellationToken)
    {
        var comparable = RecordTrails.Comparable(asked, out var problem) ?? throw new VerbException($"'{asked}' {problem}.");
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var trail = await host.Services.GetRequiredService<RecordTrails>().FollowAsync(
            new RecordQuestion(comparable) { ScopeIds = scopeId is { } only ? [only] : null, IsThorough = true }, cancellationToken);
        if (scopeId is { } scope && trail.Scopes.Count == 0)
        {
            throw new VerbException($"The database knows no scope {scope}, because nothing has been asked for it yet; 'hokify runs' lists what was.");
        }

        if (json)
        {
            CommandHost.WriteJson(trail);
        }
        else
        {
            FindScreen.Show(Terminal.Screen(), trail);
        }

        return trail.Found.Count > 0 ? ExitCode.Done : ExitCode.Failed;
    }
}
