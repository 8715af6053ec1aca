using System.Data;
using System.Reflection;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;

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

    [Theory]
    [InlineData(true, ConnectionState.Open, nameof(DatabaseFaultKind.Record), "has a value that does not fit its column")]
    [InlineData(false, ConnectionState.Open, nameof(DatabaseFaultKind.Storage), "the database refused a bulk load; if it takes none, set Database:BulkCopy to false")]
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
        await using var rows = new RowReader(["Id"], [typeof(long)], [[1L]]);

        var exception = await Assert.ThrowsAsync<DatabaseFaultException>(() => SqlServerBulkCopy.WriteAsync(db, "[ActivityLog]", rows, Cancel));

        Assert.Equal(DatabaseFaultKind.Transient, exception.Kind);
    }

    [Fact]
    public async Task A_bulk_copy_that_is_cancelled_is_no_fault_of_the_database()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        await using var rows = new RowReader(["Id"], [typeof(long)], [[1L]]);

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SqlServerBulkCopy.WriteAsync(db, "[ActivityLog]", rows, cancelled.Token));

        Assert.Null(DatabaseFault.Of(exception));
    }
}

/// <summary>Only the client itself makes exceptions of this kind, out of what a server sends.</summary>
internal static class SqlServerErrors
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic;

    public static SqlException Of(int number)
    {
        var constructor = typeof(SqlError).GetConstructors(Hidden).OrderBy(c => c.GetParameters().Length).First();
        var error = constructor.Invoke([.. constructor.GetParameters().Select(p => Argument(p, number))]);
        var errors = Activator.CreateInstance(typeof(SqlErrorCollection), nonPublic: true)!;
        typeof(SqlErrorCollection).GetMethod("Add", Hidden)!.Invoke(errors, [error]);
        return (SqlException)typeof(SqlException).GetMethod("CreateException", Hidden, [typeof(SqlErrorCollection), typeof(string)])!.Invoke(null, [errors, "16.00"])!;
    }

    private static object? Argument(ParameterInfo parameter, int number) => parameter switch
    {
        { Name: "infoNumber" or "number" } => number,
        { ParameterType: var type } when type == typeof(string) => "",
        { ParameterType.IsValueType: true, ParameterType: var type } => Activator.CreateInstance(type),
        _ => null,
    };
}
