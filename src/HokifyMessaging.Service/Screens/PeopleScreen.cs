using HokifyMessaging.Privacy;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>People who were found, for whoever has to decide whether they are the ones who are meant.</summary>
internal static class PeopleScreen
{
    /// <summary>The most of anything: people, and applications of one.</summary>
    public const int Listed = 20;

    public static void Show(IAnsiConsole screen, FoundPeople found)
    {
        foreach (var (number, person) in found.People.Take(Listed).Index())
        {
            if (number > 0)
            {
                screen.Gap();
            }

            Show(screen, person);
        }

        if (found.People.Count > Listed)
        {
            screen.Gap();
            screen.Say(Counted.Text($"and {found.People.Count - Listed} more {found.People.Count - Listed:person|people}"));
        }
    }

    private static void Show(IAnsiConsole screen, FoundPerson person)
    {
        Fact.Write(
            screen,
            [
                new("person", person.Reference ?? "not known; a record that waits names none", IsWhole: person.Reference is not null),
                new("name", string.Join(", ", person.Rows.Select(row => row.Name).OfType<string>().Distinct())),
                new("mail", string.Join(", ", person.Rows.SelectMany(row => row.Addresses).Distinct(StringComparer.OrdinalIgnoreCase))),
                new("rows", person.Rows.Count > 1 ? $"{ShownValue.Of(person.Rows.Count)}, by the same name at the same address" : null),
                new("waiting", person.Waiting.Count == 0 ? null : $"{ShownValue.Of(person.Waiting.Count)} that could not be stored: {Some([.. person.Waiting.Select(w => w.ReferenceId)])}"),
                new("shared", person.Shared.Count == 0 ? null : $"{Some(person.Shared)}; a record that waits gives it to somebody else"),
            ]);
        if (person.Applications.Count == 0)
        {
            return;
        }

        screen.Gap();
        var listing = new Listing(new("application"), new("job"), new("applied"), new("state"));
        foreach (var one in person.Applications.Take(Listed))
        {
            listing.Add([one.ReferenceId, one.Job, ShownValue.Of(one.AppliedAt), one.IsDeleted ? "deleted" : "stored"]);
        }

        listing.Write(screen);
        if (person.Applications.Count > Listed)
        {
            screen.Say(Counted.Text($"and {person.Applications.Count - Listed} more {person.Applications.Count - Listed:application|applications}"));
        }
    }

    private static string Some(IReadOnlyList<string> ids) => string.Join(", ", ids.Take(Listed)) + (ids.Count > Listed ? $" and {ShownValue.Of(ids.Count - Listed)} more" : "");
}
