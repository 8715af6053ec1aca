using HokifyMessaging.Privacy;

namespace HokifyMessaging.Service.Commands;

/// <summary>The options by which a verb is told whom it is about.</summary>
internal static class PersonOptions
{
    public static readonly Option<int> Scope = new("--scope") { Description = "In which scope.", HelpName = "id", DefaultValueFactory = _ => 1 };

    public static readonly Option<string?> Application = new("--application") { Description = "The id of one of the person's applications.", HelpName = "id" };

    public static readonly Option<string?> Person = new("--person") { Description = "The person's id at hokify, or what stands for it where the source has none, as other verbs show it.", HelpName = "id" };

    public static readonly Option<string?> Email = new("--email") { Description = "A mail address of the person, in any case. Several people may have the same: each is shown.", HelpName = "address" };

    public static readonly Option<bool> All = new("--all") { Description = "With --email: all people who have that address." };

    public static void AddTo(Command command)
    {
        foreach (var option in new Option[] { Application, Person, Email, All, Scope })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whom the options name.</summary>
    /// <exception cref="VerbException">They name nobody, or by several things at once, or by what is no id or address.</exception>
    public static (Option Option, NamedPerson Person) Of(ParseResult parsed)
    {
        var given = new[] { (Option: Application, By: NamedBy.Application), (Option: Person, By: NamedBy.Person), (Option: Email, By: NamedBy.Address) }
            .Select(named => (named.Option, named.By, Value: parsed.GetValue(named.Option))).Where(named => named.Value is not null).ToList();
        if (given is not [var (option, by, value)])
        {
            throw new VerbException($"Name somebody by one of --application, --person and --email; {(given.Count == 0 ? "none was" : $"{string.Join(" and ", given.Select(named => named.Option.Name))} were")} given.");
        }

        if (parsed.GetValue(All) && by != NamedBy.Address)
        {
            throw new VerbException($"--all is for --email: {option.Name} names one person.");
        }

        return (option, NamedPerson.TryRead(by, value!, out var problem) ?? throw new VerbException($"{option.Name} {problem}."));
    }
}
