using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Tests.Storage;

/// <summary>Who writes to a SQLite file when, of those in one process.</summary>
public sealed class WriteTurnsTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private readonly HokifyDbContexts _contexts;

    public WriteTurnsTests() => _contexts = ContextsOf(TimeSpan.FromSeconds(1));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.MigrateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Writers_have_their_turns_in_the_order_in_which_they_have_come()
    {
        var turns = new List<int>();
        await using var first = Open();
        var held = await first.BeginWritingAsync(Cancel);
        var waiting = Enumerable.Range(1, 20).Select(WriteAsync).ToList();
        Assert.DoesNotContain(waiting, one => one.IsCompleted);

        await held.CommitAsync(Cancel);
        await Task.WhenAll(waiting);

        Assert.Equal(Enumerable.Range(1, 20), turns);

        // Up to where it waits it runs at once, so that they come in this order.
        async Task WriteAsync(int number)
        {
            await using var db = Open();
            await using var transaction = await db.BeginWritingAsync(Cancel);
            turns.Add(number);
            await db.Database.ExecuteSqlRawAsync("INSERT INTO Scope (ScopeId, Fence, Revision) SELECT 1, 0, 0 WHERE 0;", Cancel);
            await transaction.CommitAsync(Cancel);
        }
    }

    [Fact]
    public async Task Whoever_has_committed_is_in_nobodys_way_any_more()
    {
        await using var first = Open();
        await using var committed = await first.BeginWritingAsync(Cancel);
        await committed.CommitAsync(Cancel);

        await using var second = Open();
        await using var transaction = await second.BeginWritingAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    [Fact]
    public async Task A_transaction_that_is_given_up_is_rolled_back_and_lets_the_next_one_write()
    {
        await using var first = Open();
        await using (await first.BeginWritingAsync(Cancel))
        {
            await first.Database.ExecuteSqlRawAsync("CREATE TABLE Given_up (Id INTEGER);", Cancel);
        }

        await using var second = Open();
        await using var transaction = await second.BeginWritingAsync(Cancel);
        Assert.Empty(await second.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE name = 'Given_up'").ToListAsync(Cancel));
    }

    [Fact]
    public async Task Whoever_finds_the_file_locked_by_another_process_fails_in_time_and_hands_the_turn_on()
    {
        await using var other = new SqliteConnection($"Data Source={_database.File};Pooling=False");
        await other.OpenAsync(Cancel);
        await using (await other.BeginTransactionAsync(Cancel))
        {
            await using var db = Open();
            Assert.Equal(SQLitePCL.raw.SQLITE_BUSY, (await Assert.ThrowsAsync<SqliteException>(() => db.BeginWritingAsync(Cancel))).SqliteErrorCode);
        }

        await using var next = Open();
        await using var transaction = await next.BeginWritingAsync(Cancel);
        await transaction.CommitAsync(Cancel);
    }

    [Fact]
    public async Task Waiting_for_a_turn_ends_as_waiting_for_the_lock_does_and_may_be_given_up()
    {
        await using var first = Open();
        await using var held = await first.BeginWritingAsync(Cancel);
        await using var second = Open();

        var locked = await Assert.ThrowsAsync<SqliteException>(() => second.BeginWritingAsync(Cancel));
        using var givenUp = new CancellationTokenSource();
        var waiting = WriteTurns.TakeAsync(second, givenUp.Token);
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        Assert.Equal(SQLitePCL.raw.SQLITE_BUSY, locked.SqliteErrorCode);
        Assert.True(DatabaseFault.Of(locked) is { IsLock: true });
    }

    [Fact]
    public async Task Whoever_waits_for_an_answer_waits_no_longer_for_a_turn_than_for_an_answer()
    {
        var patient = ContextsOf(TimeSpan.FromHours(1));
        await using var first = patient.CreateDbContext();
        await using var held = await first.BeginWritingAsync(Cancel);
        await using var second = patient.CreateDbContext();

        using var patience = DatabasePatience.Begin(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        await Assert.ThrowsAsync<SqliteException>(() => second.BeginWritingAsync(Cancel));
    }

    [Fact]
    public async Task A_context_that_is_used_again_stands_in_the_same_line()
    {
        for (var use = 0; use < 3; use++)
        {
            await using var first = Open();
            await using var held = await first.BeginWritingAsync(Cancel);
            await using var second = Open();
            using var givenUp = new CancellationTokenSource();
            var waiting = WriteTurns.TakeAsync(second, givenUp.Token);
            Assert.False(waiting.IsCompleted);
            await givenUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
    }

    private HokifyDbContext Open() => _contexts.CreateDbContext();

    private HokifyDbContexts ContextsOf(TimeSpan patience) =>
        new(Options.Create(new DatabaseOptions { ConnectionString = $"Data Source={_database.File};Pooling=False", CommandTimeout = patience }), []);
}
