using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify migrate</c>: brings the database's schema up to date, or prints how.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var script = new Option<bool>("--script")
        {
            Description = "Print the SQL instead and change nothing; no connection is opened. For SQL Server the script is idempotent; SQLite's makes a new file.",
        };
        var json = new Option<bool>("--json") { Description = "Print what was applied as JSON." };
        var command = new Verb(
            "migrate",
            "Makes the database, or brings it up to date",
            new VerbHelp(
                "Makes the configured database, or brings the schema of the one that is there up to date, and prints what was applied. 'hokify serve' does the same by itself with "
                + "SQLite; with SQL Server an administrator does it, with this verb or with the script that it prints.")
            {
                Examples =
                [
                    ("hokify migrate", "Applies what is missing; again it applies nothing."),
                    ("hokify migrate --script > hokify.sql", "The SQL, for an administrator: sqlcmd -b -i hokify.sql"),
                ],
                ExitCodes = [(ExitCode.Done, "the schema is current"), (ExitCode.Failed, "it could not be brought up to date; the error stream says why")],
            })
        {
            script,
            json,
        };
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => RunAsync(parsed.GetValue(script), parsed.GetValue(json), cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(bool script, bool json, CancellationToken cancellationToken)
    {
        using var host = CommandHost.BuildWithDatabase();
        if (script)
        {
            Terminal.Out.Write(await host.Services.ScriptDatabaseAsync(cancellationToken));
            return ExitCode.Done;
        }

        var database = host.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
        var changes = await host.Services.MigrateDatabaseAsync(cancellationToken);
        if (changes is not { Migrations.Count: 0, Indexes.Count: 0 })
        {
            await host.Services.GetRequiredService<AuditLog>().NoteAsync(Actor.OfUser(), Deed.Migrate(changes), CancellationToken.None);
        }

        if (json)
        {
            CommandHost.WriteJson(new { database.Provider, Applied = changes.Migrations, changes.Indexes });
            return ExitCode.Done;
        }

        Terminal.Out.WriteLine($"{database.Provider}, {DatabasePlace.Of(database)}:");
        foreach (var migration in changes.Migrations)
        {
            Terminal.Out.WriteLine($"applied {migration}");
        }

        foreach (var index in changes.Indexes)
        {
            Terminal.Out.WriteLine($"made the index {index} anew, which was missing, disabled or of another form");
        }

        if (changes is { Migrations.Count: 0, Indexes.Count: 0 })
        {
            Terminal.Out.WriteLine("nothing to apply, the schema is current");
        }

        return ExitCode.Done;
    }
}
