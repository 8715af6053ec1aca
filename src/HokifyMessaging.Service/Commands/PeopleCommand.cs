namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify people</c>: what the data of people is asked for by themselves.</summary>
internal static class PeopleCommand
{
    public static Command Create() => new Verb(
        "people",
        "Tells people what is stored about them",
        new VerbHelp("Does what people may ask of whoever stores their data.")
        {
            Examples = [("hokify people export --email jobs@example.at --output person.html", "Writes what is stored about somebody.")],
        })
    {
        PeopleExportCommand.Create(),
    };
}
