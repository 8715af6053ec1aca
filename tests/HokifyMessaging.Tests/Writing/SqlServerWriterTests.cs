using HokifyMessaging.Writing;

namespace HokifyMessaging.Tests.Writing;

/// <summary>The fast writer on a SQL Server.</summary>
public sealed class SqlServerWriterTests : SqlServerWriterSpecification;

/// <summary>The reference on a SQL Server.</summary>
public sealed class EfCoreSqlServerWriterTests : SqlServerWriterSpecification
{
    private protected override BatchRowsOf Rows => (db, scopeId) => new EfCoreRows(db, scopeId);
}

/// <summary>The writer on a SQL Server, where one is to be had.</summary>
[Trait(SqlServerTestDatabase.Trait, SqlServerTestDatabase.TraitValue)]
public abstract class SqlServerWriterSpecification : WriterSpecification
{
    private protected override async Task<TestDatabase> CreateDatabaseAsync()
    {
        SqlServerTestDatabase.Require();
        return await SqlServerTestDatabase.CreateAsync();
    }
}
