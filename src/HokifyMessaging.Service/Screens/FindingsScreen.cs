using HokifyMessaging.CheckUp;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What a look at an installation has found, a line or a few for each.</summary>
internal static class FindingsScreen
{
    public static void Show(IAnsiConsole screen, IReadOnlyCollection<Finding> findings)
    {
        Fact.Write(screen, [.. findings.Select(finding => new Fact($"{Word(finding.Verdict),-7}  {finding.Subject}", finding.Sentence))]);
        screen.Gap();
        screen.Say(findings.Count(finding => finding.Verdict == Verdict.Wrong) switch
        {
            0 => "Nothing is wrong.",
            1 => "One thing is wrong.",
            var wrong => Counted.Text($"{wrong} {wrong:thing is|things are} wrong."),
        });
    }

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Wrong => "WRONG",
        Verdict.Note => "note",
        Verdict.Unknown => "unknown",
        _ => "ok",
    };
}
