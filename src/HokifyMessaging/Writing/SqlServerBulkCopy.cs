using System.Data;
using HokifyMessaging.Storage;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace HokifyMessaging.Writing;

/// <summary>Writes rows to a table in one go, on the context's connection and in its transaction.</summary>
internal delegate Task BulkCopy(HokifyDbContext db, string table, DataTable rows, CancellationToken cancellationToken);

internal static class SqlServerBulkCopy
{
    /// <summary>What an INSERT does and a bulk copy leaves out unless it is told to; it would also leave the foreign keys untrusted.</summary>
    private const SqlBulkCopyOptions AsInsert = SqlBulkCopyOptions.CheckConstraints | SqlBulkCopyOptions.FireTriggers | SqlBulkCopyOptions.KeepNulls;

    public static async Task WriteAsync(HokifyDbContext db, string table, DataTable rows, CancellationToken cancellationToken)
    {
        var connection = (SqlConnection)db.Database.GetDbConnection();
        using var copy = new SqlBulkCopy(connection, AsInsert, (SqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction())
        {
            DestinationTableName = table,
        };
        copy.BulkCopyTimeout = db.Database.GetCommandTimeout() ?? copy.BulkCopyTimeout;
        foreach (DataColumn column in rows.Columns)
        {
            copy.ColumnMappings.Add(column.ColumnName, column.ColumnName);
        }

        try
        {
            await copy.WriteToServerAsync(rows, cancellationToken);
        }
        catch (InvalidOperationException exception) when (DatabaseFault.Of(exception) is null)
        {
            throw Fault(exception, connection.State);
        }
    }

    /// <summary>What the client itself refuses. Its exception is left behind: it may quote the value.</summary>
    internal static DatabaseFaultException Fault(InvalidOperationException exception, ConnectionState state) => (state, exception.InnerException) switch
    {
        (not ConnectionState.Open, _) => new(DatabaseFaultKind.Transient, "the connection to the server was lost"),

        // Only a value that cannot be converted has a cause of its own; the others are about the table.
        (_, not null) => new(DatabaseFaultKind.Record, "has a value that does not fit its column", FailureCause.Misfit),
        _ => new(DatabaseFaultKind.Storage, "the database refused a bulk load, which is how an import writes its rows; a server and a proxy between have to take them"),
    };
}
