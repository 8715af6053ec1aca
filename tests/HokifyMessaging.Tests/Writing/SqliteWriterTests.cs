namespace HokifyMessaging.Tests.Writing;

/// <summary>The writer on SQLite files.</summary>
public sealed class SqliteWriterTests : WriterSpecification
{
    private protected override async Task<TestDatabase> CreateDatabaseAsync()
    {
        var database = new SqliteTestDatabase();
        await using var worker = new ImportWorker(database.Options);
        await worker.Schema.MigrateAsync(Cancel);
        return database;
    }
}
