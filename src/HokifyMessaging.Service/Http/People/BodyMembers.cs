using HokifyMessaging.Privacy;
using HokifyMessaging.Receiving;
using HokifyMessaging.Service.Http.Imports;

namespace HokifyMessaging.Service.Http.People;

/// <summary>The members of a body that names somebody, each read as what it has to be. No value of it is told to anybody.</summary>
internal sealed class BodyMembers
{
    private const string ApplicationId = "applicationId";
    private const string PersonId = "personId";
    private const string Email = "email";
    private const string All = "all";

    private readonly Dictionary<string, JsonElement> _members;
    private readonly string _good;

    private BodyMembers(Dictionary<string, JsonElement> members, string good) => (_members, _good) = (members, good);

    /// <param name="request">The request.</param>
    /// <param name="known">The members that there are.</param>
    /// <param name="good">A body that can be read, for whoever sends another.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ParameterException">The body cannot be read, or has a member that is not known, or one twice.</exception>
    public static async Task<BodyMembers> ReadAsync(HttpRequest request, string[] known, string good, CancellationToken cancellationToken)
    {
        RequestBody.RequireJson(request);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        try
        {
            using var document = RequestJson.Parse(body.ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new BodyMembers(Known(document.RootElement, known), good)
                : throw new UnreadableRequestException($"is {RequestJson.Article(document.RootElement.ValueKind)}, not a JSON object");
        }
        catch (UnreadableRequestException unreadable)
        {
            throw new ParameterException("body", $"The body {unreadable.Message}. {good}");
        }
    }

    public int Number(string name, int otherwise) =>
        !_members.TryGetValue(name, out var value) ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Wrong(name, value, "a whole number");

    public bool Truth(string name) =>
        _members.TryGetValue(name, out var value) && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false"));

    public string? Text(string name) =>
        !_members.TryGetValue(name, out var value) ? null
        : value.ValueKind is JsonValueKind.String or JsonValueKind.Null ? value.GetString()
        : throw Wrong(name, value, "a text or null");

    /// <summary>Whom the body names, and whether all are meant who have the address.</summary>
    /// <exception cref="ParameterException">It names nobody, or by several things at once.</exception>
    public (string Member, NamedPerson Person, bool All) Person()
    {
        var given = new[] { (By: NamedBy.Application, Name: ApplicationId), (By: NamedBy.Person, Name: PersonId), (By: NamedBy.Address, Name: Email) }
            .Select(named => (named.By, named.Name, Value: Text(named.Name))).Where(named => named.Value is not null).ToList();
        var all = Truth(All);
        if (given is not [var (by, name, value)])
        {
            throw new ParameterException("body", $"The body must name somebody by one of applicationId, personId and email; {(given.Count == 0 ? "none" : string.Join(" and ", given.Select(named => named.Name)))} is given. {_good}");
        }

        return all && by != NamedBy.Address
            ? throw new ParameterException(All, $"all is for email: {name} names one person.")
            : (name, NamedPerson.TryRead(by, value!, out var problem) ?? throw new ParameterException(name, $"{name} {problem}."), all);
    }

    private static Dictionary<string, JsonElement> Known(JsonElement body, string[] known)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in body.EnumerateObject())
        {
            var name = known.FirstOrDefault(one => one.Equals(member.Name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UnreadableRequestException($"cannot be read ({KnownNames.Unknown(member.Name, known)})");
            if (!members.TryAdd(name, member.Value.Clone()))
            {
                throw new UnreadableRequestException($"cannot be read ('{name}' is given twice)");
            }
        }

        return members;
    }

    private ParameterException Wrong(string name, JsonElement value, string expected) =>
        new("body", $"The body cannot be read ({name} is {RequestJson.Article(value.ValueKind)}; it must be {expected}; path $.{name}). {_good}");
}
