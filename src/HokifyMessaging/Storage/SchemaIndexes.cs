using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Storage;

namespace HokifyMessaging.Storage;

/// <summary>
/// The indexes of the model against those that are there. The history of migrations only tells what was meant to be made: a script
/// that went on behind an error, a tool or a person may have left an index out, dropped it or switched it off.
/// </summary>
internal static class SchemaIndexes
{
    private const string OfSqlite =
        """
        SELECT m.tbl_name AS TableName, m.name AS IndexName, l."unique" AS IsUnique, l.partial AS IsFiltered, 0 AS IsIncluded, k.name AS ColumnName
        FROM sqlite_master AS m, pragma_index_list(m.tbl_name) AS l, pragma_index_info(m.name) AS k
        WHERE m.type = 'index' AND l.name = m.name
        ORDER BY m.tbl_name, m.name, k.seqno
        """;

    private const string OfSqlServer =
        """
        SELECT t.name AS TableName, x.name AS IndexName, x.is_unique AS IsUnique, x.has_filter AS IsFiltered, k.is_included_column AS IsIncluded, c.name AS ColumnName
        FROM sys.indexes AS x
        JOIN sys.tables AS t ON t.object_id = x.object_id
        JOIN sys.index_columns AS k ON k.object_id = x.object_id AND k.index_id = x.index_id
        JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
        WHERE t.schema_id = SCHEMA_ID() AND x.name IS NOT NULL AND x.is_disabled = 0 AND (k.key_ordinal > 0 OR k.is_included_column = 1)
        ORDER BY t.name, x.name, k.key_ordinal
        """;

    /// <summary>Those that are not there as the model has them; what a database has beside them is its administrator's.</summary>
    public static async Task<IReadOnlyList<ITableIndex>> MissingAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var columns = await db.Database.SqlQueryRaw<IndexColumn>(db.Database.IsSqlite() ? OfSqlite : OfSqlServer).ToListAsync(cancellationToken);
        var stored = columns.GroupBy(c => (c.TableName, c.IndexName)).ToDictionary(
            index => index.Key,
            index => Form(index.First().IsUnique, index.First().IsFiltered, index.Where(c => !c.IsIncluded).Select(c => c.ColumnName), index.Where(c => c.IsIncluded).Select(c => c.ColumnName)));
        return
        [
            .. db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables
                .SelectMany(table => table.Indexes)
                .Where(index => stored.GetValueOrDefault((index.Table.Name, index.Name)) != Form(index))
                .OrderBy(index => index.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Makes an index as the model has it, in the place of one that has its name and another form.</summary>
    public static Task MakeAsync(HokifyDbContext db, ITableIndex index, CancellationToken cancellationToken)
    {
        var (table, name) = (index.Table.Name.Replace("]", "]]", StringComparison.Ordinal), index.Name.Replace("]", "]]", StringComparison.Ordinal));
        MigrationOperation[] operations =
        [
            new SqlOperation { Sql = db.Database.IsSqlite() ? $"DROP INDEX IF EXISTS [{name}];" : $"DROP INDEX IF EXISTS [{name}] ON [{table}];" },
            CreateIndexOperation.CreateFrom(index),
        ];
        var commands = db.GetService<IMigrationsSqlGenerator>().Generate(operations, db.GetService<IDesignTimeModel>().Model);
        return db.GetService<IMigrationCommandExecutor>().ExecuteNonQueryAsync(commands, db.GetService<IRelationalConnection>(), cancellationToken);
    }

    private static string Form(ITableIndex index)
    {
        var mapped = index.MappedIndexes.First();
        var included = mapped.GetIncludeProperties()?.Select(name => index.Table.FindColumn(mapped.DeclaringEntityType.FindProperty(name)!)!.Name);
        return Form(index.IsUnique, index.Filter is not null, index.Columns.Select(c => c.Name), included ?? []);
    }

    private static string Form(bool isUnique, bool isFiltered, IEnumerable<string> columns, IEnumerable<string> included) =>
        $"{(isUnique ? "unique" : "")} ({string.Join(", ", columns)}) {(isFiltered ? "with a condition" : "")} including ({string.Join(", ", included.Order(StringComparer.Ordinal))})";

    /// <summary>One column of one index that is there, in the order of its key. The text of a condition is not compared: a server keeps it in words of its own.</summary>
    private sealed record IndexColumn(string TableName, string IndexName, bool IsUnique, bool IsFiltered, bool IsIncluded, string ColumnName);
}
