using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>
/// Statements about rows that are named by many values. Each value is a parameter of its own, so that a server can do nothing but
/// look each up: of a list in one parameter it does not know the length, and may rather walk through the table, and wait there for
/// whoever writes.
/// </summary>
internal static class Lookups
{
    /// <summary>A statement has not room for many.</summary>
    private const int ValuesAtATime = 500;

    /// <summary>What a query answers for these.</summary>
    public static async Task<List<TRow>> ListAsync<TValue, TRow>(
        IEnumerable<TValue> values, Func<TValue[], IQueryable<TRow>> query, CancellationToken cancellationToken)
    {
        var rows = new List<TRow>();
        await ForAsync(values, async some => rows.AddRange(await query(some).ToListAsync(cancellationToken)));
        return rows;
    }

    /// <summary>Does something to the rows of these.</summary>
    public static async Task ForAsync<TValue>(IEnumerable<TValue> values, Func<TValue[], Task> change)
    {
        foreach (var some in values.Distinct().Chunk(ValuesAtATime))
        {
            await change(some);
        }
    }
}
