using System.Data;
using System.Reflection;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.SqlServer.Storage.Internal;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Whose fault an error of SQL Server is, with and without EF Core around it.</summary>
public sealed class DatabaseFaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1205, nameof(DatabaseFaultKind.Transient))]
    [InlineData(-2, nameof(DatabaseFaultKind.Transient))]
    [InlineData(10054, nameof(DatabaseFaultKind.Transient))]
    [InlineData(2627, nameof(DatabaseFaultKind.Record))]
    [InlineData(2601, nameof(DatabaseFaultKind.Record))]
    [InlineData(1505, nameof(DatabaseFaultKind.Record))]
    [InlineData(3609, nameof(DatabaseFaultKind.Record))]
    [InlineData(2628, nameof(DatabaseFaultKind.Record))]
    [InlineData(8152, nameof(DatabaseFaultKind.Record))]
    [InlineData(4815, nameof(DatabaseFaultKind.Record))]
    [InlineData(8114, nameof(DatabaseFaultKind.Record))]
    [InlineData(515, nameof(DatabaseFaultKind.Record))]
    [InlineData(547, nameof(DatabaseFaultKind.Record))]
    [InlineData(50001, nameof(DatabaseFaultKind.Record))]
    [InlineData(208, nameof(DatabaseFaultKind.Storage))]
    [InlineData(1105, nameof(DatabaseFaultKind.Storage))]
    public void An_error_of_a_bulk_copy_is_read_like_one_of_EF_Core(int number, string kind)
    {
        var error = SqlServerErrors.Of(number);

        // A bulk copy's own, one that it wraps when it asks for the table, and one of EF Core's.
        Assert.Equal(kind, DatabaseFault.Of(error)!.Kind.ToString());
        Assert.Equal(kind, DatabaseFault.Of(new InvalidOperationException("Cannot access destination table '[ActivityLog]'.", error))!.Kind.ToString());
        Assert.Equal(kind, DatabaseFault.Of(new DbUpdateException("An error occurred.", error))!.Kind.ToString());
    }

    /// <summary>As the client says on Linux that a server is away, that its name is unknown, and that a connection broke.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(11001)]
    public void What_the_network_says_on_Linux_passes_by_itself_and_the_same_number_without_a_lost_connection_does_not(int number)
    {
        var lost = DatabaseFault.Of(new DbUpdateException("An error occurred.", SqlServerErrors.Of(number, severity: 20)))!;
        var other = DatabaseFault.Of(SqlServerErrors.Of(number, severity: 11))!;

        Assert.Equal((DatabaseFaultKind.Transient, DatabaseFaultKind.Storage), (lost.Kind, other.Kind));
        Assert.StartsWith("the server cannot be reached, or the connection to it broke", lost.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(596)]
    [InlineData(701)]
    [InlineData(976)]
    [InlineData(983)]
    [InlineData(6005)]
    [InlineData(17142)]
    [InlineData(18401)]
    public void A_server_that_ends_sessions_moves_or_has_no_memory_is_asked_again(int number) =>
        Assert.Equal(DatabaseFaultKind.Transient, DatabaseFault.Of(SqlServerErrors.Of(number))!.Kind);

    [Fact]
    public void Whatever_EF_Core_and_the_client_take_for_passing_passes()
    {
#pragma warning disable EF1001 // Only here, to hold our list against theirs.
        var passing = Enumerable.Range(-100, 60_000).Where(number => SqlServerTransientExceptionDetector.ShouldRetryOn(SqlServerErrors.Of(number, severity: 20))).ToList();
#pragma warning restore EF1001
        var client = (IEnumerable<int>)typeof(SqlConfigurableRetryFactory).GetFields(SqlServerErrors.Hidden).Single(field => typeof(IEnumerable<int>).IsAssignableFrom(field.FieldType)).GetValue(null)!;

        Assert.InRange(passing.Count, 30, 200);
        Assert.InRange(client.Count(), 10, 200);
        // Whoever looks for the same number again has the same severity as at the first time.
        Assert.Equal("", string.Join(' ', passing.Union(client).Where(number => DatabaseFault.Of(SqlServerErrors.Of(number, severity: 20))!.Kind != DatabaseFaultKind.Transient)));
    }

    [Theory]
    [InlineData(18456, 14, "the server refused the login; check User Id in Database:ConnectionString, and the password there or in Database:Password (SQL Server error 18456)")]
    [InlineData(-2146893019, 20, "the server's certificate is not one that this machine trusts for its name; install that of its authority, or set TrustServerCertificate=True in Database:ConnectionString where nobody else is on the way (SQL Server error -2146893019)")]
    [InlineData(0, 20, "the server cannot be reached, or the connection to it broke; Server in Database:ConnectionString says where it is (SQL Server error 0)")]
    [InlineData(20, 20, "the server and this service agree on no encryption; Encrypt in Database:ConnectionString says whether there must be any (SQL Server error 20)")]
    [InlineData(4060, 11, "the server has no such database, or does not let this login into it; Database in Database:ConnectionString names it (SQL Server error 4060)")]
    [InlineData(911, 16, "the server has no such database; Database in Database:ConnectionString names it (SQL Server error 911)")]
    [InlineData(229, 14, "the login may not do that; an administrator of the database gives it the right (SQL Server error 229)")]
    public void What_an_operator_can_mend_is_told_with_the_setting(int number, byte severity, string sentence) =>
        Assert.Equal($"The database cannot be used: {sentence}.", DatabaseErrors.Describe(SqlServerErrors.Of(number, severity)));

    [Theory]
    [InlineData(true, ConnectionState.Open, nameof(DatabaseFaultKind.Record), "has a value that does not fit its column")]
    [InlineData(false, ConnectionState.Open, nameof(DatabaseFaultKind.Storage), "the database refused a bulk load, which is how an import writes its rows; a server and a proxy between have to take them")]
    [InlineData(false, ConnectionState.Closed, nameof(DatabaseFaultKind.Transient), "the connection to the server was lost")]
    [InlineData(true, ConnectionState.Broken, nameof(DatabaseFaultKind.Transient), "the connection to the server was lost")]
    public void What_the_client_refuses_by_itself_is_read_without_its_words(bool hasCause, ConnectionState state, string kind, string description)
    {
        var refusal = new InvalidOperationException("The given value 'Mizzi' cannot be converted.", hasCause ? new FormatException() : null);

        var exception = SqlServerBulkCopy.Fault(refusal, state);

        var fault = DatabaseFault.Of(exception)!;
        Assert.Equal((kind, description), (fault.Kind.ToString(), fault.Description));
        Assert.DoesNotContain("Mizzi", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_gone_when_a_bulk_copy_begins_is_tried_again()
    {
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        using var rows = new DataTable { Columns = { { "Id", typeof(long) } }, Rows = { 1L } };

        var exception = await Assert.ThrowsAsync<DatabaseFaultException>(() => SqlServerBulkCopy.WriteAsync(db, "[ActivityLog]", rows, Cancel));

        Assert.Equal(DatabaseFaultKind.Transient, exception.Kind);
    }

    [Fact]
    public async Task A_bulk_copy_that_is_cancelled_is_no_fault_of_the_database()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        using var rows = new DataTable { Columns = { { "Id", typeof(long) } }, Rows = { 1L } };

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SqlServerBulkCopy.WriteAsync(db, "[ActivityLog]", rows, cancelled.Token));

        Assert.Null(DatabaseFault.Of(exception));
    }
}

