using System.Runtime.CompilerServices;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Looks at something for all who follow it: one look each second, however many they are, and none while nobody does. What a look tells is dropped by
/// who is still busy with the one before.
/// </summary>
/// <param name="look">Asks the database.</param>
/// <param name="lifetime">The service's.</param>
/// <param name="clock">The time.</param>
internal sealed class SharedLook<TLook>(Func<CancellationToken, Task<TLook>> look, IHostApplicationLifetime lifetime, TimeProvider clock)
    where TLook : class
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource<TLook> _nextLook = New();
    private int _followers;
    private bool _isLooking;

    /// <summary>What the looks tell, about once a second, until the service stops.</summary>
    public async IAsyncEnumerable<TLook> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        Enter();
        try
        {
            while (await NextLookAsync(end.Token, cancellationToken) is { } told)
            {
                yield return told;
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <returns>Null when the service stops.</returns>
    private async Task<TLook?> NextLookAsync(CancellationToken end, CancellationToken cancellationToken)
    {
        Task<TLook> next;
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

    private void Enter()
    {
        lock (_lock)
        {
            _followers++;
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

    private void Leave()
    {
        lock (_lock)
        {
            _followers--;
        }
    }

    private async Task LookAsync()
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        while (IsFollowed())
        {
            try
            {
                using var patience = DatabasePatience.Begin(LookInterval, clock);
                var told = await look(lifetime.ApplicationStopping);
                Begin().SetResult(told);
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

    /// <summary>When nobody follows any more, whoever comes next begins anew.</summary>
    private bool IsFollowed()
    {
        lock (_lock)
        {
            return _isLooking = _followers > 0;
        }
    }

    /// <summary>From here on followers wait for the look after this one.</summary>
    private TaskCompletionSource<TLook> Begin()
    {
        lock (_lock)
        {
            var ended = _nextLook;
            _nextLook = New();
            return ended;
        }
    }

    private static TaskCompletionSource<TLook> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
