using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>Inserts a row that another process may insert at the same moment: whoever finds it there is content.</summary>
internal static class AbsentRow
{
    /// <param name="contexts">Where to.</param>
    /// <param name="isThere">Whether it is there.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task InsertAsync<TRow>(
        IDbContextFactory<HokifyDbContext> contexts, Func<IQueryable<TRow>, CancellationToken, Task<bool>> isThere, Func<TRow> make, CancellationToken cancellationToken)
        where TRow : class
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await isThere(db.Set<TRow>(), cancellationToken))
        {
            return;
        }

        db.Add(make());
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            await using var again = await contexts.CreateDbContextAsync(cancellationToken);
            if (!await isThere(again.Set<TRow>(), cancellationToken))
            {
                throw;
            }
        }
    }
}
