using System.Diagnostics.CodeAnalysis;

namespace HokifyMessaging.Reading.Http;

/// <summary>Lets one pass after the other, and of those who wait always who came first, even one who comes for the second time.</summary>
internal sealed class CallDoor
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
    private bool _isTaken;

    [SuppressMessage("Usage", "VSTHRD003", Justification = "Whoever passes before completes it.")]
    public async Task EnterAsync(long number, CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn, number);
        }

        await using var leaving = cancellationToken.UnsafeRegister(static turn => ((TaskCompletionSource)turn!).TrySetCanceled(), turn);
        try
        {
            await turn.Task;
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var next, out _))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _isTaken = false;
        }
    }
}
