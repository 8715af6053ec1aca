using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace HokifyMessaging.Storage;

/// <summary>
/// The options of a session on SQL Server, set whenever a connection is taken from the pool: a server may give each session
/// others (<c>user options</c>), under which statements report no counts, open transactions of their own, or cannot write to a
/// table whose indexes have a condition.
/// </summary>
internal sealed class SqlServerSession : DbConnectionInterceptor
{
    /// <summary>What an index with a condition needs, for making it and for writing to its table; and an error ends its transaction.</summary>
    public const string IndexOptions =
        """
        SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
        SET NUMERIC_ROUNDABORT OFF;
        SET XACT_ABORT ON;
        """;

    private const string Options = $"""
        {IndexOptions}
        SET NOCOUNT OFF;
        SET IMPLICIT_TRANSACTIONS OFF;
        """;

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = Command(connection);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        await using var command = Command(connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DbCommand Command(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText = Options;
        return command;
    }
}
