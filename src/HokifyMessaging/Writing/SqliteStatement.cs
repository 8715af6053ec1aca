using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HokifyMessaging.Writing;

/// <summary>
/// A prepared statement through SQLite's own interface: Microsoft.Data.Sqlite makes a reader for each execution and an object
/// for each value, which takes longer than SQLite itself. Values are written as that library writes them.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _utf8 = new byte[1024];

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Require(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public long LastRowId => raw.sqlite3_last_insert_rowid(_database);

    public void BindNull(int at) => Require(raw.sqlite3_bind_null(_statement, at));

    public void Bind(int at, long value) => Require(raw.sqlite3_bind_int64(_statement, at, value));

    public void Bind(int at, bool value) => Bind(at, value ? 1L : 0L);

    public void Bind(int at, byte[] value) => Require(raw.sqlite3_bind_blob(_statement, at, value));

    public void Bind(int at, string value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_utf8.Length < most)
        {
            _utf8 = new byte[most];
        }

        Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(value, _utf8))));
    }

    public void Bind(int at, DateTime value) => BindFormatted(at, value, "yyyy-MM-dd HH:mm:ss.FFFFFFF");

    public void Bind(int at, DateOnly value) => BindFormatted(at, value, "yyyy-MM-dd");

    public void Bind(int at, Guid value) => Bind(at, value.ToString().ToUpperInvariant());

    /// <summary>Whether there is a row to read.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        try
        {
            SqliteException.ThrowExceptionForRC(result, _database);
            return false;
        }
        finally
        {
            Reset();
        }
    }

    public void Reset() => raw.sqlite3_reset(_statement);

    public void Execute()
    {
        Step();
        Reset();
    }

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    public string? Text(int column) =>
        raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public void Dispose() => _statement.Dispose();

    private void BindFormatted<T>(int at, T value, string format)
        where T : IUtf8SpanFormattable
    {
        if (!value.TryFormat(_utf8, out var length, format, CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"A {typeof(T).Name} takes more than {_utf8.Length} bytes.");
        }

        Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, length)));
    }

    private void Require(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
