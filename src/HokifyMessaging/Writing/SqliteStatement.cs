using System.Globalization;
using System.Text;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HokifyMessaging.Writing;

/// <summary>
/// A prepared statement through SQLite's own interface: Microsoft.Data.Sqlite makes a reader for each execution and an object
/// for each value, which takes longer than SQLite itself. Values are written as that library writes them. SQLite keeps what is
/// bound from one execution to the next, and most columns of a row have the value of the row before: these are not bound again.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestInstant = 40;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _utf8 = new byte[1024];
    private Bound[] _bound = new Bound[64];
    private (Guid Value, string Text) _guid = (Guid.Empty, Guid.Empty.ToString());

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Require(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public long LastRowId => raw.sqlite3_last_insert_rowid(_database);

    public void BindNull(int at)
    {
        ref var bound = ref BoundAt(at);
        if (bound.Kind != BoundKind.Null)
        {
            bound = new Bound(BoundKind.Null, 0, null);
            Require(raw.sqlite3_bind_null(_statement, at));
        }
    }

    public void Bind(int at, long value)
    {
        ref var bound = ref BoundAt(at);
        if (bound.Kind != BoundKind.Number || bound.Number != value)
        {
            bound = new Bound(BoundKind.Number, value, null);
            Require(raw.sqlite3_bind_int64(_statement, at, value));
        }
    }

    public void Bind(int at, bool value) => Bind(at, value ? 1L : 0L);

    public void Bind(int at, byte[] value)
    {
        BoundAt(at) = default;
        Require(raw.sqlite3_bind_blob(_statement, at, value));
    }

    public void Bind(int at, string value)
    {
        ref var bound = ref BoundAt(at);
        if (bound.Kind == BoundKind.Text && ReferenceEquals(bound.Text, value))
        {
            return;
        }

        bound = new Bound(BoundKind.Text, 0, value);
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_utf8.Length < most)
        {
            _utf8 = new byte[most];
        }

        Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, Encoding.UTF8.GetBytes(value, _utf8))));
    }

    /// <summary>An instant as <see cref="UtcText"/>: one of a batch is often that of the row before.</summary>
    public void Bind(int at, DateTimeOffset value)
    {
        ref var bound = ref BoundAt(at);
        if (bound.Kind != BoundKind.Instant || bound.Number != value.UtcTicks)
        {
            BindFormatted(at, value.UtcDateTime, UtcText.Format);
            bound = new Bound(BoundKind.Instant, value.UtcTicks, null);
        }
    }

    public void Bind(int at, DateTime value) => BindFormatted(at, value, "yyyy-MM-dd HH:mm:ss.FFFFFFF");

    public void Bind(int at, DateOnly value) => BindFormatted(at, value, "yyyy-MM-dd");

    public void Bind(int at, Guid value)
    {
        if (_guid.Value != value)
        {
            _guid = (value, value.ToString().ToUpperInvariant());
        }

        Bind(at, _guid.Text);
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

    private void BindFormatted<T>(int at, T value, string format)
        where T : IUtf8SpanFormattable
    {
        BoundAt(at) = default;
        if (!value.TryFormat(_utf8, out var length, format, CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"A {typeof(T).Name} takes more than {_utf8.Length} bytes.");
        }

        Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, length)));
    }

    private bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    private void Require(int result) => SqliteException.ThrowExceptionForRC(result, _database);

    private ref Bound BoundAt(int at)
    {
        if (at >= _bound.Length)
        {
            Array.Resize(ref _bound, at * 2);
        }

        return ref _bound[at];
    }

    private enum BoundKind
    {
        /// <summary>Nothing yet, or something that is not worth a comparison.</summary>
        Other,
        Null,
        Number,
        Text,
        Instant,
    }

    /// <summary>What is bound to a parameter.</summary>
    private readonly record struct Bound(BoundKind Kind, long Number, string? Text);
}
