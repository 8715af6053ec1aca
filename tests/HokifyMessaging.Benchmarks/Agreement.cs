using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// Whoever writes must leave the same rows, or the comparison is none. Every column counts but keys, instants of writing and
/// the history of fields and what retention counts from, which ours alone keeps.
/// </summary>
/// <param name="without">Further columns that do not count, because one of them does not keep what is in it.</param>
internal sealed class Agreement(IReadOnlyCollection<string> without)
{
    private static readonly Dictionary<string, string> Owns = new()
    {
        ["Candidate"] = "ReferenceId",
        ["CandidateProfile"] = "(SELECT c.ReferenceId FROM Candidate c WHERE c.Id = CandidateId), ReferenceId",
        ["ActivityLog"] = "ReferenceId, ElementName, Name, RunId = (SELECT RunId FROM ActivityLog ORDER BY Id DESC LIMIT 1), CASE ElementName WHEN 'Candidate' THEN (SELECT c.ReferenceId FROM Candidate c WHERE c.Id = ElementId) ELSE (SELECT p.ReferenceId FROM CandidateProfile p WHERE p.Id = ElementId) END",
    };

    private static readonly HashSet<string> Own = ["Id", "CandidateId", "CreatedAt", "ChangedAt", "History", "SourceDigest", "PersonKey", "OtherCopies", "ReceivedAt", "PayloadAt", "RunId", "ElementId", "Date", "DateExecuted"];

    private readonly List<string> _agree = [];
    private IReadOnlyDictionary<string, Rows>? _first;

    /// <exception cref="InvalidOperationException">The rows are other ones than those of the first who was asked.</exception>
    public void Require(string contestant, string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var rows = Owns.ToDictionary(table => table.Key, table => Read(connection, table.Key, table.Value, without));
        _first ??= rows;
        foreach (var (table, expected) in _first)
        {
            if (rows[table] != expected)
            {
                throw new InvalidOperationException(FormattableString.Invariant($"{contestant} leaves other rows in {table} than {_agree[0]}: {rows[table]} instead of {expected}."));
            }
        }

        _agree.Add(contestant);
    }

    public override string ToString() => _first is null ? "Nobody wrote anything."
        : $"{_agree.Count} of them write, and leave the same: {string.Join(", ", _first.Select(table => FormattableString.Invariant($"{table.Value.Count:N0} rows of {table.Key}")))}.";

    private static Rows Read(SqliteConnection connection, string table, string own, IReadOnlyCollection<string> without)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM pragma_table_info($table)";
        command.Parameters.AddWithValue("$table", table);
        var columns = new List<string>();
        using (var names = command.ExecuteReader())
        {
            while (names.Read())
            {
                columns.Add(names.GetString(0));
            }
        }

        var compared = string.Join(", ", columns.Where(c => !Own.Contains(c) && !without.Contains(c)).Select(c => $"\"{c}\""));
        var changed = columns.Contains("ChangedAt") ? "ChangedAt <> CreatedAt, " : "";
        command.CommandText = $"SELECT {changed}{own}, {compared} FROM {table} ORDER BY ReferenceId, 3, 4, 5";
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var reader = command.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
        {
            for (var column = 0; column < reader.FieldCount; column++)
            {
                // The storage class counts as well: a number that is stored as text is another value.
                var text = reader.GetValue(column) switch
                {
                    byte[] bytes => $"x{Convert.ToHexString(bytes)}\0",
                    DBNull => "-\0",
                    var value => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name[0]}{value}\0"),
                };
                digest.AppendData(Encoding.UTF8.GetBytes(text));
            }
        }

        return new Rows(count, Convert.ToHexString(digest.GetHashAndReset())[..16]);
    }

    private sealed record Rows(int Count, string Digest)
    {
        public override string ToString() => FormattableString.Invariant($"{Count:N0} rows (digest {Digest})");
    }
}
