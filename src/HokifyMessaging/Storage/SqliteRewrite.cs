using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Storage;

/// <summary>What became of a file that may have to be written anew.</summary>
internal enum RewriteOutcome
{
    /// <summary>Nothing was erased in it since it was written anew, or it is no file of SQLite.</summary>
    NotOwed,

    /// <summary>It was written anew.</summary>
    Done,

    /// <summary>It is larger than one that is (<see cref="DatabaseOptions.LargestRewrite"/>).</summary>
    TooLarge,
}

/// <summary>
/// Writes a SQLite file anew in which somebody was erased. <c>secure_delete</c> overwrites what is deleted, but where rows have moved within a page, or from one to another, because
/// others came or went beside them, SQLite leaves what stood there: such copies of somebody who was erased later go when the file is written anew, and with nothing less. That it is
/// owed stands in the file itself, for whoever opens it next.
/// </summary>
internal sealed class SqliteRewrite(IDbContextFactory<HokifyDbContext> contexts, WriteAheadLog log, IOptions<DatabaseOptions> options)
{
    /// <summary>Has the file remember that somebody in it was erased: a number of its head that is not 0, and another one each time.</summary>
    /// <param name="database">An open connection to it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task OweAsync(DbConnection database, CancellationToken cancellationToken) =>
        await SetAsync(database, Math.Max(1, (await OwedAsync(database, cancellationToken) + 1) % int.MaxValue), cancellationToken);

    /// <summary>Writes it anew where that is owed. Others may read meanwhile; whoever writes waits.</summary>
    public async Task<RewriteOutcome> RewriteAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Provider != DatabaseProvider.Sqlite || SqliteFile.PathOf(options.Value.ConnectionString) is not { } file)
        {
            return RewriteOutcome.NotOwed;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var database = db.Database.GetDbConnection();
        var owed = await OwedAsync(database, cancellationToken);
        if (owed == 0)
        {
            return RewriteOutcome.NotOwed;
        }

        if (new FileInfo(file).Length > options.Value.LargestRewrite)
        {
            return RewriteOutcome.TooLarge;
        }

        await RewriteAsync(database, cancellationToken);
        await using (var transaction = await db.BeginWritingAsync(cancellationToken))
        {
            // Whoever was erased meanwhile has made it owed anew.
            if (await OwedAsync(database, cancellationToken) == owed)
            {
                await SetAsync(database, 0, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await log.EmptyRewrittenAsync(cancellationToken);
        return RewriteOutcome.Done;
    }

    /// <summary>Writes a file anew that nobody else has open.</summary>
    public static Task RewriteAsync(DbConnection database, CancellationToken cancellationToken) => ExecuteAsync(database, "VACUUM;", cancellationToken);

    private static async Task<long> OwedAsync(DbConnection database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = "PRAGMA user_version;";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static Task SetAsync(DbConnection database, long version, CancellationToken cancellationToken) =>
        ExecuteAsync(database, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version};"), cancellationToken);

    private static async Task ExecuteAsync(DbConnection database, string statement, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
