namespace HokifyMessaging.Reading;

/// <summary>How much of what was read is still worked on, so that whoever reads can wait while it is much.</summary>
/// <param name="light">How many bytes nobody has to wait for.</param>
internal sealed class Load(long light)
{
    private readonly Lock _gate = new();
    private long _bytes;
    private TaskCompletionSource _isLight = Completed();

    public void Add(long bytes)
    {
        lock (_gate)
        {
            _bytes += bytes;
            if (_bytes > light && _isLight.Task.IsCompleted)
            {
                _isLight = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            if (_bytes <= light)
            {
                _isLight.TrySetResult();
            }
        }
    }

    public Task UntilLightAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _isLight.Task.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var completed = new TaskCompletionSource();
        completed.SetResult();
        return completed;
    }
}
