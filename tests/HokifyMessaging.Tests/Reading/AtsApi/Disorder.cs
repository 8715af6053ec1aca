using HokifyMessaging.Reading;
using HokifyMessaging.Reading.AtsApi;

namespace HokifyMessaging.Tests.Reading.AtsApi;

/// <summary>
/// Answers that are waited for at once arrive in any order; some are made when they are asked for, others when they arrive, and of those that nobody waits
/// for yet some never do. All on one thread, so that the same picks give the same order.
/// </summary>
/// <param name="picks">Decide what happens next, over and over.</param>
internal sealed class Disorder(IReadOnlyList<int> picks)
{
    private const int FailsOneOf = 9;

    private readonly List<(TaskCompletionSource<OffsetPage> Answer, Func<OffsetPage> Make)> _waiting = [];
    private int _picked;

    /// <summary>How many answers are waited for.</summary>
    public int UnderWay => _waiting.Count;

    public Task<OffsetPage> AnswerAsync(PageCall call, Func<OffsetPage> make, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<OffsetPage>();
        if (call.IsAhead && Pick() % FailsOneOf == 0)
        {
            make = () => throw new SourceException($"{call.Position}: away.");
        }
        else if (Pick() % 2 == 0)
        {
            var made = make();
            make = () => made;
        }

        _waiting.Add((answer, make));
        cancellationToken.UnsafeRegister(
            _ =>
            {
                _waiting.RemoveAll(waiting => waiting.Answer == answer);
                answer.TrySetCanceled(cancellationToken);
            },
            null);
        return answer.Task;
    }

    /// <summary>Enumerates, and lets an answer arrive whenever nothing else goes on.</summary>
    public async IAsyncEnumerable<T> Arriving<T>(IAsyncEnumerable<T> pages)
    {
        await using var reading = pages.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        while (true)
        {
            var surroundings = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            var next = reading.MoveNextAsync().AsTask();
            while (!next.IsCompleted)
            {
                Arrive();
            }

            SynchronizationContext.SetSynchronizationContext(surroundings);
            if (!await next)
            {
                yield break;
            }

            yield return reading.Current;
        }
    }

    private void Arrive()
    {
        Assert.NotEmpty(_waiting);
        var which = Pick() % _waiting.Count;
        var (answer, make) = _waiting[which];
        _waiting.RemoveAt(which);
        try
        {
            answer.SetResult(make());
        }
        catch (SourceException failure)
        {
            answer.SetException(failure);
        }
    }

    private int Pick() => picks[_picked++ % picks.Count];
}
