using System.Threading.Channels;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Runs;

/// <summary>
/// Events that tell of failures and that the broker has not confirmed. They are stored with what they tell of, and go when they are
/// published: whatever stops in between, another process or the same one finds them.
/// </summary>
internal sealed class PendingEvents(IDbContextFactory<HokifyDbContext> contexts, TimeProvider clock, IOptions<HokifyOptions> options)
{
    private const int AtATime = 100;

    /// <summary>That there is one is said once, however many there are.</summary>
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Has this process look at once, because it has stored one.</summary>
    public void Ring() => _news.Writer.TryWrite(true);

    /// <summary>Waits until this process has stored one, or until the time is up.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await TimeLimit.WithinAsync(limit, clock, async token => await _news.Reader.ReadAsync(token), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up.
        }
    }

    /// <summary>Adds the event to what the caller's transaction writes. Once that is committed, the caller rings.</summary>
    public static void Add(HokifyDbContext db, HokifyImportFailed failed, Guid id, DateTimeOffset now, string? traceParent = null) =>
        db.PendingEvents.Add(Of(failed, id, now, traceParent));

    /// <summary>Stores an event that belongs to no run. One that waits under the same id already is the same event.</summary>
    public async Task StoreAsync(HokifyImportFailed failed, Guid id, CancellationToken cancellationToken)
    {
        await AbsentRow.InsertAsync<PendingEvent>(
            contexts, (events, token) => events.AnyAsync(e => e.Id == id, token), () => Of(failed, id, clock.GetUtcNow(), Traces.Current), cancellationToken);
        Ring();
    }

    private static PendingEvent Of(HokifyImportFailed failed, Guid id, DateTimeOffset now, string? traceParent) =>
        new() { Id = id, Event = JsonSerializer.Serialize(failed), CreatedAt = now, TraceParent = traceParent };

    /// <summary>Those that nobody is publishing, in the order in which they happened; what is left over comes with the next call.</summary>
    public async Task<IReadOnlyList<Guid>> WaitingAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await Untaken(db).OrderBy(e => e.CreatedAt).ThenBy(e => e.Id).Select(e => e.Id).Take(AtATime).ToListAsync(cancellationToken);
    }

    /// <summary>The event, for this process to publish; null when another one does, or has.</summary>
    public async Task<TakenEvent?> TakeAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.BeginWritingAsync(cancellationToken);

        // Whoever has written a row keeps others from writing it.
        await db.PendingEvents.Where(e => e.Id == id).ExecuteUpdateAsync(set => set.SetProperty(e => e.TakenAt, e => e.TakenAt), cancellationToken);
        if (await Untaken(db).SingleOrDefaultAsync(e => e.Id == id, cancellationToken) is not { } pending)
        {
            return null;
        }

        pending.TakenAt = clock.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new TakenEvent(EventOf(pending.Event), pending.TraceParent);
    }

    /// <summary>The broker has it.</summary>
    public async Task PublishedAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.PendingEvents.Where(e => e.Id == id).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>The broker did not take it: the next look, here or elsewhere, finds it.</summary>
    public async Task ReturnAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.PendingEvents.Where(e => e.Id == id).ExecuteUpdateAsync(set => set.SetProperty(e => e.TakenAt, (DateTimeOffset?)null), cancellationToken);
    }

    public static HokifyImportFailed EventOf(string stored) =>
        JsonSerializer.Deserialize<HokifyImportFailed>(stored) ?? throw new InvalidOperationException("The stored event is null.");

    /// <summary>Whoever took one that long ago has died with it.</summary>
    private IQueryable<PendingEvent> Untaken(HokifyDbContext db)
    {
        var settled = clock.GetUtcNow() - (options.Value.Import.SweepInterval * 2);
        return db.PendingEvents.Where(e => e.TakenAt == null || e.TakenAt < settled);
    }
}

/// <summary>An event for this process to publish.</summary>
/// <param name="Event">The event.</param>
/// <param name="TraceParent">The trace in which it happened; null for none.</param>
internal sealed record TakenEvent(HokifyImportFailed Event, string? TraceParent);
