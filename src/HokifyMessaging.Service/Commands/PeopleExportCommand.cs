using HokifyMessaging.Privacy;
using HokifyMessaging.Service.Import;
using HokifyMessaging.Service.Screens;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify people export</c>: all that is stored about somebody, as a file for programs or for the person.</summary>
internal static class PeopleExportCommand
{
    private static readonly Option<string?> Format = OneOf("--format", "As what; by the file's ending unless given, and json for standard output.", PeopleFormat.Names, "format");

    private static readonly Option<string?> Language = OneOf("--language", "The language of html; de unless given. The JSON has both.", PeopleFormat.Languages, "language");

    private static readonly Option<string?> Output = new("--output") { Description = "The file to write, which must not exist yet; standard output, for json, unless given.", HelpName = "file" };

    public static Command Create()
    {
        var command = new Verb(
            "export",
            "Writes all that is stored about a person to a file",
            new VerbHelp(
                "Writes all that is stored about a person: for programs as JSON, for the person as a page in German or English that needs nothing beside it. The person is named by an "
                + "id or a mail address; where several people have the address, it writes nothing and says how to name one. The file is yours alone, and one that exists is left alone. That it was written stands in the "
                + "audit log ('hokify audit'), and not whose data it was.")
            {
                Examples =
                [
                    ("hokify people export --application 5f1d7f0b2c3e4a5b6c7d8e9f --output person.html", "The page, in German."),
                    ("hokify people export --email jobs@example.at --language en --output person.html", "In English."),
                    ("hokify people export --person 5f1d7f0b2c3e4a5b6c7d8e9f --scope 2 > person.json", "The JSON."),
                ],
                ExitCodes =
                [
                    (ExitCode.Done, "written"),
                    (ExitCode.Failed, "nobody is stored there, several people are meant, or the database or the file cannot be used; nothing is left of the file"),
                ],
            })
        {
            Format, Language, Output,
        };
        PersonOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(() => RunAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static Option<string?> OneOf(string name, string description, IReadOnlyList<string> known, string helpName)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !known.Contains(token.Value))
            {
                result.AddError($"{name} is '{token.Value}'; it must be {string.Join(" or ", known)}.");
            }
        });
        return option;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (path, scopeId) = (parsed.GetValue(Output), parsed.GetValue(PersonOptions.Scope));
        var format = FormatOf(parsed.GetValue(Format), parsed.GetValue(Language), path);
        var file = path is null ? null : new OutputFile(path, Output.Name);
        var (option, asked) = PersonOptions.Of(parsed);
        using var host = CommandHost.BuildWithDatabase();
        await host.Services.RequireCurrentDatabaseAsync(cancellationToken);
        await KnownScope.RequireAsync(host, scopeId, cancellationToken);
        var found = await host.Services.GetRequiredService<PeopleFinder>().FindAsync(scopeId, asked, cancellationToken);
        Require(found, option, parsed.GetValue(PersonOptions.All));
        var export = host.Services.GetRequiredService<PeopleExport>();
        var document = await export.MakeAsync(found, format, Actor.OfUser(), cancellationToken);
        if (file is null)
        {
            await using var output = Console.OpenStandardOutput();
            await export.WriteAsync(document, format, output, cancellationToken);
            return ExitCode.Done;
        }

        await file.WriteAsync(stream => export.WriteAsync(document, format, stream, cancellationToken), "What is stored about the person is not written");
        Terminal.Screen().Say($"Written: {file.FullPath}, people: {ShownValue.Of(document.People.Count)}, applications: {ShownValue.Of(document.Applications)}");
        return ExitCode.Done;
    }

    private static PeopleFormat FormatOf(string? name, string? language, string? path)
    {
        var format = name ?? (path is null ? PeopleFormat.Json : PeopleFormat.OfEnding(path))
            ?? throw new VerbException($"{Output.Name} is '{path}', whose ending names no format; end it in .json or .html, or say which one with {Format.Name} {string.Join(" or ", PeopleFormat.Names)}.");
        if (format == PeopleFormat.Json && language is not null)
        {
            throw new VerbException($"{Language.Name} is for html; the JSON has both languages.");
        }

        if (format == PeopleFormat.Html && path is null)
        {
            throw new VerbException($"The page needs a file; name one with {Output.Name}.");
        }

        return new PeopleFormat(format, language ?? PeopleFormat.Languages[0]);
    }

    /// <summary>What was asked for is a value of a person, and need not be told again.</summary>
    private static void Require(FoundPeople found, Option option, bool isForAll)
    {
        if (found.People.Count == 0)
        {
            throw new VerbException(found.ErasedAt is { } at
                ? $"{option.Name} names somebody who was erased in scope {ShownValue.Of(found.ScopeId)} on {ShownValue.Of(at)}; nothing but a keyed hash of the id is stored."
                : $"{option.Name} names nobody who is stored in scope {ShownValue.Of(found.ScopeId)}, and nothing that waits there names them.");
        }

        if (found.People.Count > 1 && !isForAll)
        {
            throw new VerbException(
                $"{option.Name} names {ShownValue.Of(found.People.Count)} people in scope {ShownValue.Of(found.ScopeId)}: name one by {string.Join(", or ", found.People.Select(Name))}"
                + $"{(option == PersonOptions.Email ? $"; or have all of them written with {PersonOptions.All.Name}" : "")}.");
        }
    }

    private static string Name(FoundPerson person) => (person.Reference, person.Waiting) switch
    {
        ({ } reference, _) => $"{PersonOptions.Person.Name} {reference}",
        (_, [var first, ..]) => $"{PersonOptions.Application.Name} {first.ReferenceId}",
        _ => throw new InvalidOperationException("Whoever was found has neither a row nor a record that waits."),
    };
}
