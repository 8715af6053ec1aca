using HokifyMessaging.CheckUp;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>What is looked at beside the history of migrations: what the database needs to be right, and to be quick.</summary>
internal sealed partial class SchemaCheck(IDbContextFactory<HokifyDbContext> contexts, ILogger<SchemaCheck> logger)
{
    /// <summary>Before the work begins.</summary>
    /// <exception cref="InvalidOperationException">An index is missing that keeps records from being stored twice.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        foreach (var (verdict, sentence) in await LookAsync(cancellationToken))
        {
            if (verdict == Verdict.Wrong)
            {
                throw new InvalidOperationException(sentence);
            }

            LogNote(logger, sentence);
        }
    }

    /// <summary>What is not as it should be, the worst first.</summary>
    public async Task<IReadOnlyList<(Verdict Verdict, string Sentence)>> LookAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var found = new List<(Verdict, string)>();
        var missing = await SchemaIndexes.MissingAsync(db, cancellationToken);
        if (missing.Where(index => index.IsUnique).Select(index => $"{index.Name} of table {index.Table.Name}").ToList() is { Count: > 0 } unique)
        {
            found.Add((
                Verdict.Wrong,
                $"The database lacks the unique index {string.Join(", the unique index ", unique)}, or has it disabled or in another form, and records could be stored twice; run 'hokify migrate', which makes it anew."));
        }

        foreach (var index in missing.Where(index => !index.IsUnique))
        {
            found.Add((
                Verdict.Note,
                $"The database lacks the index {index.Name} of table {index.Table.Name}, or has it disabled or in another form, and statements that need it walk the whole table; 'hokify migrate' makes it anew."));
        }

        if (db.Database.IsSqlServer() && !await ReadsWithoutLocksAsync(db, cancellationToken))
        {
            found.Add((
                Verdict.Note,
                "READ_COMMITTED_SNAPSHOT is off for the database, so that whoever reads and whoever imports wait for each other; an administrator can turn it on with ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON while nobody is connected."));
        }

        return found;
    }

    /// <summary>Whether whoever reads sees what was committed last, and keeps no writer waiting.</summary>
    private static Task<bool> ReadsWithoutLocksAsync(HokifyDbContext db, CancellationToken cancellationToken) =>
        db.Database.SqlQueryRaw<bool>("SELECT is_read_committed_snapshot_on AS [Value] FROM sys.databases WHERE database_id = DB_ID()").SingleAsync(cancellationToken);

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private static partial void LogNote(ILogger logger, string sentence);
}
