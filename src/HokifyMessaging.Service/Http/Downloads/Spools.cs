using HokifyMessaging.Results;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>
/// All spools of this process. One for each run, format, state and whether it is masked is made, once, and shared by all who read it; together they take
/// so much of the disk and no more, and so many are made at a time. Nobody waits for room: beyond the limits the answer is no.
/// </summary>
internal sealed partial class Spools(
    RunFiles files, IOptions<HttpOptions> options, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Spools> logger) : IDisposable
{
    /// <summary>How long a spool is kept that nobody reads: whoever fetches a file in parts comes back at once.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private readonly LimitOptions _limits = options.Value.Limits;
    private readonly Lock _lock = new();
    private readonly Dictionary<RunFileVersion, SharedSpool> _spools = [];

    /// <summary>Those that were found too large for all the room: nobody has that found out again.</summary>
    private readonly HashSet<RunFileVersion> _tooLarge = [];
    private long _bytes;
    private int _readers;
    private int _underWay;

    /// <summary>The length of a file that is there already; null where it would have to be made.</summary>
    public long? LengthOf(RunFileVersion version)
    {
        lock (_lock)
        {
            return _spools.GetValueOrDefault(version) is { IsMade: true } shared ? shared.Spool.Length : null;
        }
    }

    /// <summary>The file, from its beginning; makes it where it is not there.</summary>
    /// <exception cref="SpoolRefusedException">There is no room for it, or for one more reader.</exception>
    public async Task<SpoolReader> OpenAsync(RunFileVersion version, CancellationToken cancellationToken)
    {
        var shared = Enter(version);
        try
        {
            await shared.Made.WaitAsync(cancellationToken);
            return new SpoolReader(shared.Spool, () => Leave(shared));
        }
        catch
        {
            Leave(shared);
            throw;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var shared in _spools.Values.ToList())
            {
                Remove(shared);
            }
        }
    }

    private SharedSpool Enter(RunFileVersion version)
    {
        lock (_lock)
        {
            if (_readers >= _limits.Downloads)
            {
                throw new SpoolRefusedException(Counted.Text($"{_limits.Downloads} {_limits.Downloads:file is|files are} being sent, and no more at a time; ask again when one of them has been read."));
            }

            if (_tooLarge.Contains(version))
            {
                throw TooLarge();
            }

            if (!_spools.TryGetValue(version, out var shared))
            {
                shared = Begin(version);
            }

            _readers++;
            shared.Enter();
            return shared;
        }
    }

    private SharedSpool Begin(RunFileVersion version)
    {
        if (_underWay >= _limits.SpoolsUnderWay)
        {
            throw new SpoolRefusedException(Counted.Text($"{_limits.SpoolsUnderWay} other {_limits.SpoolsUnderWay:file is|files are} being made, and no more at a time; ask again in a moment."));
        }

        // What the run's file was before is of no use to anybody who comes now.
        foreach (var outdated in _spools.Values.Where(other => (other.Version.RunId, other.Version.Format, other.Version.Values) == (version.RunId, version.Format, version.Values) && other.IsIdle).ToList())
        {
            Remove(outdated);
        }

        Spool spool;
        try
        {
            spool = Spool.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NoDisk(exception);
        }

        var shared = new SharedSpool(version, spool, lifetime.ApplicationStopping);
        _spools[version] = shared;
        _underWay++;

        // A thread of its own: SQLite answers on the thread that asks, and those of the pool are for what is short.
        _ = Task.Factory.StartNew(() => Make(shared), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return shared;
    }

    private void Make(SharedSpool shared)
    {
        Exception? failure = null;
        try
        {
            using var writer = new SpoolWriter(shared.Spool, count => Reserve(shared, count));
            files.WriteAsync(shared.Version.RunId, shared.Version.Format, shared.Version.Values, writer, shared.Stop).GetAwaiter().GetResult();
        }
        catch (IOException exception)
        {
            failure = NoDisk(exception);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            failure = new SpoolRefusedException("The service is being stopped; ask again when it has started.");
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        lock (_lock)
        {
            _underWay--;
            shared.End(failure);
            if (failure is not null || shared.IsRemoved)
            {
                Remove(shared);
            }
            else if (shared.IsIdle)
            {
                ForgetLater(shared);
            }
        }
    }

    private void Reserve(SharedSpool shared, int count)
    {
        lock (_lock)
        {
            while (_bytes + count > _limits.SpoolBytes)
            {
                if (_spools.Values.Where(other => other.IsMade && other.IsIdle).MinBy(other => other.IdleSince) is not { } idle)
                {
                    throw Full(shared);
                }

                Remove(idle);
            }

            _bytes += count;
            shared.Reserved += count;
        }
    }

    private SpoolRefusedException Full(SharedSpool shared)
    {
        if (_bytes > shared.Reserved)
        {
            return new SpoolRefusedException("The files that are being read take all the room that there is for them; ask again when some have been read.");
        }

        _tooLarge.Add(shared.Version);
        LogTooLarge(logger, shared.Version.RunId, _limits.SpoolBytes);
        return TooLarge();
    }

    private SpoolRefusedException TooLarge() => new(Counted.Text(
        $"This file of the import is larger than {_limits.SpoolBytes} {_limits.SpoolBytes:byte|bytes}, which is all the room that there is; whoever runs the service can raise {HttpOptions.Section}:Limits:SpoolBytes."));

    private void Leave(SharedSpool shared)
    {
        lock (_lock)
        {
            _readers--;
            shared.Leave(clock.GetTimestamp());
            if (!shared.IsIdle || shared.IsRemoved)
            {
                return;
            }

            if (shared.IsMade)
            {
                ForgetLater(shared);
            }
            else
            {
                // Everybody who wanted it is gone.
                Remove(shared);
            }
        }
    }

    private void ForgetLater(SharedSpool shared)
    {
        var since = shared.IdleSince;
        shared.Forgetting = clock.CreateTimer(
            _ =>
            {
                lock (_lock)
                {
                    if (shared.IsIdle && shared.IdleSince == since)
                    {
                        Remove(shared);
                    }
                }
            },
            null,
            IdleTime,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whoever comes now finds it no more; its room is free as soon as nobody writes to it or reads it.</summary>
    private void Remove(SharedSpool shared)
    {
        if (!shared.IsRemoved)
        {
            _spools.Remove(shared.Version);
        }

        if (shared.Remove())
        {
            _bytes -= shared.Reserved;
            shared.Reserved = 0;
        }
    }

    private SpoolRefusedException NoDisk(Exception exception)
    {
        LogNoDisk(logger, exception.GetType().Name);
        return new SpoolRefusedException("The service has no room on its disk for the file now; ask again later.");
    }

    [LoggerMessage(LogLevel.Error, "A file of run {RunId} is larger than the {Limit} bytes that Http:Limits:SpoolBytes allows, so nobody can have it")]
    private static partial void LogTooLarge(ILogger logger, Guid runId, long limit);

    [LoggerMessage(LogLevel.Error, "A file of a run could not be written to the folder of temporary files (TMPDIR): {Failure}; is the disk full, or the folder not the service's to write to?")]
    private static partial void LogNoDisk(ILogger logger, string failure);
}

/// <summary>A file cannot be had now; the message is one sentence.</summary>
internal sealed class SpoolRefusedException(string message) : Exception(message)
{
    /// <summary>When it is worth another try.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
}
