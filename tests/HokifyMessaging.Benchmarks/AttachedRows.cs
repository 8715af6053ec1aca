using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// What SQLite alone takes for the same rows: they lie in another file in its own form, and are taken over with
/// <c>INSERT … SELECT</c>, with a commit every 5,000 records.
/// </summary>
internal static class AttachedRows
{
    private const int RecordsPerCommit = 5_000;

    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup)
    {
        await BareInserts.EmptyAsync(setup);
        await using var db = setup.Open();
        // A file of its own each time: a pool may still have one open that another measurement has left.
        var rows = $"{new SqliteConnectionStringBuilder(db.Database.GetConnectionString()).DataSource}.{Guid.NewGuid():N}";
        await using (var beside = new Setup(setup.Source, setup.Input, rows))
        {
            await beside.MigrateAsync();
            await (await BareInserts.PrepareAsync(beside, rowsAtHand: true))();
        }

        return () => TakeOverAsync(setup, rows);
    }

    private static async Task<int> TakeOverAsync(Setup setup, string rows)
    {
        await using var db = setup.Open();
        await db.Database.OpenConnectionAsync();
        var connection = (SqliteConnection)db.Database.GetDbConnection();
        await ExecuteAsync(connection, "ATTACH DATABASE @rows AS beside", ("@rows", rows));
        await ExecuteAsync(connection, "INSERT OR IGNORE INTO Scope SELECT * FROM beside.Scope; INSERT OR IGNORE INTO ImportRun SELECT * FROM beside.ImportRun");
        var records = 0;
        for (var from = 0; ; from += RecordsPerCommit)
        {
            await using var transaction = connection.BeginTransaction(deferred: false);
            var taken = 0;
            foreach (var (table, rowsOfRecord) in new[] { ("Candidate", 1), ("CandidateProfile", 1), ("ActivityLog", 2) })
            {
                taken = Math.Max(taken, await ExecuteAsync(
                    connection,
                    $"INSERT INTO {table} SELECT * FROM beside.{table} WHERE Id > @from AND Id <= @to",
                    ("@from", from * rowsOfRecord),
                    ("@to", (from + RecordsPerCommit) * rowsOfRecord)));
                records += table == "CandidateProfile" ? taken : 0;
            }

            await transaction.CommitAsync();
            if (taken == 0)
            {
                await ExecuteAsync(connection, "DETACH DATABASE beside");
                return records;
            }
        }
    }

    private static async Task<int> ExecuteAsync(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return await command.ExecuteNonQueryAsync();
    }
}
