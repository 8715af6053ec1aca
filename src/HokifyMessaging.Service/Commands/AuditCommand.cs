using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify audit</c>: who has done what to the installation.</summary>
internal static class AuditCommand
{
    private static readonly Option<int?> Scope = new("--scope") { Description = "Only what was done to this scope.", HelpName = "id" };

    private static readonly Option<DateTimeOffset?> Since = SinceOption.Create("Only what was done since then", TimeProvider.System);

    private static readonly Option<int> Limit =
        new Option<int>("--limit") { Description = "The most to list, 1 to 1000.", HelpName = "n", DefaultValueFactory = _ => 20 }.Between(1, 1000);

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };

    public static Command Create()
    {
        var verb = new Verb(
            "audit",
            "Lists who has done what to the installation",
            new VerbHelp(
                "Lists, newest first, what somebody has done by hand, by a command or over HTTP: imports that were asked for over HTTP, cancelled or announced again, records that were given to the next import, a watermark "
                + "that was set, files and backups that were taken, people who were exported or erased, what was done with the list and the key of the erased. Says who it was, a user or an API key, on which machine, and what was changed; never "
                + "anything about applicants.")
            {
                Examples = [("hokify audit", "The newest 20."), ("hokify audit --scope 2 --since 30d", "What was done to scope 2 in the last 30 days.")],
                ExitCodes = [(ExitCode.Done, "listed, also where there is nothing"), (ExitCode.Failed, "the database cannot be read; the error stream says why")],
            })
        {
            Scope, Since, Limit, Json,
        };
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(Scope), parsed.GetValue(Since), parsed.GetValue(Limit), parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(int? scopeId, DateTimeOffset? since, int limit, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        var entries = await host.Services.GetRequiredService<AuditQueries>().ListAsync(new AuditFilter { ScopeId = scopeId, From = since, Limit = limit }, cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(entries);
        }
        else
        {
            AuditScreen.Show(Terminal.Screen(), entries);
        }

        return ExitCode.Done;
    }
}
