using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
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
    private const string NotedForm = "Hokify:IndexForm";

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
        var stored = (await StoredAsync(db, cancellationToken)).GroupBy(c => (c.TableName, c.IndexName)).ToDictionary(
            index => index.Key,
            index => Form(index.First().IsUnique, index.First().IsFiltered, index.Where(c => !c.IsIncluded).Select(c => c.ColumnName), index.Where(c => c.IsIncluded).Select(c => c.ColumnName)));
        var missing = db.Model.GetEntityTypes().SelectMany(table => table.GetIndexes())
            .Select(index => (Name: (index.DeclaringEntityType.GetTableName()!, index.GetDatabaseName()!), Form: (string?)index[NotedForm]))
            .Where(index => stored.GetValueOrDefault(index.Name) != index.Form)
            .Select(index => index.Name)
            .ToHashSet();

        // Only who makes an index needs the model from which it is made, and that takes longer than all of this.
        return missing.Count == 0
            ? []
            : [
                .. db.GetService<IDesignTimeModel>().Model.GetRelationalModel().Tables
                    .SelectMany(table => table.Indexes)
                    .Where(index => missing.Contains((index.Table.Name, index.Name)))
                    .OrderBy(index => index.Name, StringComparer.Ordinal),
            ];
    }

    /// <summary>Not with a query of EF Core's, which would be compiled for a fifth of a second: each start asks.</summary>
    private static async Task<List<IndexColumn>> StoredAsync(HokifyDbContext db, CancellationToken cancellationToken)
    {
        var command = db.GetService<IRawSqlCommandBuilder>().Build(db.Database.IsSqlite() ? OfSqlite : OfSqlServer);
        await using var reader = await command.ExecuteReaderAsync(
            new RelationalCommandParameterObject(db.GetService<IRelationalConnection>(), parameterValues: null, readerColumns: null, db, logger: null), cancellationToken);
        var (row, columns) = (reader.DbDataReader, new List<IndexColumn>());
        while (await row.ReadAsync(cancellationToken))
        {
            columns.Add(new IndexColumn(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetString(5)));
        }

        return columns;
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

    private static string Form(IReadOnlyIndex index)
    {
        var included = index.GetIncludeProperties()?.Select(name => index.DeclaringEntityType.FindProperty(name)!.GetColumnName());
        return Form(index.IsUnique, index.GetFilter() is not null, index.Properties.Select(property => property.GetColumnName()), included ?? []);
    }

    private static string Form(bool isUnique, bool isFiltered, IEnumerable<string> columns, IEnumerable<string> included) =>
        $"{(isUnique ? "unique" : "")} ({string.Join(", ", columns)}) {(isFiltered ? "with a condition" : "")} including ({string.Join(", ", included.Order(StringComparer.Ordinal))})";

    /// <summary>One column of one index that is there, in the order of its key. The text of a condition is not compared: a server keeps it in words of its own.</summary>
    private sealed record IndexColumn(string TableName, string IndexName, bool IsUnique, bool IsFiltered, bool IsIncluded, string ColumnName);

    /// <summary>Notes the form of each index in the model: the one that is made ahead, for the start, knows neither conditions nor included columns.</summary>
    internal sealed class Noted : IModelFinalizingConvention
    {
        public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
        {
            foreach (var index in modelBuilder.Metadata.GetEntityTypes().SelectMany(table => table.GetDeclaredIndexes()))
            {
                index.SetAnnotation(NotedForm, Form(index));
            }
        }
    }
}
