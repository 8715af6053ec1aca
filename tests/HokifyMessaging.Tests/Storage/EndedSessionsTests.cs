using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Service.Http;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Storage;

/// <summary>How long it is known that a session of the console has ended.</summary>
public sealed class EndedSessionsTests : IAsyncLifetime
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(10);

    private readonly SqliteTestDatabase _database = new();
    private readonly MovableClock _clock = new();
    private readonly HokifyDbContexts _contexts;
    private readonly EndedSessions _sessions;

    public EndedSessionsTests()
    {
        _contexts = new HokifyDbContexts(Options.Create(_database.Options), []);
        _sessions = new EndedSessions(_contexts, _clock);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.MigrateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task It_is_known_until_its_cookie_is_too_old_by_itself_and_then_goes_with_the_next_that_is_ended()
    {
        var (first, second, third) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());

        await _sessions.AddAsync(first, Lifetime, Cancel);
        _clock.Move(Lifetime / 2);
        await _sessions.AddAsync(second, Lifetime, Cancel);
        Assert.True(await _sessions.HasAsync(first, Cancel));

        _clock.Move(Lifetime / 2 + TimeSpan.FromMinutes(1));
        await _sessions.AddAsync(third, Lifetime, Cancel);

        Assert.Equal((false, true, true), (await _sessions.HasAsync(first, Cancel), await _sessions.HasAsync(second, Cancel), await _sessions.HasAsync(third, Cancel)));
    }

    [Fact]
    public async Task Whoever_presses_the_button_twice_ends_it_once()
    {
        var session = Guid.NewGuid();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _sessions.AddAsync(session, Lifetime, Cancel)));

        await using var db = _contexts.CreateDbContext();
        Assert.Equal(session, (await db.EndedSessions.SingleAsync(Cancel)).Id);
    }
}
