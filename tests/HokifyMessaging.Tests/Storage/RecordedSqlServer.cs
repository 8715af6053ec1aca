using System.Data;
using System.Data.Common;
using System.Reflection;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Storage;

/// <summary>
/// Stands where a SQL Server would be: keeps every command that is sent and answers each SELECT with the rows that the test
/// has laid out for its table, whatever its condition. What is copied in bulk it keeps as well.
/// </summary>
internal sealed partial class RecordedSqlServer : DbConnectionInterceptor
{
    /// <summary>Of all of them, because EF Core keeps what is left of a block for every context of the process.</summary>
    private static long _lastKey = 1000;

    private readonly Dictionary<string, List<Dictionary<string, object>>> _staged = [];

    public List<(string Text, int Parameters)> Commands { get; } = [];

    /// <summary>The commands of each transaction.</summary>
    public List<List<string>> Transactions { get; } = [];

    /// <summary>How often a connection was opened.</summary>
    public int Opened { get; private set; }

    /// <summary>How many of the commands came to a connection on which no option had been set since it was opened.</summary>
    public int StatementsBeforeOptions { get; private set; }

    /// <summary>Every row that was copied in bulk, by column, and the table it was copied to.</summary>
    public List<(string Table, Dictionary<string, object> Row)> Copied { get; } = [];

    /// <summary>How many rows each bulk copy had.</summary>
    public List<int> CopySizes { get; } = [];

    /// <summary>The ids that somebody else writes just before this worker does.</summary>
    public HashSet<string> WrittenByOthers { get; } = [];

    /// <summary>What a bulk copy fails with; null for none.</summary>
    public Func<Exception?> CopyFault { get; set; } = () => null;

    /// <summary>The rows of each table, as entities.</summary>
    public Dictionary<string, IReadOnlyList<object>> Rows { get; } = [];

    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(new Connection(this));

    /// <summary>A run that has read something already.</summary>
    public Task<RunInProgress> OpenRunAsync(ImportWorker worker)
    {
        var id = Guid.NewGuid();
        Rows["Scope"] = [new ScopeState { ScopeId = 1, Fence = 7, Watermark = Record.Epoch }];
        Rows["ImportRun"] =
        [
            new ImportRun
            {
                Id = id, IdempotencyKey = "known", ScopeId = 1, ImportMode = ImportMode.Full, State = RunState.Running, Phase = RunPhase.Reading,
                CreatedAt = Record.Epoch, StartedAt = Record.Epoch, WindowTo = Record.Epoch, Checkpoint = "item:5", Fence = 7, Tally = ImportTally.ForNewRun().ToJson(),
            },
        ];
        Rows["RunBatch"] = [new RunBatch { RunId = id, Number = 1, Phase = RunPhase.Reading, RecordKeys = RecordKeys.ToBytes([RecordKeys.Of("seen")]) }];
        return worker.OpenAsync("known");
    }

    public Task BulkCopyAsync(HokifyDbContext db, string table, DataTable rows, CancellationToken cancellationToken)
    {
        Assert.NotNull(db.Database.CurrentTransaction);
        if (CopyFault() is { } fault)
        {
            return Task.FromException(fault);
        }

        CopySizes.Add(rows.Rows.Count);
        foreach (DataRow copied in rows.Rows)
        {
            var row = rows.Columns.Cast<DataColumn>().ToDictionary(column => column.ColumnName, column => copied[column]);
            Copied.Add((table, row));
            if (table.StartsWith("[#", StringComparison.Ordinal))
            {
                _staged[table.Trim('[', ']')].Add(row);
            }
        }

        return Task.CompletedTask;
    }

