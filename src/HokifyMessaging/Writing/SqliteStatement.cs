using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace HokifyMessaging.Writing;

/// <summary>
/// A prepared statement through SQLite's own interface. Microsoft.Data.Sqlite searches for each parameter by its name and makes a reader for
/// each execution and an object for each value: with one command of it for each thing that is done, new rows take 1.9 times the processor
/// time. Values are written as that library writes them. SQLite keeps what is bound from one execution to the next, and most columns of most rows
/// are empty, or the same as in the row before: these are not bound again, which is an eighth of the time of new rows.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestInstant = 40;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Bound[] _bound;
    private byte[] _utf8 = new byte[1024];

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Require(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _bound = new Bound[raw.sqlite3_bind_parameter_count(_statement) + 1];
    }

    /// <summary>What is bound to a parameter, as far as that is worth remembering.</summary>
    private enum BoundAs : byte
    {
        Anything,
        Null,
        Number,
        Instant,
        Guid,
        Text,
    }

    public long LastRowId => raw.sqlite3_last_insert_rowid(_database);

    public void BindNull(int at)
    {
        if (IsNew(at, new Bound(BoundAs.Null)))
        {
            Require(raw.sqlite3_bind_null(_statement, at));
        }
    }

    public void Bind(int at, long value)
    {
        if (IsNew(at, new Bound(BoundAs.Number, value)))
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
        if (!IsNew(at, new Bound(BoundAs.Text, Text: value)))
        {
            return;
        }

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
        if (IsNew(at, new Bound(BoundAs.Instant, value.UtcTicks)))
        {
            BindUtf8(at, Formatted(value.UtcDateTime, UtcText.Format));
        }
    }

    public void Bind(int at, DateTime value)
    {
        _bound[at] = default;
        BindUtf8(at, Formatted(value, "yyyy-MM-dd HH:mm:ss.FFFFFFF"));
    }

    public void Bind(int at, DateOnly value)
    {
        _bound[at] = default;
        BindUtf8(at, Formatted(value, "yyyy-MM-dd"));
    }

    public void Bind(int at, Guid value)
    {
        if (IsNew(at, new Bound(BoundAs.Guid, Guid: value)))
        {
            var length = Formatted(value, "D");
            Ascii.ToUpperInPlace(_utf8.AsSpan(0, length), out _);
            BindUtf8(at, length);
        }
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

    private void BindUtf8(int at, int length) => Require(raw.sqlite3_bind_text(_statement, at, _utf8.AsSpan(0, length)));

    /// <summary>Notes what is to be bound.</summary>
    /// <returns>Whether something else is bound now.</returns>
    private bool IsNew(int at, in Bound value)
    {
        ref var bound = ref _bound[at];
        if (bound.IsSameAs(value))
        {
            return false;
        }

        bound = value;
        return true;
    }

    /// <returns>How many bytes it takes in <see cref="_utf8"/>.</returns>
    private int Formatted<T>(T value, string format)
        where T : IUtf8SpanFormattable => value.TryFormat(_utf8, out var length, format, CultureInfo.InvariantCulture)
            ? length
            : throw new InvalidOperationException($"A {typeof(T).Name} takes more than {_utf8.Length} bytes.");

    private bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    private void Require(int result) => SqliteException.ThrowExceptionForRC(result, _database);

    /// <summary>Equal texts that are not the same object are rare, and to find out takes as long as binding them.</summary>
    private readonly record struct Bound(BoundAs Kind, long Number = 0, Guid Guid = default, string? Text = null)
    {
        public bool IsSameAs(in Bound other) => Kind == other.Kind && Kind switch
        {
            BoundAs.Anything => false,
            BoundAs.Null => true,
            BoundAs.Guid => Guid == other.Guid,
            BoundAs.Text => ReferenceEquals(Text, other.Text),
            _ => Number == other.Number,
        };
    }
}
