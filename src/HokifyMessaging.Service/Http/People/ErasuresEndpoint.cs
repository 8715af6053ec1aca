using HokifyMessaging.Privacy;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.People;

/// <summary>What has become of a request for an erasure. Says nothing of the person.</summary>
/// <param name="Id">The request's id.</param>
/// <param name="ScopeId">In which scope.</param>
/// <param name="State">Waiting until the scope is free, Deferred as long as a hold or claims that can still be made forbid it, then Done.</param>
/// <param name="RequestedBy">The API key that asked, or the user of a command.</param>
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

/// <summary>A part of the list of requests for erasures, newest first.</summary>
/// <param name="Items">The requests.</param>
/// <param name="Next">The address of the next part; null when this is the last one.</param>
internal sealed record ErasurePage(IReadOnlyList<ErasureResult> Items, string? Next);

/// <summary><c>/api/people/erasures</c>: erases somebody who asks for it, and tells what has become of that.</summary>
internal static class ErasuresEndpoint
{
    private const string Path = "/api/people/erasures";

    public static void MapErasures(this IEndpointRouteBuilder endpoints)
    {
        var erasures = endpoints.MapGroup(Path).WithTags("People").RequireAuthorization(Rights.Operate).ProducesProblem(StatusCodes.Status400BadRequest);
        erasures.MapPost("", EraseAsync)
            .WithName("ErasePeople").WithSummary("Erases somebody, so that no import brings them back")
            .WithDescription(
                "Somebody is named by the id of an application, by their own id, or by a mail address that is nobody else's. While an import is at work in the scope the request waits (202) and is "
                + "carried out by itself as soon as that has ended. Where a hold forbids the erasure, or claims that can still be made, it is deferred (202) and carried out by itself when "
                + "nothing forbids it any more, which dueAt tells. Location is where to look what became of it. Asked for twice, it is the same answer.")
            .Accepts<ErasureBody>("application/json")
            .ReadingBody()
            .Produces<ErasureResult>(StatusCodes.Status200OK)
            .Produces<ErasureResult>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        erasures.MapGet("", ListAsync)
            .WithName("ListErasures").WithSummary("Lists requests for erasures, newest first")
            .WithDescription("Those of commands among them. None says who was erased.")
            .Produces<ErasurePage>();
        erasures.MapGet("{erasureId:guid}", GetAsync)
            .WithName("GetErasure").WithSummary("What has become of a request for an erasure")
            .Produces<ErasureResult>()
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> EraseAsync(
        HttpContext context, KnownScopes scopes, PeopleFinder finder, ErasureRequests requests, AskedErasures erasures, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var asked = await ErasureBody.ReadAsync(context.Request, cancellationToken);
        context.User.RequireScope("scopeId", asked.ScopeId);

        await scopes.RequireAsync(asked.ScopeId, cancellationToken);
        var found = await finder.FindAsync(asked.ScopeId, asked.Person, cancellationToken);
        return ErasureChoice.Of(found, asked.All, await requests.WereMadeAsync(asked.ScopeId, asked.Person, cancellationToken)) switch
        {
            ErasureChoice.Chosen(var people) => await AskAsync(context, asked.Reason, found, people, erasures, cancellationToken),
            ErasureChoice.Refused(var sentence) => found.People.Count == 0 ? Problems.NotFound(sentence) : Problems.Conflict(sentence),
            var other => throw new InvalidOperationException($"{other} is no choice."),
        };
    }

    private static async Task<IResult> AskAsync(
        HttpContext context, string? reason, FoundPeople found, IReadOnlyList<FoundPerson> people, AskedErasures erasures, CancellationToken cancellationToken)
    {
        var result = ErasureResult.Of(await erasures.CarryOutAsync(found, people, context.User.AsActor(), reason, cancellationToken));
        context.Response.Headers.Location = $"{Path}/{result.Id}";
        return result.CompletedAt is null ? TypedResults.Accepted((string?)null, result) : TypedResults.Ok(result);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, string? scopeId, string? state, string? after, string? limit, ErasureRequests requests, CancellationToken cancellationToken)
    {
        var filter = new ErasureFilter
        {
            ScopeId = context.User.ScopeNamedBy(nameof(scopeId), scopeId),
            ScopeIds = context.User.VisibleScopes(),
            State = QueryText.OneOf<ErasureState>(nameof(state), state),
            After = QueryText.Id(nameof(after), after, "the id of the last erasure of the page before"),
            Limit = QueryText.WholeNumber(nameof(limit), limit, 50, 1, 500),
        };

        // One more than is shown tells whether there are more.
        if (await requests.ListAsync(filter with { Limit = filter.Limit + 1 }, cancellationToken) is not { } found)
        {
            return Problems.Parameter(nameof(after), $"There is no erasure {filter.After} to go on behind; 'after' must be the id of a listed erasure.");
        }

        ErasureResult[] items = [.. found.Take(filter.Limit).Select(ErasureResult.Of)];
        return TypedResults.Ok(new ErasurePage(items, found.Count == items.Length ? null : context.Request.Next(nameof(after), items[^1].Id.ToString())));
    }

    private static async Task<IResult> GetAsync(HttpContext context, Guid erasureId, ErasureRequests requests, CancellationToken cancellationToken) =>
        await requests.FindAsync(erasureId, context.User.VisibleScopes(), cancellationToken) is { } request
            ? TypedResults.Ok(ErasureResult.Of(request))
            : Problems.NotFound("There is no such erasure, or the API key may not see it.");
}
