using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore.SqlServer.Storage.Internal;

namespace HokifyMessaging.Storage;

/// <summary>
/// What an error of SQL Server means, by its number. On Linux the client gives what the network says the number 0 or that of
/// the system's resolver, and the severity of a lost connection; on Windows the system's own number.
/// </summary>
internal static class SqlServerFault
{
    /// <summary>From this severity on the connection is gone.</summary>
    private const byte Fatal = 20;

    public static (DatabaseFaultKind Kind, string Description) Of(SqlException exception) => exception.Number switch
    {
        0 or 11001 when exception.Class < Fatal => (DatabaseFaultKind.Storage, "the database refused the statement"),
        0 or 53 or 10060 or 10061 or 11001 =>
            (DatabaseFaultKind.Transient, "the server cannot be reached, or the connection to it broke; Server in Database:ConnectionString says where it is"),
        20 => (DatabaseFaultKind.Transient, "the server and this service agree on no encryption; Encrypt in Database:ConnectionString says whether there must be any"),
        4060 => (DatabaseFaultKind.Transient, "the server has no such database, or does not let this login into it; Database in Database:ConnectionString names it"),
        911 => (DatabaseFaultKind.Storage, "the server has no such database; Database in Database:ConnectionString names it"),
        18452 or 18456 or 18486 or 18487 or 18488 =>
            (DatabaseFaultKind.Storage, "the server refused the login; check User Id in Database:ConnectionString, and the password there or in Database:Password"),
        Certificate.UntrustedRoot or Certificate.WrongName or Certificate.Expired =>
            (DatabaseFaultKind.Storage, "the server's certificate is not one that this machine trusts for its name; install that of its authority, or set TrustServerCertificate=True in Database:ConnectionString where nobody else is on the way"),

        1205 => (DatabaseFaultKind.Transient, "the statement was chosen as a deadlock victim"),
        1222 => (DatabaseFaultKind.Transient, "the statement waited too long for a lock"),
        -2 => (DatabaseFaultKind.Transient, "the statement took longer than Database:CommandTimeout"),
        601 or 1203 or 1221 or 3935 or 3960 or 3966 or 41301 or 41302 or 41305 or 41325 or 41839 => (DatabaseFaultKind.Transient, "another transaction came between"),
        669 or 701 or 802 or 1204 or 1807 or 8628 or 8645 or 8651 or 9515 or 10922 or 10928 or 10929 or 10936 or 14355 or 17197 or 20041 or 40501 or 49918 or 49919 or 49920 =>
            (DatabaseFaultKind.Transient, "the server has too much to do at the moment"),
        203 or 615 or 617 or 921 or 926 or 976 or 982 or 983 or 988 or 4221 or 6005 or 17142 or 18401 or 40143 or 40197 or 40540 or 40613 or 42108 or 42109 =>
            (DatabaseFaultKind.Transient, "the database is not at hand at the moment: it starts, stops or moves to another server"),
        -1 or 2 or 64 or 121 or 233 or 258 or 596 or 997 or 10053 or 10054 => (DatabaseFaultKind.Transient, "the connection to the server was lost"),

        547 => (DatabaseFaultKind.Record, "violates a foreign key or check constraint"),
        515 => (DatabaseFaultKind.Record, "violates a column that must not be empty"),
        1505 or 2601 or 2627 => (DatabaseFaultKind.Record, "violates a unique index"),
        2628 or 4815 or 8152 => (DatabaseFaultKind.Record, "has a text that is longer than its column"),
        220 or 232 or 241 or 242 or 245 or 248 or 8114 or 8115 => (DatabaseFaultKind.Record, "has a value that does not fit its column"),
        3609 or >= 50000 => (DatabaseFaultKind.Record, "was refused by a trigger"),

        1101 or 1105 or 9002 => (DatabaseFaultKind.Storage, "the database's disk or log is full"),
        3906 => (DatabaseFaultKind.Storage, "the database is read-only"),
        207 or 208 => (DatabaseFaultKind.Storage, "the database's schema is not the one that this version expects; run 'hokify migrate'"),
        229 or 230 or 262 => (DatabaseFaultKind.Storage, "the login may not do that; an administrator of the database gives it the right"),
#pragma warning disable EF1001 // EF Core keeps the longest list of what passes by itself, and gives it to nobody else.
        _ when SqlServerTransientExceptionDetector.ShouldRetryOn(exception) => (DatabaseFaultKind.Transient, "the server could not carry the statement out at the moment"),
#pragma warning restore EF1001
        _ => (DatabaseFaultKind.Storage, "the database refused the statement"),
    };

    /// <summary>What is wrong with a record that was refused.</summary>
    public static FailureCause CauseOf(SqlException exception) => exception.Number switch
    {
        547 or 515 or 1505 or 2601 or 2627 => FailureCause.Constraint,
        2628 or 4815 or 8152 => FailureCause.TooLong,
        220 or 232 or 241 or 242 or 245 or 248 or 8114 or 8115 => FailureCause.Misfit,
        3609 or >= 50000 => FailureCause.Trigger,
        _ => FailureCause.Refused,
    };

    public static bool IsLock(SqlException exception) => exception.Number is 1205 or 1222 or -2;

    /// <summary>What the system's security library says of a certificate; the client passes it on as the error's number.</summary>
    private static class Certificate
    {
        public const int UntrustedRoot = -2146893019;
        public const int WrongName = -2146893022;
        public const int Expired = -2146893016;
    }
}
