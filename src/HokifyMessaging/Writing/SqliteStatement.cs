using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HokifyMessaging.Writing;

/// <summary>
/// A prepared statement through SQLite's own interface. Microsoft.Data.Sqlite searches for each parameter by its name and makes a reader for
/// each execution and an object for each value: with one command of it for each thing that is done, new rows take 1.9 times the processor
/// time. Values are written as that library writes them. SQLite keeps what is bound from one execution to the next, and most columns of most rows
/// are empty, or the same instant and numbers as in the row before: these are not bound again, which is an eighth of the time of new rows.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestInstant = 40;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly (BoundAs Kind, long Number)[] _bound;
    private byte[] _utf8 = new byte[1024];

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Require(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _bound = new (BoundAs, long)[raw.sqlite3_bind_parameter_count(_statement) + 1];
    }

    /// <summary>What is bound to a parameter, as far as that is worth remembering.</summary>
    private enum BoundAs : byte
    {
        Anything,
        Null,
        Number,
        Instant,
    }

    public long LastRowId => raw.sqlite3_last_insert_rowid(_database);

    public void BindNull(int at)
    {
        if (IsNew(at, BoundAs.Null, 0))
        {
            Require(raw.sqlite3_bind_null(_statement, at));
        }
    }

    public void Bind(int at, long value)
    {
        if (IsNew(at, BoundAs.Number, value))
        {
            Require(raw.sqlite3_bind_int64(_statement, at, value));
        }
    }

    public void Bind(int at, bool value) => Bind(at, value ? 1L : 0L);

    public void Bind(int at, byte[] value)
    {
        _bound[at] = default;
        Require(raw.sqlite3_bind_blob(_statement, at, value));
    }

    public void Bind(int at, string value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_utf8.Length < most)
        {
            _utf8 = new byte[most];
        }

        BindUtf8(at, Encoding.UTF8.GetBytes(value, _utf8));
    }

    /// <summary>An instant as <see cref="UtcText"/>.</summary>
    public void Bind(int at, DateTimeOffset value)
    {
        if (IsNew(at, BoundAs.Instant, value.UtcTicks))
        {
            Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, Formatted(value.UtcDateTime, UtcText.Format))));
        }
    }

    public void Bind(int at, DateTime value) => BindUtf8(at, Formatted(value, "yyyy-MM-dd HH:mm:ss.FFFFFFF"));

    public void Bind(int at, DateOnly value) => BindUtf8(at, Formatted(value, "yyyy-MM-dd"));

    public void Bind(int at, Guid value)
    {
        var length = Formatted(value, "D");
        Ascii.ToUpperInPlace(_utf8.AsSpan(0, length), out _);
        BindUtf8(at, length);
    }

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

    /// <summary>A blob, or a text in UTF-8, where it lies, until the next step; empty for null.</summary>
    public ReadOnlySpan<byte> Span(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <param name="column">The column.</param>
    /// <param name="likely">A text that is at hand and often the same: then it is the answer, instead of a copy of it.</param>
    public string? Text(int column, string? likely = null)
    {
        if (IsNull(column))
        {
            return null;
        }

        var utf8 = Span(column);
        return likely is not null && Ascii.Equals(utf8, likely) ? likely : Encoding.UTF8.GetString(utf8);
    }

    /// <summary>An instant that is stored as <see cref="UtcText"/>.</summary>
    public DateTimeOffset? Instant(int column)
    {
        if (IsNull(column))
        {
            return null;
        }

        Span<char> text = stackalloc char[LongestInstant];
        return Encoding.UTF8.TryGetChars(Span(column), text, out var length) ? UtcText.Read(text[..length]) : UtcText.Read(Text(column));
    }

    public void Dispose() => _statement.Dispose();

    private void BindUtf8(int at, int length)
    {
        _bound[at] = default;
        Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, length)));
    }

    /// <summary>Notes what is to be bound.</summary>
    /// <returns>Whether something else is bound now.</returns>
    private bool IsNew(int at, BoundAs kind, long number)
    {
        if (_bound[at] == (kind, number))
        {
            return false;
        }

        _bound[at] = (kind, number);
        return true;
    }

    /// <returns>How many bytes it takes in <see cref="_utf8"/>.</returns>
    private int Formatted<T>(T value, string format)
        where T : IUtf8SpanFormattable => value.TryFormat(_utf8, out var length, format, CultureInfo.InvariantCulture)
            ? length
            : throw new InvalidOperationException($"A {typeof(T).Name} takes more than {_utf8.Length} bytes.");

    private bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    private void Require(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
