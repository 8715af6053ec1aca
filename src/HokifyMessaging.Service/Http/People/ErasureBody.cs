using HokifyMessaging.Privacy;
using HokifyMessaging.Receiving;
using HokifyMessaging.Service.Http.Imports;

namespace HokifyMessaging.Service.Http.People;

/// <summary>Whom to erase, as the body of a request has it. Exactly one of the three names somebody.</summary>
/// <param name="ScopeId">In which scope. Default: 1.</param>
/// <param name="ApplicationId">The id of one of the person's applications.</param>
/// <param name="PersonId">The person's id at hokify, or what stands for it where the source has none.</param>
/// <param name="Email">A mail address of the person.</param>
/// <param name="All">With an address: all people who have it. Default: false, which refuses an address of several people.</param>
/// <param name="Reason">Why, at most 500 characters; kept for good, so it should not name the person.</param>
internal sealed record ErasureBody(int ScopeId = 1, string? ApplicationId = null, string? PersonId = null, string? Email = null, bool All = false, string? Reason = null)
{
    private const string Good = "A good body is {\"scopeId\": 1, \"applicationId\": \"5f1d7f0b2c3e4a5b6c7d8e9f\"}.";

    private static readonly string[] Members = ["scopeId", "applicationId", "personId", "email", "all", "reason"];

    /// <exception cref="ParameterException">The body cannot be read, or names nobody.</exception>
    public static async Task<ErasureBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        RequestBody.RequireJson(request);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        try
        {
            using var document = RequestJson.Parse(body.ToArray());
            return Of(document.RootElement);
        }
        catch (UnreadableRequestException unreadable)
        {
            throw new ParameterException("body", $"The body {unreadable.Message}. {Good}");
        }
    }

    /// <summary>Whom it names.</summary>
    public NamedPerson Named()
    {
        var given = new[] { (By: NamedBy.Application, Name: "applicationId", Value: ApplicationId), (By: NamedBy.Person, Name: "personId", Value: PersonId), (By: NamedBy.Address, Name: "email", Value: Email) }
            .Where(named => named.Value is not null).ToList();
        if (given is not [var (by, name, value)])
        {
            throw new ParameterException("body", $"The body must name somebody by one of applicationId, personId and email; {(given.Count == 0 ? "none" : string.Join(" and ", given.Select(named => named.Name)))} is given. {Good}");
        }

        return All && by != NamedBy.Address
            ? throw new ParameterException("all", $"all is for email: {name} names one person.")
            : NamedPerson.TryRead(by, value!, out var problem) ?? throw new ParameterException(name, $"{name} {problem}.");
    }

    private static ErasureBody Of(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw new UnreadableRequestException($"is {RequestJson.Article(body.ValueKind)}, not a JSON object");
        }

        var read = new ErasureBody();
        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in body.EnumerateObject())
        {
            var name = Members.FirstOrDefault(known => known.Equals(member.Name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UnreadableRequestException($"cannot be read ({KnownNames.Unknown(member.Name, Members)})");
            if (!given.Add(name))
            {
                throw new UnreadableRequestException($"cannot be read ('{name}' is given twice)");
            }

            read = name switch
            {
                "scopeId" => read with { ScopeId = Number(name, member.Value) },
                "all" => read with { All = Truth(name, member.Value) },
                "applicationId" => read with { ApplicationId = Text(name, member.Value) },
                "personId" => read with { PersonId = Text(name, member.Value) },
                "email" => read with { Email = Text(name, member.Value) },
                _ => read with { Reason = Text(name, member.Value) },
            };
        }

        return read.Reason is { } reason && ErasureAsker.ProblemOf(reason) is { } problem ? throw new ParameterException("reason", $"reason {problem}.") : read;
    }

    private static int Number(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : throw Wrong(name, value, "a whole number");

    private static bool Truth(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false");

    private static string? Text(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Null ? value.GetString() : throw Wrong(name, value, "a text or null");

    private static UnreadableRequestException Wrong(string name, JsonElement value, string expected) =>
        new($"cannot be read ({name} is {RequestJson.Article(value.ValueKind)}; it must be {expected}; path $.{name})");
}
