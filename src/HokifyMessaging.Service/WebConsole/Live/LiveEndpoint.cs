using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using HokifyMessaging.Service.Http.Imports;
using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Authentication;

namespace HokifyMessaging.Service.WebConsole.Live;

/// <summary>
/// <c>GET /console/live</c>: an event whenever something has moved in the scopes that somebody sees. It says that and nothing else: the page is asked for again, so that
/// what it shows is made in one place, with and without script.
/// </summary>
internal static class LiveEndpoint
{
    public const string Path = $"{WebConsolePath.Root}/live";

    /// <summary>So that nobody between takes the connection for dead, and a session that has ended is noticed.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    public static void MapLive(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, Follow).RequireAuthorization(Rights.Read).ExcludeFromDescription();

    private static IResult Follow(HttpContext context, LiveFeed feed, EventStreams streams, TimeProvider clock, CancellationToken cancellationToken)
    {
        var expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        return streams.Enter(context) ?? TypedResults.ServerSentEvents(EventsAsync(feed, context.User.VisibleScopes(), expires, clock, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(
        LiveFeed feed, IReadOnlyCollection<int>? scopes, DateTimeOffset? expires, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (mark, toldAt) = ((string?)null, clock.GetTimestamp());
        await foreach (var look in feed.FollowAsync(cancellationToken))
        {
            if (clock.GetUtcNow() >= expires)
            {
                yield break;
            }

            var seen = look.Of(scopes);
            if (seen != mark)
            {
                // The first look is told, too: the page was made before it, and something may have moved between.
                (mark, toldAt) = (seen, clock.GetTimestamp());
                yield return new SseItem<string>("", "changed");
            }
            else if (clock.GetElapsedTime(toldAt) >= LongestSilence)
            {
                toldAt = clock.GetTimestamp();
                yield return new SseItem<string>("", "same");
            }
        }
    }
}
