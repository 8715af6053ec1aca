using System.Collections;
using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.SqlClient;
using IsolationLevel = System.Data.IsolationLevel;

namespace HokifyMessaging.Tests.Storage;

/// <summary>The connection that stands for one to a server.</summary>
internal sealed partial class RecordedSqlServer
{
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

        public bool HasOptions { get; set; }

        public override void Open()
        {
            (_state, HasOptions) = (ConnectionState.Open, false);
            server.Opened++;
        }

        public override void Close() => _state = ConnectionState.Closed;

        protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel)
        {
            server.Transactions.Add([]);
            return new Transaction(server, this);
        }

        protected override DbCommand CreateDbCommand() => new Command(server, this);
    }

    private sealed class Transaction(RecordedSqlServer server, Connection connection) : DbTransaction
    {
        public override IsolationLevel IsolationLevel => IsolationLevel.ReadCommitted;

        protected override DbConnection DbConnection => connection;

        public override bool SupportsSavepoints => false;

        public override void Commit() => Assert.Empty(server._staged);

        public override void Rollback() => server._staged.Clear();

        protected override void Dispose(bool disposing)
        {
            Rollback();
            base.Dispose(disposing);
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
            return Interlocked.Add(ref _lastKey, 1000);
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

        private void Record()
        {
            server.Commands.Add((CommandText, ((ICollection)_inner.Parameters).Count));
            if (DbTransaction is not null)
            {
                server.Transactions[^1].Add(CommandText);
            }

            connection.HasOptions |= CommandText.StartsWith("SET QUOTED_IDENTIFIER", StringComparison.Ordinal);
            server.StatementsBeforeOptions += connection.HasOptions ? 0 : 1;
        }
    }
}
