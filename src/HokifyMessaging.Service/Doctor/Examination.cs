using HokifyMessaging.CheckUp;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Doctor;

/// <summary>Looks at everything that a service needs, all at once, and tells it in one order.</summary>
internal sealed class Examination(IServiceProvider services, TimeProvider clock)
{
    /// <summary>How long a locked database is waited for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var settings = services.GetRequiredService<SettingsCheck>();
        PlannedCheck[] checks = [new(settings.Subject, () => settings), new("machine", services.GetRequiredService<MachineCheck>), new("protection", services.GetRequiredService<ProtectionCheck>), .. services.PlanChecks()];
        var looks = await Task.WhenAll(checks.Select(check => Task.Run(() => LookAsync(check, settings.Faults, cancellationToken), cancellationToken)));
        return Once([.. looks.SelectMany(findings => findings)]);
    }

    /// <summary>A database that is away keeps all from looking that need it, and is one thing that is wrong.</summary>
    private static IReadOnlyList<Finding> Once(IReadOnlyList<Finding> findings)
    {
        var told = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. findings.Select(finding => finding.Verdict != Verdict.Wrong || told.Add(finding.Sentence)
                ? finding
                : finding with { Verdict = Verdict.Unknown, Sentence = "Not looked at, because of what is wrong above." }),
        ];
    }

    /// <param name="check">The check.</param>
    /// <param name="told">What is said of the settings anyway.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<IReadOnlyList<Finding>> LookAsync(PlannedCheck check, IReadOnlyList<string> told, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        try
        {
            using var patience = DatabasePatience.Begin(Patience, clock);
            await foreach (var finding in check.Make().LookAsync(cancellationToken))
            {
                findings.Add(finding);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var news = CommandErrors.Sentences(exception).Except(told, StringComparer.Ordinal).ToList();
            findings.AddRange(news.Count > 0
                ? news.Select(sentence => new Finding(check.Subject, Verdict.Wrong, sentence))
                : [new Finding(check.Subject, Verdict.Unknown, "Not looked at, because of what is wrong above.")]);
        }

        return findings;
    }
}
