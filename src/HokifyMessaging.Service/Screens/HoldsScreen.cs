using HokifyMessaging.Privacy;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What is on hold.</summary>
internal static class HoldsScreen
{
    public static void Show(IAnsiConsole screen, IReadOnlyList<HoldView> holds)
    {
        if (holds.Count == 0)
        {
            screen.Say("Nothing is on hold.");
            return;
        }

        foreach (var (number, hold) in holds.Index())
        {
            if (number > 0)
            {
                screen.Gap();
            }

            Fact.Write(
                screen,
                [
                    new("hold", $"{hold.Id}", IsWhole: true),
                    new("scope", ShownValue.Of(hold.ScopeId)),
                    new("reason", hold.Reason),
                    new("by", $"{hold.Who}, at {ShownValue.Of(hold.CreatedAt)}"),
                    new("until", hold.Until is { } until ? ShownValue.Of(until) : "it is released"),
                    new("released", hold.ReleasedAt is { } at ? $"{ShownValue.Of(at)}, by {hold.ReleasedBy}" : null),
                    new("holds", $"people {ShownValue.Of(hold.People)}, single applications {ShownValue.Of(hold.Applications)}"),
                ]);
        }
    }
}
