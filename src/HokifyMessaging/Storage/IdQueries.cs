using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>Look-ups by many of hokify's ids at once.</summary>
internal static class IdQueries
{
    /// <summary>
    /// The rows whose id is one of these. The ids travel as one parameter, whatever their number. The comparison names the
    /// collation: the column has one and the list has the database's, and SQL Server refuses to choose (error 468).
    /// </summary>
    public static IQueryable<TRow> WithIdIn<TRow>(
        this IQueryable<TRow> rows, HokifyDbContext db, Expression<Func<TRow, string?>> id, IEnumerable<string> ids)
    {
        var wanted = ids.Distinct().ToList();
        Expression<Func<List<string>>> parameter = () => EF.Parameter(wanted);
        var collated = Expression.Call(
            typeof(RelationalDbFunctionsExtensions),
            nameof(RelationalDbFunctionsExtensions.Collate),
            [typeof(string)],
            Expression.Property(null, typeof(EF), nameof(EF.Functions)),
            id.Body,
            Expression.Constant(db.IdCollation));
        var contains = Expression.Call(typeof(Enumerable), nameof(Enumerable.Contains), [typeof(string)], parameter.Body, collated);
        return rows.Where(Expression.Lambda<Func<TRow, bool>>(contains, id.Parameters));
    }
}
