using HokifyMessaging.Results;
using HokifyMessaging.Runs.Queries;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What became of an application or a person, as people read it.</summary>
internal static class FindScreen
{
    public static void Show(IAnsiConsole screen, RecordTrail trail)
    {
        foreach (var (number, found) in trail.Found.Index())
        {
            if (number > 0)
            {
                screen.Gap();
            }

            Show(screen, found, trail.Scopes.Single(scope => scope.ScopeId == found.ScopeId));
        }

        if (trail.Found.Count == 0)
        {
            screen.Say(trail.Scopes.Count == 0 ? "Nothing has been imported into this database yet." : $"No run has met '{trail.Asked}'.");
            foreach (var scope in trail.Scopes)
            {
                screen.SayItem(scope.ReadTo is { } to
                    ? $"Scope {ShownValue.Of(scope.ScopeId)} was last read to the end up to {ShownValue.Of(to)}; what hokify has had since is not known."
                    : $"Scope {ShownValue.Of(scope.ScopeId)} has never been read to the end, so hokify may have it all the same.");
            }
        }

        if (trail.IsCut)
        {
            screen.Gap();
            screen.Say(FormattableString.Invariant($"There is more than is listed, which is {RecordTrails.Listed} of a kind; ask for an application by its id."));
        }

        foreach (var sentence in trail.NotKnown)
        {
            screen.Gap();
            screen.Say(sentence);
        }
    }

    private static void Show(IAnsiConsole screen, FoundRecord found, ScopeReach scope)
    {
        Fact.Write(
            screen,
            [
                new(found.Fate is RecordFate.Withheld or RecordFate.Forgotten ? "asked for" : found.ElementName == "Candidate" ? "person" : "application", found.ReferenceId, IsWhole: true),
                new("scope", ShownValue.Of(found.ScopeId)),
                new("state", State(found)),
                new("reason", found.Reason),
                new("person", found.PersonReferenceId, IsWhole: true),
                new("first stored", ShownValue.Of(found.StoredAt)),
                new("last changed", found.Fate is RecordFate.Stored or RecordFate.Deleted ? null : ShownValue.Of(found.ChangedAt)),
                new("found again", found.FoundAgain is { } again ? $"{ShownValue.Of(again.At)}, by the full import {again.IdempotencyKey}" : null),
                new("changed there", ShownValue.Of(found.Version)),
                new("scope read to", found.Fate is RecordFate.Withheld or RecordFate.Forgotten ? null : ShownValue.Of(scope.ReadTo)),
            ]);
        if (found.Events.Count == 0)
        {
            return;
        }

        screen.Gap();
        var listing = new Listing(new("run"), new("did"), new("when"), new("key", MayMove: true));
        foreach (var one in found.Events)
        {
            listing.Add(
                [one.RunId?.ToString() ?? "", one.What, ShownValue.Of(one.At), one.IdempotencyKey ?? ""],
                new("why", Why(one.Decision)),
                new("field", one.Field),
                new("changed", one.Fields is { Count: > 0 } fields ? string.Join(", ", fields.Select(field => FieldWords.Of(field.Field)).Distinct()) : null));
        }

        listing.Write(screen);
        if (found.HasMoreEvents || found.IsBeginningForgotten)
        {
            screen.Say(found.HasMoreEvents
                ? FormattableString.Invariant($"There was more before, of which the last {RecordTrails.Listed} are listed.")
                : "What was done before is not kept any more (Hokify:Retention:RunDetails).");
        }
    }

    /// <summary>Where what was done does not say it.</summary>
    private static string? Why(RecordDecision decision) => decision switch
    {
        RecordDecision.CameBack => "hokify has it again",
        RecordDecision.OtherPersons => "it belongs to another person since",
        RecordDecision.NotThere => "hokify no longer had it",
        RecordDecision.LastGone => "the last application was gone",
        RecordDecision.DoesNotFit => "it could not be understood",
        RecordDecision.Refused => "the database refused it",
        RecordDecision.Contradicts => "another record of the same id is somebody else's",
        RecordDecision.FailedAgain => "failed again",
        RecordDecision.StoredAfterAll => "stored since",
        RecordDecision.Outdated => "older than what is stored by then",
        RecordDecision.Dropped => "it had waited for too long",
        _ => null,
    };

    private static string State(FoundRecord found)
    {
        var beside = found.StoredAt is null ? "not stored" : "an older copy is stored";
        return found.Fate switch
        {
            RecordFate.Stored => $"stored, unchanged since {ShownValue.Of(found.ChangedAt)}",
            RecordFate.Deleted => $"deleted at {ShownValue.Of(found.ChangedAt)}, because {(found.ElementName == "Candidate" ? "their last application was gone" : "hokify no longer had it")}",
            RecordFate.Waiting => $"{beside}; waits to be tried again, by the first import after {ShownValue.Of(found.DueAt)}",
            RecordFate.Parked => Counted.Text($"{beside}; was tried again {found.RetryCount} {found.RetryCount:time|times} and is parked: 'hokify runs retry' has it tried once more"),
            RecordFate.Withheld => $"withheld: the person was erased at {ShownValue.Of(found.ErasedAt)}, and no import brings them back",
            RecordFate.Forgotten => $"kept out: it was kept for as long as the scope keeps applications and forgotten at {ShownValue.Of(found.ErasedAt)}; the person may apply again",
            RecordFate.Dropped => "not stored; nothing of it waits any more: an operator dropped it, or it was kept for as long as Hokify:Retention:LedgerEntries says; the reason tells which",
            _ => "could not be stored, and nothing of it waits any more: a newer copy took its place",
        };
    }
}
