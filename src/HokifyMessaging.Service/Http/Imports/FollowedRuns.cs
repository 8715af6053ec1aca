using System.Runtime.CompilerServices;
using HokifyMessaging.Runs.Queries;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>Looks how runs stand for all who follow them, in one look-up for all of them together.</summary>
internal sealed class FollowedRuns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _followers = [];
    private readonly SharedLook<IReadOnlyDictionary<Guid, RunProgress>> _looks;

    public FollowedRuns(RunQueries runs, IHostApplicationLifetime lifetime, TimeProvider clock) =>
        _looks = new(token => runs.ProgressAsync(Followed(), token), lifetime, clock);

    /// <summary>How the run stands, about once a second, until there is no such run or the service stops.</summary>
    public async IAsyncEnumerable<RunProgress> FollowAsync(Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Enter(runId);
        try
        {
            await foreach (var look in _looks.FollowAsync(cancellationToken))
            {
                if (!look.TryGetValue(runId, out var progress))
                {
                    yield break;
                }

                yield return progress;
            }
        }
        finally
        {
            Leave(runId);
        }
    }

    private void Enter(Guid runId)
    {
        lock (_lock)
        {
            _followers[runId] = _followers.GetValueOrDefault(runId) + 1;
        }
    }

    private void Leave(Guid runId)
    {
        lock (_lock)
        {
            if (--_followers[runId] == 0)
            {
                _followers.Remove(runId);
            }
        }
    }

    private Guid[] Followed()
    {
        lock (_lock)
        {
            return [.. _followers.Keys];
        }
    }
}
