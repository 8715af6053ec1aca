using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>A plan as people read it: what would be done, and each field with what is there and what would be.</summary>
internal static class PlanScreen
{
    public static void Show(IAnsiConsole screen, PlanView plan, IReadOnlyList<PlannedEntry> entries, PlanFilter filter)
    {
        Fact.Write(
            screen,
            [
                new("run", plan.RunId.ToString(), IsWhole: true),
                new("digest", plan.Digest, IsWhole: true),
                new("would", Counts(plan)),
                new("kept", plan.ForgottenAt is { } at ? $"no longer whole since {ShownValue.Of(at)}, and cannot be applied" : null),
            ]);
        screen.Gap();
        if (entries.Count == 0)
        {
            screen.Say(filter.OnlyDifferences ? "Nothing differs." : "Nothing of that is planned.");
            return;
        }

        var listing = new Listing(new("number", IsNumber: true), new("would be"), new("element"), new("reference id"), new("person", MayMove: true));
        foreach (var entry in entries)
        {
            listing.Add(
                [ShownValue.Of(entry.Number), entry.Change.ToString().ToLowerInvariant(), entry.ElementName, entry.ReferenceId, entry.PersonReferenceId],
                [new Fact("differs", Differs(entry)), new Fact("reason", entry.Reason), .. entry.Fields.Select(field => new Fact(field.Field, $"{Value(field.Before)} -> {Value(field.After)}"))]);
        }

        listing.Write(screen);
        if (entries.Count == filter.Limit)
        {
            screen.Gap();
            screen.Say($"The next ones: --after {ShownValue.Of(entries[^1].Number)}");
        }
        else if (plan.CanBeApplied)
        {
            screen.Gap();
            screen.Say($"'hokify request --scope {ShownValue.Of(plan.ScopeId)} --plan {plan.Digest}' has exactly this applied.");
        }
    }

    private static string Counts(PlanView plan) => plan.Counts.Count == 0 ? "change nothing"
        : string.Join(", ", plan.Counts.Select(count => $"{count.Change.ToString().ToLowerInvariant()} {ShownValue.Of(count.Number)} {count.ElementName}"));

    private static string? Differs(PlannedEntry entry) => entry.Difference switch
    {
        nameof(PlanDifference.Added) => "the plan that was to be applied does not have it",
        nameof(PlanDifference.Changed) => "the plan that was to be applied has it otherwise",
        nameof(PlanDifference.Gone) => "only the plan that was to be applied has it",
        nameof(PlanDifference.Moved) => "it had changed when it was to be written, and was left",
        _ => null,
    };

    private static string Value(string? value) => value is null ? "nothing" : VisibleText.Of(value);
}
