using HokifyMessaging.Results;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>A spool, who makes it and how many want it. Whoever uses it holds the lock of <see cref="Spools"/>.</summary>
internal sealed class SharedSpool
{
    private readonly TaskCompletionSource _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop;
    private int _readers;
    private bool _hasEnded;
    private bool _isClosed;

    public SharedSpool(RunFileVersion version, Spool spool, CancellationToken stopping)
    {
        (Version, Spool) = (version, spool);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Stop = _stop.Token;
    }

    public RunFileVersion Version { get; }

    public Spool Spool { get; }

    /// <summary>Ends when the file is whole, or cannot be made.</summary>
    public Task Made => _made.Task;

    public bool IsMade => _made.Task.IsCompletedSuccessfully;

    /// <summary>Fires when nobody wants it any more, or the service stops.</summary>
    public CancellationToken Stop { get; }

    /// <summary>How many bytes of the room it has.</summary>
    public long Reserved { get; set; }

    public bool IsIdle => _readers == 0;

    /// <summary>When the last reader left, by the clock's timestamps.</summary>
    public long IdleSince { get; private set; }

    /// <summary>Nobody finds it any more.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>What removes it when it has been idle for long enough.</summary>
    public ITimer? Forgetting { get; set; }

    public void Enter()
    {
        _readers++;
        Forgetting?.Dispose();
        Forgetting = null;
    }

    public void Leave(long now)
    {
        _readers--;
        IdleSince = now;
    }

    /// <summary>Nobody writes to it any more.</summary>
    public void End(Exception? failure)
    {
        _hasEnded = true;
        if (failure is null)
        {
            _made.SetResult();
        }
        else
        {
            _made.SetException(failure);

            // Whoever waits for it is told; where nobody does any more, nobody need be.
            _ = _made.Task.Exception;
        }
    }

    /// <returns>Whether the file is gone by this; otherwise somebody writes to it still.</returns>
    public bool Remove()
    {
        IsRemoved = true;
        Forgetting?.Dispose();
        if (!_hasEnded)
        {
            _ = _stop.CancelAsync();
            return false;
        }

        if (_isClosed)
        {
            return false;
        }

        _isClosed = true;
        _stop.Dispose();
        Spool.Dispose();
        return true;
    }
}
