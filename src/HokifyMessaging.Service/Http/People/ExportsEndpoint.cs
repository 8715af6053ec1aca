using System.Threading.RateLimiting;
using HokifyMessaging.Privacy;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.Http.Protection;
using HokifyMessaging.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HokifyMessaging.Service.Http.People;

/// <summary><c>POST /api/people/exports</c>: all that is stored about somebody. Whoever is named stands in the body: addresses are kept by everybody between.</summary>
internal static class ExportsEndpoint
{
    private const string Path = "/api/people/exports";

    private const string Page = "text/html";

    public static void MapExports(this IEndpointRouteBuilder endpoints) => endpoints.MapPost(Path, ExportAsync)
        .RequireAuthorization(Rights.Operate).RequireAuthorization(Rights.Personal).WithTags("People")
        .WithName("ExportPeople").WithSummary("Hands out all that is stored about somebody")
        .WithDescription(
            "For programs as JSON, for the person as a page in German or English that needs nothing beside it. Somebody is named by the id of an application, by their own id, or by a mail "
            + "address that is nobody else's. That it was handed out stands in the audit log, and not whose data it was.")
        .WithContentPolicy(PeoplePage.Policy)
        .Accepts<ExportBody>("application/json")
        .ReadingBody()
        .Produces(StatusCodes.Status200OK, null, ResultFormat.Json.MediaType, Page)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> ExportAsync(
        HttpContext context, KnownScopes scopes, PeopleFinder finder, PeopleExport export, PeopleExports exports, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (asked, format) = await ExportBody.ReadAsync(context.Request, cancellationToken);
        context.User.RequireScope("scopeId", asked.ScopeId);

        await scopes.RequireAsync(asked.ScopeId, cancellationToken);
        if (exports.Enter(context) is { } full)
        {
            return full;
        }

        var found = await finder.FindAsync(asked.ScopeId, asked.Person, cancellationToken);
        if (Refusal(found, asked) is { } refusal)
        {
            return refusal;
        }

        PeopleDocument document;
        try
        {
            document = await export.MakeAsync(found, format, context.User.AsActor(), cancellationToken);
        }
        catch (Exception exception) when (DatabaseErrors.Describe(exception) is { } sentence)
        {
            // Without an entry in the audit log nothing is handed out, whatever keeps it from being written.
            context.Response.RetryAfter(PeopleExports.Pause);
            return Problems.Unavailable(sentence);
        }

        return TypedResults.Stream(
            output => export.WriteAsync(document, format, output, cancellationToken),
            $"{(format.Name == PeopleFormat.Html ? Page : ResultFormat.Json.MediaType)}; charset=utf-8",
            $"hokify-person.{format.Name}");
    }

    private static ProblemHttpResult? Refusal(FoundPeople found, AskedOfPeople asked) => found.People.Count switch
    {
        0 => Problems.NotFound(found.ErasedAt is { } at
            ? $"{asked.Member} names somebody who was erased in this scope on {Instant.Of(at)}; nothing but a keyed hash of the id is stored."
            : $"{asked.Member} names nobody who is stored in this scope, and nothing that waits there names them."),
        > 1 when !asked.All => Problems.Conflict(
            $"{asked.Member} names {found.People.Count} people, and nothing was handed out; name one of them by {string.Join(", or ", found.People.Select(Name))}"
            + $"{(asked.Person.By == NamedBy.Address ? "; or say with all that all of them are meant" : "")}."),
        _ => null,
    };

    private static string Name(FoundPerson person) => (person.Reference, person.Waiting) switch
    {
        ({ } reference, _) => $"personId {reference}",
        (_, [var first, ..]) => $"applicationId {first.ReferenceId}",
        _ => throw new InvalidOperationException("Whoever was found has neither a row nor a record that waits."),
    };
}

/// <summary>How many exports of people are made and sent at a time: each reads all imports of its scope, and has a person's rows in memory.</summary>
internal sealed class PeopleExports : IDisposable
{
    /// <summary>When one of them may have ended.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const int Most = 4;

    private readonly ConcurrencyLimiter _places = new(new ConcurrencyLimiterOptions { PermitLimit = Most, QueueLimit = 0 });

    /// <summary>Takes a place until the answer is over.</summary>
    /// <returns>Why there is none; null when there is.</returns>
    public IResult? Enter(HttpContext context)
    {
        var place = _places.AttemptAcquire();
        context.Response.RegisterForDispose(place);
        if (place.IsAcquired)
        {
            return null;
        }

        context.Response.RetryAfter(Pause);
        return Problems.Unavailable(string.Create(CultureInfo.InvariantCulture, $"{Most} exports of people are being made, and no more at a time; ask again in a moment."));
    }

    public void Dispose() => _places.Dispose();
}