/// <summary>Only the client itself makes exceptions of this kind, out of what a server sends.</summary>
internal static class SqlServerErrors
{
    public const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic;

    /// <param name="number">The error's number.</param>
    /// <param name="severity">Its severity; 20 and more where the connection is gone.</param>
    public static SqlException Of(int number, byte severity = 0)
    {
        var constructor = typeof(SqlError).GetConstructors(Hidden).OrderBy(c => c.GetParameters().Length).First();
        var error = constructor.Invoke([.. constructor.GetParameters().Select(p => Argument(p, number, severity))]);
        var errors = Activator.CreateInstance(typeof(SqlErrorCollection), nonPublic: true)!;
        typeof(SqlErrorCollection).GetMethod("Add", Hidden)!.Invoke(errors, [error]);
        return (SqlException)typeof(SqlException).GetMethod("CreateException", Hidden, [typeof(SqlErrorCollection), typeof(string)])!.Invoke(null, [errors, "16.00"])!;
    }

    private static object? Argument(ParameterInfo parameter, int number, byte severity) => parameter switch
    {
        { Name: "infoNumber" or "number" } => number,
        { Name: "errorClass" } => severity,
        { ParameterType: var type } when type == typeof(string) => "",
        { ParameterType.IsValueType: true, ParameterType: var type } => Activator.CreateInstance(type),
        _ => null,
    };
}
