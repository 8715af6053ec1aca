using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What is kept for how long, what of it is due, and what was forgotten.</summary>
internal static class RetentionScreen
{
    public static void Show(IAnsiConsole screen, IReadOnlyList<RetentionStanding> standings, bool isEnabled)
    {
        if (standings.Count == 0)
        {
            screen.Say("No scope is configured, and none has been imported.");
            return;
        }

        foreach (var (number, standing) in standings.Index())
        {
            if (number > 0)
            {
                screen.Gap();
            }

            Fact.Write(
                screen,
                [
                    new("scope", standing.ScopeId is { } id ? $"{ShownValue.Of(id)}, {standing.Name}" : "none, but the installation as a whole"),
                    new("rule", standing.Rule),
                    new("last", standing.LastEndedAt is { } at ? $"{ShownValue.Of(at)}: {Done(standing)}" : "never"),
                ]);
            if (standing.Counts.Count > 0)
            {
                screen.Gap();
                var listing = new Listing(new("what"), new("due now", IsNumber: true), new("within 30 days", IsNumber: true), new("on hold", IsNumber: true));
                foreach (var count in standing.Counts)
                {
                    listing.Add([count.What, ShownValue.Of(count.Due), ShownValue.Of(count.Soon), ShownValue.Of(count.Held)]);
                }

                listing.Write(screen);
            }
        }

        if (!isEnabled && standings.Any(standing => standing.Counts.Count > 0))
        {
            screen.Gap();
            screen.Say("The daily job only counts; it forgets what is due once Hokify:Retention:Enabled is true.");
        }
    }

    public static void ShowDone(IAnsiConsole screen, IReadOnlyList<RetentionReport> reports, RewriteOutcome rewrite)
    {
        screen.Gap();
        if (reports.Count == 0)
        {
            screen.Say(rewrite == RewriteOutcome.Done ? "Nothing is due." : "Nothing is due, and nothing was changed.");
        }

        foreach (var report in reports)
        {
            screen.Say($"{(report.ScopeId == RetentionRound.OfInstallation ? "The installation" : $"Scope {ShownValue.Of(report.ScopeId)}")}: forgotten {Numbers(report.Counts, count => count.Forgotten)}.");
        }

        if (rewrite == RewriteOutcome.Done)
        {
            screen.Say("The database file was written anew: nothing of those who were erased or forgotten is left between its rows.");
        }
        else if (rewrite == RewriteOutcome.TooLarge)
        {
            screen.Say("The database file was not written anew, because it is larger than Database:LargestRewrite: between its rows something may be left of those who were erased or forgotten.");
        }
    }

    private static string Done(RetentionStanding standing) => standing.LastCounts.Count == 0 ? "nothing to do"
        : standing.LastWasDry ? $"only counted, {Numbers(standing.LastCounts, count => count.Due)} due"
        : $"forgotten {Numbers(standing.LastCounts, count => count.Forgotten)}";

    private static string Numbers(IEnumerable<RetentionCount> counts, Func<RetentionCount, long> number) => string.Join(", ", counts.Select(count => $"{count.What} {ShownValue.Of(number(count))}"));
}
