using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Storage;

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

    /// <summary>Of a record's fault, what is wrong with it, as a kind.</summary>
    public FailureCause Cause { get; private init; } = FailureCause.Refused;

    /// <summary>The column at fault, where that is known.</summary>
    public string? Column { get; private init; }

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
                    return new DatabaseFault(known.Kind, known.Description, known.HResult) { Cause = known.Cause, Column = known.Column };
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
            Cause = exception.SqliteErrorCode switch
            {
                19 => exception.SqliteExtendedErrorCode >> 8 == 7 ? FailureCause.Trigger : FailureCause.Constraint,
                18 or 20 or 25 => FailureCause.Misfit,
                _ => FailureCause.Refused,
            },
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
        var (kind, description) = SqlServerFault.Of(exception);
        return new DatabaseFault(kind, $"{description} (SQL Server error {exception.Number})", exception.HResult)
        {
            IsLock = SqlServerFault.IsLock(exception),
            Cause = SqlServerFault.CauseOf(exception),
        };
    }
}

/// <summary>A fault that no error of the provider's stands for.</summary>
internal sealed class DatabaseFaultException(DatabaseFaultKind kind, string description, FailureCause cause = FailureCause.Refused, string? column = null) : Exception($"Rows could not be written: {description}.")
{
    public DatabaseFaultKind Kind => kind;

    public FailureCause Cause => cause;

    /// <summary>The column at fault; null where it is not known.</summary>
    public string? Column => column;

    public string Description => description;
}

/// <summary>The database cannot take anything now: the run fails at its checkpoint and resumes there.</summary>
internal sealed class StorageException(string message, Exception? innerException = null) : Exception(VisibleText.Of(message), innerException);
