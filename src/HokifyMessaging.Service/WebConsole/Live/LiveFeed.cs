using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Service.WebConsole.Live;

/// <summary>What has moved, for all whose pages are open.</summary>
internal sealed class LiveFeed(MovingParts parts, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private readonly SharedLook<MovingMarks> _looks = new(parts.LookAsync, lifetime, clock);

    /// <summary>How things stand, about once a second, until the service stops.</summary>
    public IAsyncEnumerable<MovingMarks> FollowAsync(CancellationToken cancellationToken) => _looks.FollowAsync(cancellationToken);
}
