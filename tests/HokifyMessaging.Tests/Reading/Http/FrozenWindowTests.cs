using HokifyMessaging.Reading;
using HokifyMessaging.Reading.Http;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Reading.Http;

/// <summary>Where a read of a source ends whose clock is behind ours.</summary>
public sealed class FrozenWindowTests
{
    private static readonly DateTimeOffset Shown = new(2025, 10, 1, 9, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.9, 1)]
    [InlineData(3600, 2)]
    public async Task It_is_begun_anew_where_the_first_answer_shows_another_time_than_the_sign_in_and_not_for_what_whole_seconds_leave_open(double secondsBetween, int reads)
    {
        var ours = new FakeTimeProvider(Shown.AddHours(5));
        var clock = new SourceClock(ours);
        var window = new FrozenWindow(new ReadWindow(null, ours.GetUtcNow().AddDays(1)), clock);
        var ends = new List<DateTimeOffset?>();

        var answer = await window.ReadAsync(
            _ =>
            {
                Show();
                ours.Advance(TimeSpan.FromSeconds(secondsBetween));
                return Task.CompletedTask;
            },
            (part, _) =>
            {
                ends.Add(part.To);
                Show();
                return Task.FromResult(ends.Count);
            },
            Cancel);

        Assert.Equal((reads, reads), (answer, ends.Count));
        Assert.InRange(ends[^1]!.Value, Shown, Shown + SourceClock.Tolerance);
        Assert.Equal(ends[^1], window.ReadTo);

        // A clock that stands still, as the Date of its answers has it.
        void Show()
        {
            using var response = new HttpResponseMessage { Headers = { Date = Shown } };
            clock.Note(response);
        }
    }
}
