using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>
/// The connection that the steps of a run share, with what is made ready on it once, such as prepared statements. A step that
/// fails ends it, because nobody knows in which state it is; the next step begins another.
/// </summary>
internal sealed class RunSession(HokifyDbContext db) : IAsyncDisposable
{
    private IDisposable? _kept;

    public HokifyDbContext Db => db;

    public T Kept<T>(Func<HokifyDbContext, T> make)
        where T : class, IDisposable => (T)(_kept ??= make(db));

    public async ValueTask DisposeAsync()
    {
        _kept?.Dispose();
        await db.DisposeAsync();
    }
}
