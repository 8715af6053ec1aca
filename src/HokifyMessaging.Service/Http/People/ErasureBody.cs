using HokifyMessaging.Privacy;

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
    public static async Task<AskedOfPeople> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var members = await BodyMembers.ReadAsync(request, Members, Good, cancellationToken);
        var (scopeId, reason) = (members.Number("scopeId", otherwise: 1), members.Text("reason"));
        if (reason is not null && ErasureAsker.ProblemOf(reason) is { } problem)
        {
            throw new ParameterException("reason", $"reason {problem}.");
        }

        var (member, person, all) = members.Person();
        return new AskedOfPeople(scopeId, member, person, all) { Reason = reason };
    }
}

/// <summary>Whom a body is about.</summary>
/// <param name="ScopeId">In which scope.</param>
/// <param name="Member">The member that names them.</param>
/// <param name="Person">Who.</param>
/// <param name="All">Whether all are meant who have the address.</param>
internal sealed record AskedOfPeople(int ScopeId, string Member, NamedPerson Person, bool All)
{
    /// <summary>Why; null where nothing was said.</summary>
    public string? Reason { get; init; }
}
