using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.SqlServer.TransactSql.ScriptDom;
using IsolationLevel = System.Data.IsolationLevel;

namespace HokifyMessaging.Tests.Storage;

/// <summary>
/// Stands where a SQL Server would be: keeps every command that EF Core sends and answers each SELECT with the rows that
/// the test has laid out for its table, whatever its condition.
/// </summary>
internal sealed class RecordedSqlServer : DbConnectionInterceptor
{
    private long _lastKey = 1000;

    public List<(string Text, int Parameters)> Commands { get; } = [];

    /// <summary>The rows of each table, as entities.</summary>
    public Dictionary<string, IReadOnlyList<object>> Rows { get; } = [];

    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(new Connection(this));

    private DataTableReader Answer(string sql)
    {
        var tables = SqlServerRules.Parse(sql).Batches.SelectMany(b => b.Statements).OfType<SelectStatement>()
            .Select(s => Answer((QuerySpecification)s.QueryExpression)).ToArray();
        return new DataTableReader(tables.Length == 0 ? [new DataTable()] : tables);
    }

    private DataTable Answer(QuerySpecification query)
    {
        var table = new DataTable { Locale = System.Globalization.CultureInfo.InvariantCulture };
        if (query.FromClause is null)
        {
            // SELECT CASE WHEN EXISTS (...), or SELECT @@ROWCOUNT.
            var asked = new TablesAsked();
            query.Accept(asked);
            return asked.Names.Count > 0
                ? Single(table, asked.Names.Any(name => Rows.GetValueOrDefault(name) is { Count: > 0 }))
                : Single(table, 1);
        }

        var columns = query.SelectElements.Cast<SelectScalarExpression>()
            .Select(e => e.ColumnName?.Value ?? ((ColumnReferenceExpression)e.Expression).MultiPartIdentifier.Identifiers[^1].Value).ToList();
        var rows = Rows.GetValueOrDefault(new TablesAsked().First(query)) ?? [];
        foreach (var column in columns)
        {
            table.Columns.Add(column, typeof(object));
        }

        foreach (var row in rows)
        {
            table.Rows.Add([.. columns.Select(column => Value(row, column) ?? DBNull.Value)]);
        }

        return table;
    }

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

    private sealed class TablesAsked : TSqlFragmentVisitor
    {
        public List<string> Names { get; } = [];

        public string First(TSqlFragment fragment)
        {
            fragment.Accept(this);
            return Names[0];
        }

        public override void Visit(NamedTableReference node) => Names.Add(node.SchemaObject.BaseIdentifier.Value);
    }

    private sealed class Connection(RecordedSqlServer server) : DbConnection
    {
        private ConnectionState _state;

        [AllowNull]
        public override string ConnectionString { get; set; } = "";

        public override string Database => "hokify";

        public override string DataSource => "recorded";

        public override string ServerVersion => "16.00";

        public override ConnectionState State => _state;

        public override void ChangeDatabase(string databaseName) => throw new NotSupportedException();

        public override void Open() => _state = ConnectionState.Open;

        public override void Close() => _state = ConnectionState.Closed;

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => new Transaction(this);

        protected override DbCommand CreateDbCommand() => new Command(server, this);
    }

    private sealed class Transaction(Connection connection) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

        protected override DbConnection DbConnection => connection;

        public override bool SupportsSavepoints => false;

        public override void Commit()
        {
        }

        public override void Rollback()
        {
        }
    }

    private sealed class Command(RecordedSqlServer server, Connection connection) : DbCommand
    {
        private readonly SqlCommand _inner = new();

        [AllowNull]
        public override string CommandText { get => _inner.CommandText; set => _inner.CommandText = value; }

        public override int CommandTimeout { get; set; }

        public override CommandType CommandType { get; set; } = CommandType.Text;

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection { get; set; } = connection;

        protected override DbParameterCollection DbParameterCollection => _inner.Parameters;

        protected override DbTransaction? DbTransaction { get; set; }

        public override void Cancel()
        {
        }

        public override void Prepare()
        {
        }

        public override int ExecuteNonQuery()
        {
            Record();
            return 1;
        }

        /// <summary>Only new keys are asked for in this way.</summary>
        public override object ExecuteScalar()
        {
            Record();
            return server._lastKey += 1000;
        }

        protected override DbParameter CreateDbParameter() => new SqlParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior)
        {
            Record();
            return server.Answer(CommandText);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Record() => server.Commands.Add((CommandText, ((ICollection)_inner.Parameters).Count));
    }
}
