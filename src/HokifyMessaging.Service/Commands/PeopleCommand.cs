namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify people</c>: what people may ask of whoever stores their applications.</summary>
internal static class PeopleCommand
{
    public static Command Create() => new Verb(
        "people",
        "Tells people what is stored of them, erases and holds it",
        new VerbHelp("Does what people may ask of whoever stores their applications. Somebody is named by the id of an application, by their own id, or by a mail address.")
        {
            Examples =
            [
                ("hokify people export --email jobs@example.at --output person.html", "Writes what is stored about somebody."),
                ("hokify people erase --email jobs@example.at", "Shows who that is, and asks."),
                ("hokify people hold --application 5f1d7f0b2c3e4a5b6c7d8e9f --reason 2026/17", "Keeps an application from being forgotten."),
            ],
        })
    {
        PeopleExportCommand.Create(),
        PeopleEraseCommand.Create(),
        PeopleHoldCommand.CreateHold(),
        PeopleHoldCommand.CreateRelease(),
        PeopleHoldCommand.CreateList(),
    };
}
