using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.SqlClient;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Runs;

public sealed class TransientRetriesTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 20)]
    [InlineData(11001, 20)]
    [InlineData(596, 21)]
    [InlineData(983, 14)]
    [InlineData(1205, 13)]
    public async Task A_server_that_is_away_for_most_of_a_minute_is_waited_for(int number, byte severity)
    {
        var tries = await TriesAsync(new ImportOptions(), away: TimeSpan.FromSeconds(55), number, severity);

        // Quickly at first, and in the end no more than five seconds late.
        Assert.InRange(tries.Count, 12, 40);
        Assert.True(tries[1] - tries[0] < TimeSpan.FromSeconds(1));
        Assert.All(tries.Zip(tries.Skip(1)), pair => Assert.True(pair.Second - pair.First <= TimeSpan.FromSeconds(5.5), $"from {pair.First} to {pair.Second}"));
    }

    [Theory]
    [InlineData(60, 70)]
    [InlineData(5, 11)]
    [InlineData(600, 611)]
    public async Task One_that_stays_away_longer_than_is_configured_is_given_up(int seconds, int atTheLatest)
    {
        var begun = _clock.GetUtcNow();

        await Assert.ThrowsAsync<SqlException>(
            () => TriesAsync(new ImportOptions { TransientRetryDuration = TimeSpan.FromSeconds(seconds) }, TimeSpan.FromHours(1), 0, 20));

        Assert.InRange((_clock.GetUtcNow() - begun).TotalSeconds, seconds, atTheLatest);
    }

    [Fact]
    public async Task Nothing_is_tried_again_where_the_duration_is_zero()
    {
        var begun = _clock.GetUtcNow();

        await Assert.ThrowsAsync<SqlException>(() => TriesAsync(new ImportOptions { TransientRetryDuration = TimeSpan.Zero }, TimeSpan.FromHours(1), 0, 20));

        Assert.True(_clock.GetUtcNow() - begun < TimeSpan.FromSeconds(1));
    }

    private async Task<List<DateTimeOffset>> TriesAsync(ImportOptions options, TimeSpan away, int number, byte severity)
    {
        var retries = new TransientRetries(Options.Create(new HokifyOptions { Import = options }), _clock, NullLogger<TransientRetries>.Instance);
        var (back, tries) = (_clock.GetUtcNow() + away, new List<DateTimeOffset>());
        var trying = retries.ExecuteAsync(
            _ =>
            {
                tries.Add(_clock.GetUtcNow());
                return _clock.GetUtcNow() < back ? throw SqlServerErrors.Of(number, severity) : Task.FromResult(true);
            },
            Cancel);
        while (!trying.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        Assert.True(await trying);
        return tries;
    }
}
