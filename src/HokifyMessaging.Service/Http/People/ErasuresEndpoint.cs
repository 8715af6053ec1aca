using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Keys;

namespace HokifyMessaging.Service.Http.People;

/// <summary>What has become of a request for an erasure. Says nothing of the person.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="ScopeId">In which scope.</param>
/// <param name="State">Waiting until the scope is free, Deferred as long as a hold or claims that can still be made forbid it, then Done.</param>
/// <param name="RequestedBy">The API key that asked.</param>
/// <param name="Reason">Why; null where nothing was said.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="CompletedAt">When it was carried out; null before.</param>
/// <param name="DueAt">When a request that is Deferred is carried out by itself; null for others, and where that is when a hold without an end is released.</param>
/// <param name="People">How many people were erased; 0 for an id that nobody had, which is kept out from then on.</param>
/// <param name="Applications">How many of their applications.</param>
/// <param name="WaitingRecords">How many records went that could not be stored and waited.</param>
internal sealed record ErasureResult(
    Guid Id, int ScopeId, string State, string RequestedBy, string? Reason, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, DateTimeOffset? DueAt, int People, int Applications,
    int WaitingRecords)
{
    public static ErasureResult Of(ErasureView request) => new(
        request.Id, request.ScopeId, request.State.ToString(), request.Who, request.Reason, request.CreatedAt, request.CompletedAt, request.DueAt, request.People, request.Applications, request.Waiting);
}

/// <summary><c>/api/people/erasures</c>: erases somebody who asks for it.</summary>
internal static class ErasuresEndpoint
{
    private const string Path = "/api/people/erasures";

    public static void MapErasures(this IEndpointRouteBuilder endpoints) => endpoints.MapPost(Path, EraseAsync).RequireAuthorization(Rights.Operate).WithTags("People")
        .WithName("ErasePeople").WithSummary("Erases somebody, so that no import brings them back")
        .WithDescription(
            "Somebody is named by the id of an application, by their own id, or by a mail address that is nobody else's. While an import is at work in the scope the request waits (202) and is "
            + "carried out by itself as soon as that has ended; the same request again tells what became of it. Where a hold forbids the erasure, or claims that can still be made, it is deferred (202) "
            + "and carried out by itself when nothing forbids it any more, which dueAt tells. Asked for twice, it is the same answer.")
        .Accepts<ErasureBody>("application/json")
        .ReadingBody()
        .Produces<ErasureResult>(StatusCodes.Status200OK)
        .Produces<ErasureResult>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> EraseAsync(
        HttpContext context, PeopleFinder finder, ErasureRequests requests, PeopleErasure erasure, RunQueries runs, IOptions<HokifyOptions> options, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var body = await ErasureBody.ReadAsync(context.Request, cancellationToken);
        if (!context.User.MaySee(body.ScopeId))
        {
            return Problems.NoSuchScope("scopeId", body.ScopeId);
        }

        var asked = body.Named();
        if (!options.Value.Scopes.ContainsKey(body.ScopeId) && (await runs.ListAsync(new RunFilter { ScopeId = body.ScopeId, Limit = 1 }, cancellationToken)).Count == 0)
        {
            return Problems.Parameter("scopeId", string.Create(CultureInfo.InvariantCulture, $"scopeId is {body.ScopeId}, which is not configured, and nothing was ever imported into it."));
        }

        var found = await finder.FindAsync(body.ScopeId, asked, cancellationToken);
        return ErasureChoice.Of(found, body.All, await requests.WereMadeAsync(body.ScopeId, asked, cancellationToken)) switch
        {
            ErasureChoice.Chosen(var people) => await AskAsync(context, body.Reason, found, people, requests, erasure, cancellationToken),
            ErasureChoice.Refused(var sentence) => found.People.Count == 0 ? Problems.NotFound(sentence) : Problems.Conflict(sentence),
            var other => throw new InvalidOperationException($"{other} is no choice."),
        };
    }

    private static async Task<IResult> AskAsync(
        HttpContext context, string? reason, FoundPeople found, IReadOnlyList<FoundPerson> people, ErasureRequests requests, PeopleErasure erasure, CancellationToken cancellationToken)
    {
        var name = context.User.Identity?.Name ?? throw new InvalidOperationException("A caller without a name has passed the policies.");
        var request = (await requests.AskAsync(found, people, new ErasureAsker(name, Environment.MachineName, reason), cancellationToken)).Request;
        try
        {
            var result = ErasureResult.Of(await erasure.CarryOutAsync(request.Id, cancellationToken));
            return result.CompletedAt is null ? TypedResults.Accepted((string?)null, result) : TypedResults.Ok(result);
        }
        catch (Exception exception) when (exception is ScopeAtWorkException or LeaseLostException)
        {
            return TypedResults.Accepted((string?)null, ErasureResult.Of(request));
        }
    }
}
