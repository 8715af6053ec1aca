using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>What is looked at before the work begins, beside the history of migrations: what the database needs to be right, and to be quick.</summary>
internal sealed partial class SchemaCheck(IDbContextFactory<HokifyDbContext> contexts, ILogger<SchemaCheck> logger)
{
    /// <exception cref="InvalidOperationException">An index is missing that keeps records from being stored twice.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var missing = await SchemaIndexes.MissingAsync(db, cancellationToken);
        if (missing.Where(index => index.IsUnique).Select(index => $"{index.Name} of table {index.Table.Name}").ToList() is { Count: > 0 } unique)
        {
            throw new InvalidOperationException(
                $"The database lacks the unique index {string.Join(", the unique index ", unique)}, or has it disabled or in another form, and records could be stored twice; run 'hokify migrate', which makes it anew.");
        }

        foreach (var index in missing)
        {
            LogMissingIndex(logger, index.Name, index.Table.Name);
        }

        if (db.Database.IsSqlServer() && !await ReadsWithoutLocksAsync(db, cancellationToken))
        {
            LogReadersLock(logger);
        }
    }

    /// <summary>Whether whoever reads sees what was committed last, and keeps no writer waiting.</summary>
    private static Task<bool> ReadsWithoutLocksAsync(HokifyDbContext db, CancellationToken cancellationToken) =>
        db.Database.SqlQueryRaw<bool>("SELECT is_read_committed_snapshot_on AS [Value] FROM sys.databases WHERE database_id = DB_ID()").SingleAsync(cancellationToken);

    [LoggerMessage(LogLevel.Warning, "The database lacks the index {Index} of table {Table}, or has it disabled or in another form, and statements that need it walk the whole table; 'hokify migrate' makes it anew")]
    private static partial void LogMissingIndex(ILogger logger, string index, string table);

    [LoggerMessage(LogLevel.Warning, "READ_COMMITTED_SNAPSHOT is off for the database, so that whoever reads and whoever imports wait for each other; an administrator can turn it on with ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON while nobody is connected")]
    private static partial void LogReadersLock(ILogger logger);
}
