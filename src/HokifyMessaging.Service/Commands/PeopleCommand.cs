namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify people</c>: what people may ask of whoever stores their applications.</summary>
internal static class PeopleCommand
{
    public static Command Create() => new Verb(
        "people",
        "Does what people may ask for: erases them",
        new VerbHelp("Does what people may ask of whoever stores their applications. Somebody is named by the id of an application, by their own id, or by a mail address.")
        {
            Examples = [("hokify people erase --email jobs@example.at", "Shows who that is, and asks.")],
        })
    {
        PeopleEraseCommand.Create(),
    };
}
