using HokifyMessaging.Writing;

namespace HokifyMessaging.Tests.Writing;

/// <summary>The fast writer on SQLite files.</summary>
public sealed class SqliteWriterTests : SqliteWriterSpecification;

/// <summary>The reference on SQLite files; every day it is compared with the fast one where that matters, in <see cref="SqliteWritersAgreeTests"/>.</summary>
public sealed class EfCoreWriterTests : SqliteWriterSpecification
{
    private protected override BatchRowsOf Rows => (db, scopeId) => new EfCoreRows(db, scopeId);

    private protected override Task<TestDatabase> CreateDatabaseAsync()
    {
        LongForm.Require();
        return base.CreateDatabaseAsync();
    }
}

public abstract class SqliteWriterSpecification : WriterSpecification
{
    private protected override async Task<TestDatabase> CreateDatabaseAsync()
    {
        var database = new SqliteTestDatabase();
        await database.MigrateAsync();
        return database;
    }
}
