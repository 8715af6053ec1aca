using System.Text.Encodings.Web;
using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify keys new</c>: makes an API key, which is shown once, and the settings by which the service knows it.</summary>
internal static class KeysCommand
{
    private static readonly JsonSerializerOptions Configuration = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Option<string> Name = new("--name")
    {
        Description = "Who holds the key, a system rather than a person: letters and digits, with single underscores between them, at most 64.",
        Required = true,
    };

    private static readonly Option<string> Scopes = new("--scopes") { Description = $"What the key sees and imports: {Grants.ScopesForm}.", Required = true };

    private static readonly Option<string> Granted = new("--rights") { Description = $"What it may do: {Grants.RightsForm}. None implies another.", Required = true };

    private static readonly Option<DateTimeOffset?> Expires = new("--expires")
    {
        Description = "From when the key is refused: a day (its beginning, UTC) or an instant such as 2027-01-31T12:00:00+01:00. Default: never.",
        HelpName = "when",
        CustomParser = argument =>
        {
            if (DateTimeOffset.TryParse(argument.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) && instant > TimeProvider.System.GetUtcNow())
            {
                return instant;
            }

            argument.AddError("--expires must be a day or an instant to come, such as 2027-01-31 or 2027-01-31T12:00:00+01:00.");
            return null;
        },
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print key and settings as JSON." };

    public static Command Create()
    {
        Check(Name, HttpOptionsValidator.IsName, "letters and digits, with single underscores between them, at most 64 characters");
        Check(Scopes, text => Grants.Scopes(text) is not null, Grants.ScopesForm);
        Check(Granted, text => Grants.Rights(text) is not null, Grants.RightsForm);
        var create = new Verb(
            "new",
            "Makes an API key, and the settings that let it in",
            new VerbHelp(
                "Makes an API key and prints it, once, with the settings by which the service knows it: they hold only its hash. Nothing is stored; put the settings into the "
                + "service's configuration and restart it.")
            {
                Examples =
                [
                    ("hokify keys new --name crm --scopes 1 --rights read,import", "For a system that asks for imports of scope 1."),
                    ("hokify keys new --name ops --scopes all --rights read,operate,personal --expires 2027-12-31", "For one that watches all of them and may see people, until the end of 2027."),
                ],
                ExitCodes = [(ExitCode.Done, "done"), (ExitCode.Failed, "an option is wrong; the error stream says which")],
            })
        {
            Name, Scopes, Granted, Expires, Json,
        };
        create.SetAction((parsed, cancellationToken) => CommandErrors.GuardAsync(
            () => Task.FromResult(New(
                parsed.GetValue(Name)!, parsed.GetValue(Scopes)!, parsed.GetValue(Granted)!, parsed.GetValue(Expires), parsed.GetValue(Json))),
            cancellationToken));
        return new Verb(
            "keys",
            "Makes API keys for the HTTP side",
            new VerbHelp("Makes API keys, with which other systems ask over HTTP. Without any configured key the service answers only its own machine.")
            {
                Examples = [("hokify keys new --name crm --scopes 1 --rights read,import", "Makes one.")],
            })
        {
            create,
        };
    }

    private static int New(string name, string scopes, string rights, DateTimeOffset? expires, bool json)
    {
        var key = ApiKey.Create();
        var settings = new Dictionary<string, string>
        {
            [nameof(ApiKeyOptions.Hash)] = KeyHash.Of(key).ToString(),
            [nameof(ApiKeyOptions.Scopes)] = Grants.Scopes(scopes) is [Caller.AllScopes] ? "all" : string.Join(',', Grants.Scopes(scopes)!),
            [nameof(ApiKeyOptions.Rights)] = string.Join(',', Grants.Rights(rights)!),
        };
        if (expires is { } instant)
        {
            settings[nameof(ApiKeyOptions.ExpiresAt)] = instant.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
        }

        var environment = settings.ToDictionary(setting => $"{HttpOptions.Section}__{nameof(HttpOptions.Keys)}__{name}__{setting.Key}", setting => setting.Value);
        var configuration = new Dictionary<string, object>
        {
            [HttpOptions.Section] = new Dictionary<string, object> { [nameof(HttpOptions.Keys)] = new Dictionary<string, object> { [name] = settings } },
        };
        if (json)
        {
            CommandHost.WriteJson(new { Name = name, Key = key, Environment = environment, Configuration = configuration });
            return ExitCode.Done;
        }

        var screen = Terminal.Screen();
        screen.Say($"The key, which is not shown again; {name} sends it in the header {ApiKeyHandler.Header}, or as Authorization: Bearer:");
        Terminal.Out.WriteLine($"\n  {key}\n");
        screen.Say("By these settings 'hokify serve' knows it, as environment variables");
        screen.Gap();
        foreach (var (variable, value) in environment)
        {
            Terminal.Out.WriteLine($"export {variable}='{value}'");
        }

        Terminal.Out.WriteLine($"""

            or as JSON:

            {JsonSerializer.Serialize(configuration, Configuration)}
            """);
        return ExitCode.Done;
    }

    private static void Check(Option<string> option, Predicate<string> isRight, string form) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !isRight(token.Value))
        {
            result.AddError($"{option.Name} is '{token.Value}'; it must be {form}.");
        }
    });
}