    private DataTableReader Answer(string sql)
    {
        var (tables, changed) = (new List<DataTable>(), 1);
        foreach (var statement in SqlServerRules.Parse(sql).Batches.SelectMany(b => b.Statements))
        {
            switch (statement)
            {
                case CreateTableStatement created:
                    _staged.Add(created.SchemaObjectName.BaseIdentifier.Value, []);
                    break;
                case DropTableStatement dropped:
                    Assert.True(_staged.Remove(dropped.Objects.Single().BaseIdentifier.Value));
                    break;
                case InsertStatement { InsertSpecification.InsertSource: SelectInsertSource } inserted:
                    changed = Moved(inserted, row => !IsStored(inserted, row) && !WrittenByOthers.Contains(row["ReferenceId"]));
                    break;
                case UpdateStatement { UpdateSpecification.FromClause.TableReferences: [QualifiedJoin] } updated:
                    changed = Moved(updated, row => IsStored(updated, row));
                    break;
                case SelectStatement selected:
                    tables.Add(Answer((QuerySpecification)selected.QueryExpression, changed));
                    break;
            }
        }

        return new DataTableReader(tables.Count == 0 ? [new DataTable()] : [.. tables]);
    }

    private int Moved(TSqlStatement statement, Func<Dictionary<string, object>, bool> isMoved) =>
        _staged[TablesAsked.Of(statement).Single(name => name.StartsWith('#'))].Count(isMoved);

    private bool IsStored(TSqlStatement statement, Dictionary<string, object> row) =>
        Rows.GetValueOrDefault(TablesAsked.Of(statement).First(name => name != "t" && !name.StartsWith('#')))?.Any(stored => Value(stored, "Id")!.Equals(row["Id"])) is true;

    private DataTable Answer(QuerySpecification query, int changed)
    {
        var table = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        if (query.SelectElements is [SelectScalarExpression { Expression: NextValueForExpression }])
        {
            return Single(table, Interlocked.Add(ref _lastKey, 1000));
        }

        if (query.FromClause is null)
        {
            // SELECT CASE WHEN EXISTS (...), or SELECT @@ROWCOUNT.
            var asked = TablesAsked.Of(query);
            return asked.Count > 0
                ? Single(table, asked.Any(name => Rows.GetValueOrDefault(name) is { Count: > 0 }))
                : Single(table, changed);
        }

        if (query.SelectElements is [SelectScalarExpression { Expression: FunctionCall { FunctionName.Value: "COUNT" } }])
        {
            return Single(table, Rows.GetValueOrDefault(TablesAsked.Of(query)[0])?.Count ?? 0);
        }

        if (AsksForTheKey(query))
        {
            return Single(table, Interlocked.Increment(ref _lastKey));
        }

        var columns = query.SelectElements.Cast<SelectScalarExpression>()
            .Select(e => e.ColumnName?.Value ?? ((ColumnReferenceExpression)e.Expression).MultiPartIdentifier.Identifiers[^1].Value).ToList();
        var rows = Rows.GetValueOrDefault(TablesAsked.Of(query)[0]) ?? [];
        foreach (var column in columns)
        {
            // Two tables may have columns of one name; EF Core reads them by their places.
            table.Columns.Add(table.Columns.Contains(column) ? $"{column} {table.Columns.Count}" : column, typeof(object));
        }

        foreach (var row in rows)
        {
            table.Rows.Add([.. columns.Select(column => Value(row, column) ?? DBNull.Value)]);
        }

        return table;
    }

    /// <summary>What EF Core asks behind an INSERT whose key the server gives.</summary>
    private static bool AsksForTheKey(QuerySpecification query) => query.ScriptTokenStream.Take(query.LastTokenIndex + 1).Skip(query.FirstTokenIndex)
        .Any(token => token.Text?.Equals("scope_identity", StringComparison.OrdinalIgnoreCase) == true);

    private static DataTable Single(DataTable table, object value)
    {
        table.Columns.Add("value", value.GetType());
        table.Rows.Add(value);
        return table;
    }

    private static object? Value(object entity, string column)
    {
        var own = entity.GetType().GetProperty(column);
        var value = own is { Name: not "Columns" }
            ? own.GetValue(entity)
            : entity.GetType().GetProperty("Columns")!.GetValue(entity) is { } columns
                ? columns.GetType().GetProperty(column, BindingFlags.Public | BindingFlags.Instance)!.GetValue(columns)
                : null;
        return value is Enum ? value.ToString() : value;
    }
}
