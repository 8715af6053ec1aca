using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Tests.Storage;

/// <summary>A SQLite file as text, beside whoever else has it open.</summary>
internal static class SqliteText
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Every row of every table: two equal dumps, and nothing was written between them.</summary>
    public static async Task<string> DumpAsync(string file)
    {
        var dump = new List<string>();
        foreach (var table in await RowsAsync(file, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        {
            dump.AddRange((await RowsAsync(file, $"SELECT * FROM \"{table}\" ORDER BY 1, 2")).Select(row => $"{table}: {row}"));
        }

        return string.Join('\n', dump);
    }

    /// <summary>The rows that a statement gives; it may also be one that changes something and gives none.</summary>
    public static async Task<List<string>> RowsAsync(string file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var rows = new List<string>();
        while (await reader.ReadAsync(Cancel))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(field => reader.GetValue(field) switch
            {
                byte[] bytes => Convert.ToHexString(bytes),
                var value => Convert.ToString(value, CultureInfo.InvariantCulture),
            })));
        }

        return rows;
    }

    /// <summary>Changes something.</summary>
    public static async Task ExecuteAsync(string file, string sql) => Assert.Empty(await RowsAsync(file, sql));
}
