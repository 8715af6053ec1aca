namespace HokifyMessaging.Tests.Writing;

/// <summary>The writer on a SQL Server, where one is to be had.</summary>
public sealed class SqlServerWriterTests : WriterSpecification
{
    private protected override async Task<TestDatabase> CreateDatabaseAsync()
    {
        Assert.SkipUnless(
            SqlServerTestDatabase.ConnectionString is { Length: > 0 },
            $"There is no SQL Server: set {SqlServerTestDatabase.Variable} to a connection string of one on which a database may be created.");
        return await SqlServerTestDatabase.CreateAsync();
    }
}
