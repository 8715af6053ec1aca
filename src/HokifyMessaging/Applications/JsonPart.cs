using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace HokifyMessaging.Applications;

/// <summary>
/// A value in a JSON text, which is looked at where it stands: nothing is copied and no text is made before somebody asks for it.
/// It is worth something only as long as the rows are that it was found by.
/// </summary>
internal readonly struct JsonPart
{
    private static readonly JsonReaderOptions Whole = new() { MaxDepth = ApplicationPayload.MaxDepth };

    private readonly byte[] _text;
    private readonly JsonRow[] _rows;
    private readonly int _at;
    private readonly bool _isLent;

    private JsonPart(JsonPart root, int at) => (_text, _rows, _at, _isLent) = (root._text, root._rows, at, root._isLent);

    /// <param name="text">What the rows were made of.</param>
    /// <param name="rows">Those of the value, the first of which is its own.</param>
    /// <param name="isLent">Whether the text will soon be another one, so that whoever keeps anything has to copy it.</param>
    public JsonPart(byte[] text, JsonRow[] rows, bool isLent) => (_text, _rows, _isLent) = (text, rows, isLent);

    public JsonValueKind Kind => _rows is null ? JsonValueKind.Undefined : (JsonValueKind)_rows[_at].Kind;

    /// <summary>As it is written.</summary>
    public ReadOnlySpan<byte> Raw => Kind == JsonValueKind.String ? _text.AsSpan(Row.Start - 1, Row.Length + 2) : _text.AsSpan(Row.Start, Row.Length);

    /// <summary>Whether an object or a list has anything in it.</summary>
    public bool IsFilled => Row.IsFilled;

    public bool IsEmptyText => Kind == JsonValueKind.String && Row.Length == 0;

    /// <summary>The members of an object.</summary>
    public MemberList Members => new(this);

    /// <summary>The values of a list, or those of an object's members.</summary>
    public ValueList Values => new(this);

    private ref readonly JsonRow Row => ref _rows[_at];

    /// <summary>A value of a document.</summary>
    public static implicit operator JsonPart(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return default;
        }

        var text = JsonMarshal.GetRawUtf8Value(value).ToArray();
        var scan = new JsonScan(JsonScan.WholeDepth);
        return Parse(text, 0, text.Length, scan, Whole);
    }

    /// <param name="text">Where the value stands.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="scan">Keeps the rows; the value is worth something until it is used again.</param>
    /// <exception cref="JsonException">It is not one JSON value.</exception>
    public static JsonPart Parse(byte[] text, int start, int length, JsonScan scan) => Parse(text, start, length, scan, Whole);

    /// <inheritdoc cref="Parse(byte[], int, int, JsonScan)"/>
    public static JsonPart Parse(byte[] text, int start, int length, JsonScan scan, JsonReaderOptions options)
    {
        var reader = new Utf8JsonReader(text.AsSpan(start, length), options);
        while (reader.Read())
        {
            scan.Add(ref reader, start, reader.CurrentDepth);
        }

        return new JsonPart(text, scan.Rows, isLent: false);
    }

    /// <summary>The record that the value is.</summary>
    public RecordText ToRecord()
    {
        if (_isLent)
        {
            var own = GC.AllocateUninitializedArray<byte>(Raw.Length);
            Raw.CopyTo(own);
            return new RecordText(own, 0, own.Length);
        }

        return Kind == JsonValueKind.String ? new RecordText(_text, Row.Start - 1, Row.Length + 2) : new RecordText(_text, Row.Start, Row.Length);
    }

    /// <summary>The last member of an object that has the name.</summary>
    /// <param name="name">Of ASCII letters, as are all that hokify documents.</param>
    /// <param name="value">Its value; undefined where there is none.</param>
    /// <exception cref="InvalidOperationException">A name that could be the same is no valid Unicode text.</exception>
    public bool TryGet(string name, out JsonPart value)
    {
        var found = 0;
        if (Kind == JsonValueKind.Object)
        {
            var end = _at + Row.Rows;
            for (var at = _at + 1; at < end; at += 2 + _rows[at + 1].Rows)
            {
                ref readonly var row = ref _rows[at];
                if (row.IsEscaped)
                {
                    return TryGetWhereNamesAreEscaped(name, out value);
                }

                if (row.Length == name.Length && Ascii.Equals(_text.AsSpan(row.Start, row.Length), name))
                {
                    found = at + 1;
                }
            }
        }

        value = found == 0 ? default : new JsonPart(this, found);
        return found != 0;
    }

    /// <summary>A text; null where it is no valid Unicode.</summary>
    /// <param name="isRepeated">Whether it is likely to come again with other records.</param>
    public string? Text(bool isRepeated = false)
    {
        if (!Row.IsEscaped)
        {
            var text = _text.AsSpan(Row.Start, Row.Length);
            return isRepeated ? RepeatedTexts.Own.Of(text) : Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : null;
        }

        try
        {
            return Unescaped(Raw);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>As it is written.</summary>
    /// <exception cref="InvalidOperationException">It is no valid Unicode text.</exception>
    public string GetRawText() => Utf8.IsValid(Raw) ? Encoding.UTF8.GetString(Raw) : throw new InvalidOperationException("The value is no valid Unicode text.");

    public bool TryGetDecimal(out decimal number)
    {
        var text = Raw;
        var format = text.ContainsAny((byte)'e', (byte)'E') ? 'e' : default;
        return Utf8Parser.TryParse(text, out number, out int read, format) && read == text.Length;
    }

    /// <summary>Names with escapes are rare. What is behind the member that is found is not looked at, and what cannot be the name is not unescaped.</summary>
    private bool TryGetWhereNamesAreEscaped(string name, out JsonPart value)
    {
        var names = new Stack<int>();
        for (var member = Members; member.MoveNext();)
        {
            names.Push(member.Row);
        }

        foreach (var at in names)
        {
            ref readonly var row = ref _rows[at];
            var written = _text.AsSpan(row.Start, row.Length);
            var plain = row.IsEscaped ? written.IndexOf((byte)'\\') : row.Length;
            var isIt = row.IsEscaped
                ? row.Length > name.Length && name.Length > plain && Ascii.Equals(written[..plain], name.AsSpan(0, plain))
                    && Unescaped(_text.AsSpan(row.Start - 1, row.Length + 2)) == name
                : row.Length == name.Length && Ascii.Equals(written, name);
            if (isIt)
            {
                value = new JsonPart(this, at + 1);
                return true;
            }
        }

        value = default;
        return false;
    }

    private static string? Unescaped(ReadOnlySpan<byte> quoted)
    {
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        return reader.GetString();
    }

    /// <summary>Goes through the members of an object: <c>for (var member = part.Members; member.MoveNext();)</c>.</summary>
    internal struct MemberList(JsonPart owner)
    {
        private readonly JsonPart _owner = owner;
        private readonly int _end = owner.Kind == JsonValueKind.Object ? owner._at + owner.Row.Rows : 0;
        private int _next = owner._at + 1;
        private int _at;

        /// <summary>As it is written, without quotes.</summary>
        public readonly ReadOnlySpan<byte> RawName
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                ref readonly var row = ref _owner._rows[_at];
                return new ReadOnlySpan<byte>(_owner._text, row.Start, row.Length);
            }
        }

        public readonly JsonPart Value => new(_owner, _at + 1);

        /// <summary>The row of its name.</summary>
        public readonly int Row => _at;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_next >= _end)
            {
                return false;
            }

            _at = _next;
            _next += 2 + _owner._rows[_at + 1].Rows;
            return true;
        }
    }

    internal struct ValueList(JsonPart owner)
    {
        private readonly int _end = owner.Kind is JsonValueKind.Object or JsonValueKind.Array ? owner._at + 1 + owner.Row.Rows : 0;
        private readonly int _name = owner.Kind == JsonValueKind.Object ? 1 : 0;
        private int _next = owner._at + 1;
        private int _at;

        public readonly JsonPart Current => new(owner, _at);

        public readonly ValueList GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= _end)
            {
                return false;
            }

            _at = _next + _name;
            _next = _at + 1 + owner._rows[_at].Rows;
            return true;
        }

        public readonly JsonPart First()
        {
            var values = this;
            return values.MoveNext() ? values.Current : default;
        }

        public readonly int Count()
        {
            var count = 0;
            for (var values = this; values.MoveNext();)
            {
                count++;
            }

            return count;
        }
    }
}
