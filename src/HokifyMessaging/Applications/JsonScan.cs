using System.Runtime.InteropServices;

namespace HokifyMessaging.Applications;

/// <summary>Where one name or value of a JSON text stands.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct JsonRow
{
    public const int Name = 8;

    private const int KindBits = 0xF;
    private const int Escaped = 1 << 4;
    private const int Filled = 1 << 5;
    private const int RowsShift = 6;

    private readonly int _marks;

    private JsonRow(int start, int length, int marks) => (Start, Length, _marks) = (start, length, marks);

    /// <summary>Its first byte; of a text and of a name the one behind the quote.</summary>
    public int Start { get; }

    /// <summary>How many bytes it has; of a text and of a name without the quotes.</summary>
    public int Length { get; }

    /// <summary>A <see cref="JsonValueKind"/>, or <see cref="Name"/>.</summary>
    public int Kind => _marks & KindBits;

    public bool IsEscaped => (_marks & Escaped) != 0;

    /// <summary>Whether there is anything in an object or a list.</summary>
    public bool IsFilled => (_marks & Filled) != 0;

    /// <summary>How many rows behind this one stand for what is in it.</summary>
    public int Rows => _marks >> RowsShift;

    public static JsonRow Of(int kind, int start, int length, bool isEscaped) => new(start, length, kind | (isEscaped ? Escaped : 0));

    public JsonRow Moved(int by) => new(Start + by, Length, _marks);

    public JsonRow Closed(int end, bool isFilled, int rows) => new(Start, end - Start, Kind | (isFilled ? Filled : 0) | (rows << RowsShift));
}

/// <summary>
/// Notes where the parts of a JSON value stand while a parser goes through it, so that nobody has to go through it again to
/// find one of them.
/// </summary>
/// <param name="deepest">How deep parts are noted; what is deeper is only seen to be there.</param>
internal sealed class JsonScan(int deepest)
{
    public const int WholeDepth = int.MaxValue;

    /// <summary>What a thread keeps for the next record; more would stay with every thread that has once met a large one.</summary>
    private const int MostKept = 64 * 1024;

    /// <summary>One for each thread: records are many.</summary>
    [ThreadStatic]
    private static JsonScan? _spare;

    private JsonRow[] _rows = new JsonRow[32];

    /// <summary>Per depth, the row of the object or list that is open, and how many tokens there were when it began.</summary>
    private (int Row, int Tokens)[] _open = new (int, int)[8];

    private int _count;
    private int _tokens;

    /// <summary>The rows, of which those behind the first value's are rubbish.</summary>
    public JsonRow[] Rows => _rows;

    /// <summary>How many tokens the value has so far.</summary>
    public int Tokens => _tokens;

    /// <summary>A scan of everything, to be given back when nobody needs its rows any more.</summary>
    public static JsonScan Rent()
    {
        var scan = _spare ?? new JsonScan(WholeDepth);
        _spare = null;
        scan.Clear();
        return scan;
    }

    public void Return() => _spare = _rows.Length > MostKept ? null : this;

    /// <summary>The rows where what they were made of stands in the middle of a text.</summary>
    /// <param name="start">Where it begins.</param>
    public JsonRow[] RowsFrom(int start)
    {
        foreach (ref var row in _rows.AsSpan(0, _count))
        {
            row = row.Moved(start);
        }

        return _rows;
    }

    public JsonRow[] RowsToKeep() => _rows.AsSpan(0, _count).ToArray();

    public void Clear() => (_count, _tokens) = (0, 0);

    /// <param name="reader">Stands at the token.</param>
    /// <param name="offset">What its positions are counted from.</param>
    /// <param name="depth">How many objects and lists of the value the token is in.</param>
    public void Add(ref Utf8JsonReader reader, int offset, int depth)
    {
        _tokens++;
        if (depth > deepest)
        {
            return;
        }

        var start = offset + (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                Push(JsonRow.Of(JsonRow.Name, start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped));
                break;
            case JsonTokenType.String:
                Push(JsonRow.Of((int)JsonValueKind.String, start + 1, reader.ValueSpan.Length, reader.ValueIsEscaped));
                break;
            case JsonTokenType.StartObject:
                Open(JsonValueKind.Object, start, depth);
                break;
            case JsonTokenType.StartArray:
                Open(JsonValueKind.Array, start, depth);
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                var (row, tokens) = _open[depth];
                _rows[row] = _rows[row].Closed(start + 1, isFilled: _tokens > tokens + 1, _count - row - 1);
                break;
            case var token:
                Push(JsonRow.Of((int)KindOf(token), start, reader.ValueSpan.Length, isEscaped: false));
                break;
        }
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };

    private void Open(JsonValueKind kind, int start, int depth)
    {
        if (depth >= _open.Length)
        {
            Array.Resize(ref _open, 2 * _open.Length);
        }

        _open[depth] = (_count, _tokens);
        Push(JsonRow.Of((int)kind, start, 0, isEscaped: false));
    }

    private void Push(JsonRow row)
    {
        if (_count == _rows.Length)
        {
            Array.Resize(ref _rows, 2 * _rows.Length);
        }

        _rows[_count++] = row;
    }
}
