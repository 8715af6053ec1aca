using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Tests.Runs;

/// <summary>Who had a run in hand, and when.</summary>
public sealed class RunAttemptTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 4, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Attempts_are_kept_in_their_order_with_how_each_ended()
    {
        var stored = RunAttempt.Begin(null, "process 1 on a", Now);
        stored = RunAttempt.End(stored, RunState.Interrupted, Now.AddMinutes(2))!;
        stored = RunAttempt.Begin(stored, "process 2 on b", Now.AddMinutes(3));

        Assert.Equal(
            [new RunAttempt("process 1 on a", Now, Now.AddMinutes(2), RunState.Interrupted), new RunAttempt("process 2 on b", Now.AddMinutes(3))],
            RunAttempt.Of(stored));
    }

    [Fact]
    public void One_that_ended_without_a_word_stays_open_when_the_next_begins()
    {
        var stored = RunAttempt.Begin(RunAttempt.Begin(null, "killed", Now), "next", Now.AddMinutes(5));
        stored = RunAttempt.End(stored, RunState.Completed, Now.AddMinutes(6));

        Assert.Equal([null, RunState.Completed], RunAttempt.Of(stored).Select(attempt => attempt.As));
        Assert.Equal(stored, RunAttempt.End(stored, RunState.Failed, Now));
    }

    [Fact]
    public void The_newest_are_kept_of_a_run_that_is_tried_without_end()
    {
        string? stored = null;
        for (var attempt = 0; attempt < RunAttempt.Kept + 50; attempt++)
        {
            stored = RunAttempt.Begin(stored, $"{attempt}", Now);
        }

        Assert.Equal((RunAttempt.Kept, "50"), (RunAttempt.Of(stored).Count, RunAttempt.Of(stored)[0].Worker));
        Assert.Empty(RunAttempt.Of(null));
    }
}
