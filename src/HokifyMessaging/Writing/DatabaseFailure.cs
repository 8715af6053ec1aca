using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Writing;

/// <summary>Whose fault a failed write is; that decides what happens next.</summary>
internal enum DatabaseFaultKind
{
    /// <summary>Goes away by itself: try the same again.</summary>
    Transient,

    /// <summary>The database refuses the data: find the record that is guilty.</summary>
    Record,

    /// <summary>The database cannot take anything now: the run fails at its checkpoint.</summary>
    Storage,
}

/// <summary>Reads the providers' error codes; their texts are not repeated, because some quote the data.</summary>
/// <param name="Kind">Whose fault it is.</param>
/// <param name="Description">What is wrong; of a record's fault what the record does ("violates …"), else a clause of its own.</param>
/// <param name="Code">The provider's HResult.</param>
internal sealed record DatabaseFault(DatabaseFaultKind Kind, string Description, int Code)
{
    /// <summary>Whether somebody else has what the statement needs, and will give it back.</summary>
    public bool IsLock { get; private init; }

    /// <summary>A clause with a subject, for a sentence that speaks of no record.</summary>
    public string Clause => Kind == DatabaseFaultKind.Record ? $"a record {Description}" : Description;

    public static DatabaseFault? Of(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case OperationCanceledException:
                    return null;
                case DatabaseFaultException known:
                    return new DatabaseFault(known.Kind, known.Description, known.HResult);
                case SqliteException sqlite:
                    return OfSqlite(sqlite);
                case SqlException sqlServer:
                    return OfSqlServer(sqlServer);
                case DbException or TimeoutException:
                    return new DatabaseFault(DatabaseFaultKind.Transient, $"the database did not answer ({cause.GetType().Name})", cause.HResult);
            }
        }

        return null;
    }

    private static DatabaseFault OfSqlite(SqliteException exception)
    {
        var (kind, description) = exception.SqliteErrorCode switch
        {
            5 or 6 => (DatabaseFaultKind.Transient, "the database file is locked by another process"),
            // A primary or unique key is where two workers meet; everything else of the kind is the record's.
            19 => (DatabaseFaultKind.Record, $"violates {Constraint(exception.SqliteExtendedErrorCode)}"),
            18 or 20 or 25 => (DatabaseFaultKind.Record, "has a value that does not fit its column"),
            13 => (DatabaseFaultKind.Storage, "the disk that holds the database is full"),
            8 => (DatabaseFaultKind.Storage, "the database file is read-only"),
            10 => (DatabaseFaultKind.Storage, "the database file cannot be read or written"),
            14 => (DatabaseFaultKind.Storage, "the database file cannot be opened"),
            11 or 26 => (DatabaseFaultKind.Storage, "the database file is damaged or is not a SQLite database"),
            1 => (DatabaseFaultKind.Storage, "the database's schema is not the one that this version expects; run 'hokify migrate'"),
            _ => (DatabaseFaultKind.Storage, "the database refused the statement"),
        };
        return new DatabaseFault(kind, $"{description} (SQLite error {exception.SqliteErrorCode}, extended {exception.SqliteExtendedErrorCode})", exception.HResult)
        {
            IsLock = exception.SqliteErrorCode is 5 or 6,
        };
    }

    private static string Constraint(int extendedCode) => (extendedCode >> 8) switch
    {
        1 => "a check constraint",
        3 => "a foreign key",
        5 => "a column that must not be empty",
        6 => "a primary key",
        7 => "a trigger's condition",
        8 => "a unique index",
        _ => "a constraint",
    };

    private static DatabaseFault OfSqlServer(SqlException exception)
    {
        var (kind, description) = exception.Number switch
        {
            1205 => (DatabaseFaultKind.Transient, "the statement was chosen as a deadlock victim"),
            1222 => (DatabaseFaultKind.Transient, "the statement waited too long for a lock"),
            -2 => (DatabaseFaultKind.Transient, "the statement took longer than Database:CommandTimeout"),
            // Lost or refused connections, failovers and throttling.
            -1 or 2 or 20 or 53 or 64 or 121 or 233 or 258 or 997 or 10053 or 10054 or 10060 or 10061 or 10928 or 10929
                or 40143 or 40197 or 40501 or 40540 or 40613 or 49918 or 49919 or 49920 or 4060 or 4221 or 615 or 926 or 3935 or 3960 or 3966 =>
                (DatabaseFaultKind.Transient, "the connection to the server was lost"),
            547 => (DatabaseFaultKind.Record, "violates a foreign key or check constraint"),
            515 => (DatabaseFaultKind.Record, "violates a column that must not be empty"),
            2601 or 2627 => (DatabaseFaultKind.Record, "violates a unique index"),
            2628 or 4815 or 8152 => (DatabaseFaultKind.Record, "has a text that is longer than its column"),
            220 or 232 or 241 or 242 or 245 or 248 or 8114 or 8115 => (DatabaseFaultKind.Record, "has a value that does not fit its column"),
            >= 50000 => (DatabaseFaultKind.Record, "was refused by a trigger"),
            1101 or 1105 or 9002 => (DatabaseFaultKind.Storage, "the database's disk or log is full"),
            3906 => (DatabaseFaultKind.Storage, "the database is read-only"),
            207 or 208 => (DatabaseFaultKind.Storage, "the database's schema is not the one that this version expects; run 'hokify migrate'"),
            _ => (DatabaseFaultKind.Storage, "the database refused the statement"),
        };
        return new DatabaseFault(kind, $"{description} (SQL Server error {exception.Number})", exception.HResult)
        {
            IsLock = exception.Number is 1205 or 1222 or -2,
        };
    }
}

/// <summary>A fault that no error of the provider's stands for.</summary>
internal sealed class DatabaseFaultException(DatabaseFaultKind kind, string description) : Exception($"Rows could not be written: {description}.")
{
    public DatabaseFaultKind Kind => kind;

    public string Description => description;
}

/// <summary>The database cannot take anything now: the run fails at its checkpoint and resumes there.</summary>
internal sealed class StorageException(string message, Exception innerException) : Exception(VisibleText.Of(message), innerException);
