using HokifyMessaging.CheckUp;
using HokifyMessaging.Receiving;
using HokifyMessaging.Service.Doctor;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify doctor</c>: whether everything is there that the service needs.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the findings as JSON." };

    public static Command Create()
    {
        var verb = new Verb(
            "doctor",
            "Checks settings, database, broker and sources",
            new VerbHelp(
                "Checks what the service needs, and says what to do where something is wrong: settings, the machine's time and disks, database and schema, the erasure key, who works "
                + "on the database, broker, its queues and rights, and of each scope whether its source lets us in, can be read, and has our time. Changes nothing; a service may run meanwhile.")
            {
                Examples =
                [
                    ("hokify doctor", "Before the first start, after each change, and when something is odd."),
                    ("hokify doctor --json", "For a script that watches the installation."),
                ],
                ExitCodes = [(ExitCode.Done, "nothing is wrong"), (ExitCode.Failed, "something is wrong; the output says what, and what to do")],
            })
        {
            Json,
        };
        verb.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed.GetValue(Json), cancellationToken), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        using var host = Build();
        var findings = await host.Services.GetRequiredService<Examination>().RunAsync(cancellationToken);
        if (json)
        {
            CommandHost.WriteJson(findings);
        }
        else
        {
            FindingsScreen.Show(Terminal.Screen(), findings);
        }

        return findings.Any(finding => finding.Verdict == Verdict.Wrong) ? ExitCode.Failed : ExitCode.Done;
    }

    private static IHost Build()
    {
        var builder = CommandHost.CreateUncheckedBuilder();
        builder.Services.AddHokifyMessaging();
        builder.Services.AddTransportOptions();
        builder.Services.AddHttpOptions();
        builder.Services.AddSingleton<SettingsCheck>();
        builder.Services.AddSingleton<LocalToken>();
        builder.Services.AddSingleton<OpenDoors>();
        builder.Services.AddSingleton<MachineCheck>();
        builder.Services.AddSingleton<ProtectionCheck>();
        builder.Services.AddSingleton<Examination>();

        // Whoever waits for an answer wants the first one, and not the fifth.
        builder.Services.PostConfigure<HokifyOptions>(hokify =>
        {
            foreach (var scope in hokify.Scopes.Values)
            {
                scope.AtsApi.Http.Retries = scope.ExternApi.Http.Retries = 0;
            }
        });
        return builder.Build();
    }
}
