using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Authentication;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary><c>GET /api/imports/{id}/events</c>: an import by server-sent events, to its end.</summary>
internal static class EventsEndpoint
{
    /// <summary>After how long something is sent although nothing has changed, so that nobody between takes the connection for dead.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    /// <param name="import">The group of one import.</param>
    public static void MapEvents(this IEndpointRouteBuilder import) => import.MapGet("events", FollowAsync)
        .RequireAuthorization(Rights.Read)
        .WithName("FollowImport").WithSummary("Follows an import by server-sent events")
        .WithDescription(
            "An event 'progress' whenever something has changed, and an event 'end' with the last state, after which the stream ends. "
            + "It also ends when the API key expires or the service is stopped.")
        .Produces<ImportProgress>(StatusCodes.Status200OK, "text/event-stream")
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> FollowAsync(
        HttpContext context, Guid id, RunQueries runs, FollowedRuns followed, EventStreams streams, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!(await runs.ProgressAsync([id], cancellationToken)).TryGetValue(id, out var progress))
        {
            return Problems.NoSuchImport();
        }

        var expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        return streams.Enter(context) ?? TypedResults.ServerSentEvents(EventsAsync(progress, followed, expires, clock, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<ImportProgress>> EventsAsync(
        RunProgress begin, FollowedRuns followed, DateTimeOffset? expires, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (told, toldAt) = (ImportProgress.Of(begin.Summary), clock.GetTimestamp());
        yield return new SseItem<ImportProgress>(told, begin.IsOver ? "end" : "progress");
        if (begin.IsOver)
        {
            yield break;
        }

        await foreach (var run in followed.FollowAsync(begin.Summary.RunId, cancellationToken))
        {
            if (clock.GetUtcNow() >= expires)
            {
                yield break;
            }

            var progress = ImportProgress.Of(run.Summary);
            if (run.IsOver)
            {
                yield return new SseItem<ImportProgress>(progress, "end");
                yield break;
            }

            if (progress != told || clock.GetElapsedTime(toldAt) >= LongestSilence)
            {
                (told, toldAt) = (progress, clock.GetTimestamp());
                yield return new SseItem<ImportProgress>(progress, "progress");
            }
        }
    }
}
