using System.Runtime.CompilerServices;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>
/// Looks how runs stand for all who follow them: one look-up each second, however many they are. What a look tells is dropped by
/// who is still busy with the one before.
/// </summary>
internal sealed class FollowedRuns(RunQueries runs, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _followers = [];
    private TaskCompletionSource<IReadOnlyDictionary<Guid, RunProgress>> _nextLook = New();
    private bool _isLooking;

    /// <summary>How the run stands, about once a second, until there is no such run or the service stops.</summary>
    public async IAsyncEnumerable<RunProgress> FollowAsync(Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        Enter(runId);
        try
        {
            while (await NextLookAsync(end.Token, cancellationToken) is { } look && look.TryGetValue(runId, out var progress))
            {
                yield return progress;
            }
        }
        finally
        {
            Leave(runId);
        }
    }

    /// <returns>Null when the service stops.</returns>
    private async Task<IReadOnlyDictionary<Guid, RunProgress>?> NextLookAsync(CancellationToken end, CancellationToken cancellationToken)
    {
        Task<IReadOnlyDictionary<Guid, RunProgress>> next;
        lock (_lock)
        {
            next = _nextLook.Task;
        }

        try
        {
            return await next.WaitAsync(end);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private void Enter(Guid runId)
    {
        lock (_lock)
        {
            _followers[runId] = _followers.GetValueOrDefault(runId) + 1;
            if (!_isLooking)
            {
                _isLooking = true;

                // Not as a part of the request that happens to be the first: neither its patience nor its end is the others'.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = Task.Run(LookAsync);
                }
            }
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

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        while (Followed() is { } followed)
        {
            try
            {
                using var patience = DatabasePatience.Begin(LookInterval, clock);
                var look = await runs.ProgressAsync(followed, lifetime.ApplicationStopping);
                Begin().SetResult(look);
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // The followers have heard of it, too.
            }
            catch (Exception exception) when (DatabaseErrors.IsUnavailable(exception))
            {
                // The health page tells of it; the next look is due in a second.
            }
            catch (Exception exception)
            {
                Begin().SetException(exception);
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Whom to look for; null when nobody follows any more, and then whoever comes next begins anew.</summary>
    private Guid[]? Followed()
    {
        lock (_lock)
        {
            _isLooking = _followers.Count > 0;
            return _isLooking ? [.. _followers.Keys] : null;
        }
    }

    /// <summary>From here on followers wait for the look after this one.</summary>
    private TaskCompletionSource<IReadOnlyDictionary<Guid, RunProgress>> Begin()
    {
        lock (_lock)
        {
            var ended = _nextLook;
            _nextLook = New();
            return ended;
        }
    }

    private static TaskCompletionSource<IReadOnlyDictionary<Guid, RunProgress>> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
