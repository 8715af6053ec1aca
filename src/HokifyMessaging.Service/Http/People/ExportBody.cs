using HokifyMessaging.Privacy;

namespace HokifyMessaging.Service.Http.People;

/// <summary>Whose data to export, as the body of a request has it. Exactly one of the three names somebody.</summary>
/// <param name="ScopeId">In which scope. Default: 1.</param>
/// <param name="ApplicationId">The id of one of the person's applications.</param>
/// <param name="PersonId">The person's id at hokify, or what stands for it where the source has none.</param>
/// <param name="Email">A mail address of the person.</param>
/// <param name="All">With an address: all people who have it. Default: false, which refuses an address of several people.</param>
/// <param name="Format">As what: json for programs, html for the person. Default: json.</param>
/// <param name="Language">The language of the page, de or en; the JSON has both. Default: de.</param>
internal sealed record ExportBody(
    int ScopeId = 1, string? ApplicationId = null, string? PersonId = null, string? Email = null, bool All = false, string Format = PeopleFormat.Json, string? Language = null)
{
    private const string Good = "A good body is {\"scopeId\": 1, \"applicationId\": \"5f1d7f0b2c3e4a5b6c7d8e9f\", \"format\": \"html\", \"language\": \"de\"}.";

    private static readonly string[] Members = ["scopeId", "applicationId", "personId", "email", "all", "format", "language"];

    /// <exception cref="ParameterException">The body cannot be read, or names nobody.</exception>
    public static async Task<(AskedOfPeople Asked, PeopleFormat Format)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var members = await BodyMembers.ReadAsync(request, Members, Good, cancellationToken);
        var scopeId = members.Number("scopeId", otherwise: 1);
        var format = OneOf("format", members.Text("format"), PeopleFormat.Names);
        var language = OneOf("language", members.Text("language"), PeopleFormat.Languages);
        if (language is not null && format != PeopleFormat.Html)
        {
            throw new ParameterException("language", "language is for html; the JSON has both languages.");
        }

        var (member, person, all) = members.Person();
        return (new AskedOfPeople(scopeId, member, person, all), new PeopleFormat(format ?? PeopleFormat.Json, language ?? PeopleFormat.Languages[0]));
    }

    private static string? OneOf(string name, string? given, IReadOnlyList<string> known) => given is null || known.Contains(given)
        ? given
        : throw new ParameterException(name, $"{name} is {Problems.Quoted(given)}; it must be {string.Join(" or ", known)}.");
}
