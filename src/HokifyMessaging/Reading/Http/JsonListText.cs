using System.Buffers;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// The text of a JSON array as it arrives. Holds one item at a time, and of one that is too large, or nested too deep, nothing once
/// that has turned out: it is passed over to its end, so that the list can go on behind it.
/// </summary>
/// <param name="largest">How many bytes an item may have.</param>
internal sealed class JsonListText(int largest) : IDisposable
{
    /// <summary>What a value takes beside its text: nothing that anybody sends in earnest is so dense.</summary>
    private const int LeastPerValue = 8;

    /// <summary>
    /// A group of many applications would be a large object, which is collected with all others of the process and is moved then. Its records
    /// are none, so that each of them takes along what it needs.
    /// </summary>
    private const int LargestOwn = 64 * 1024;

    private const int Piece = 32 * 1024;
    private const int KeptBuffer = 1024 * 1024;

    private static readonly byte[] Stand = ",\"\""u8.ToArray();
    /// <summary>
    /// Notes the members of an item and of the applications in it, which is all that has to be known of it before somebody reads it.
    /// </summary>
    private readonly JsonScan _scan = new(deepest: 3);

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(2 * Piece);

    /// <summary>Where the text behind the last item begins.</summary>
    private int _start;

    /// <summary>How far the parser has come; what is behind it may be the beginning of a token.</summary>
    private int _parsed;
    private int _end;

    /// <summary>How much there has to be behind what is parsed before it is looked at again.</summary>
    private int _due;

    /// <summary>Where the item begins that has begun; -1 before it has.</summary>
    private int _item = -1;
    private bool _hasItems;

    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = ApplicationPayload.MaxDepth + 8 });
    private JsonReaderState _stateAtStart;
    private PassedOver? _passing;
    private LeftOutItem? _leftOut;

    /// <summary>
    /// Whether enough has come to look again: the parser begins each token anew, and would look through a long one as often as a piece of it comes.
    /// </summary>
    public bool IsWorthLooking => _passing is not null || _end - _parsed >= _due || _end - _start > largest;

    /// <summary>Whether the array has come to its end.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Where the next piece of the body goes.</summary>
    public Memory<byte> Room()
    {
        if (_passing is not null)
        {
            // Nothing of it is kept but the room for what will stand in its place.
            (_start, _parsed, _end) = (0, 0, Stand.Length);
        }
        else
        {
            DropBlanks();
            if (_bytes.Length - _end < Piece)
            {
                MakeRoom();
            }
        }

        return _bytes.AsMemory(_end, Math.Min(Piece, _bytes.Length - _end));
    }

    public void Add(int read) => _end += read;

    public void Dispose()
    {
        GiveBack();
        _bytes = [];
    }

    /// <returns>False where more of the text is needed.</returns>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public bool TryNext(out JsonItem item)
    {
        item = default;
        if (_passing is not null && !TryPassOver(_bytes.AsSpan(Stand.Length, _end - Stand.Length), Stand.Length))
        {
            return false;
        }

        while (true)
        {
            if (TryParse(out item))
            {
                return true;
            }

            if (_passing is null)
            {
                return false;
            }

            var begun = _item;
            if (!TryPassOver(_bytes.AsSpan(begun, _end - begun), begun))
            {
                return false;
            }
        }
    }

    private bool TryParse(out JsonItem item)
    {
        var from = _parsed;
        var reader = new Utf8JsonReader(_bytes.AsSpan(from, _end - from), isFinalBlock: false, _state);
        // However dense what is there is, it has no more tokens than bytes.
        var mayBeTooLarge = _end - _start > largest || (_scan.Tokens + (long)(_end - from)) * LeastPerValue > largest;
        while (reader.Read())
        {
            var depth = reader.CurrentDepth;
            if (depth == 0)
            {
                IsComplete = reader.TokenType == JsonTokenType.EndArray;
                Commit(reader, from + (int)reader.BytesConsumed);
                continue;
            }

            if (depth == 1 && _item < 0)
            {
                _item = from + (int)reader.TokenStartIndex;
            }

            _scan.Add(ref reader, from - _item, depth - 1);
            if ((mayBeTooLarge || depth > ApplicationPayload.MaxDepth) && ProblemAt(from + (int)reader.BytesConsumed, depth) is { } problem)
            {
                return Leave(problem, out item);
            }

            if (depth == 1 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            {
                item = Taken(from + (int)reader.BytesConsumed);
                Commit(reader, from + (int)reader.BytesConsumed);
                if (_bytes.Length > KeptBuffer && _end - _start <= Piece)
                {
                    // While the large item that it was made for is worked on, nobody needs so much room.
                    MakeRoom();
                }

                return true;
            }
        }

        _state = reader.CurrentState;
        _parsed = from + (int)reader.BytesConsumed;
        var rest = _end - _parsed;
        _due = rest < Piece ? 0 : rest + (rest / 4);
        item = default;
        return ProblemAt(_end, depth: 1) is { } tooLong && Leave(tooLong, out item);
    }

    private JsonItem Taken(int end)
    {
        var item = _leftOut is { } leftOut
            ? new JsonItem(default, leftOut)
            : new JsonItem(end - _item <= LargestOwn
                ? new JsonPart(_bytes.AsSpan(_item, end - _item).ToArray(), _scan.RowsToKeep(), isLent: false)
                : new JsonPart(_bytes, _scan.RowsFrom(_item), isLent: true));
        (_leftOut, _hasItems) = (null, true);
        return item;
    }

    private string? ProblemAt(int end, int depth) =>
        depth > ApplicationPayload.MaxDepth ? $"is nested deeper than {ApplicationPayload.MaxDepth} levels; expected are fewer"
        : end - _start > largest || (long)_scan.Tokens * LeastPerValue > largest ? LeftOutItem.TooLarge(largest)
        : null;

    /// <summary>All up to here is done with.</summary>
    private void Commit(in Utf8JsonReader reader, int end)
    {
        _state = _stateAtStart = reader.CurrentState;
        _start = _parsed = end;
        _item = -1;
        _scan.Clear();
    }

    /// <summary>From here on the item is passed over.</summary>
    private bool Leave(string problem, out JsonItem item)
    {
        item = default;
        if (_item < 0)
        {
            var begun = _bytes.AsSpan(_parsed, _end - _parsed).IndexOfAnyExcept(" \t\r\n,"u8);
            _item = begun < 0 ? _end : _parsed + begun;
        }

        _passing = new PassedOver(problem, LeftOutItem.IdIn(_bytes.AsSpan(_item, _end - _item)));
        return false;
    }

    /// <param name="text">The next of the item.</param>
    /// <param name="at">Where it stands.</param>
    private bool TryPassOver(ReadOnlySpan<byte> text, int at)
    {
        if (_passing!.Pass(text) is not { } length)
        {
            return false;
        }

        // The parser goes on as if an empty text had stood there.
        var stand = Stand.AsSpan(_hasItems ? 0 : 1);
        (_start, _leftOut, _passing) = (at + length - stand.Length, _passing.Item, null);
        stand.CopyTo(_bytes.AsSpan(_start));
        (_state, _parsed, _item) = (_stateAtStart, _start, -1);
        _scan.Clear();
        return true;
    }

    /// <summary>Blanks before the next item are not kept, however many there are.</summary>
    private void DropBlanks()
    {
        var rest = _bytes.AsSpan(_parsed, _end - _parsed);
        if (_item >= 0 || rest.ContainsAnyExcept(" \t\r\n,"u8))
        {
            return;
        }

        var commas = rest.Count((byte)',');
        rest[..commas].Fill((byte)',');
        (_start, _end) = (_parsed, _parsed + commas);
    }

    /// <summary>Those of large items are as rare as these, and would stay with the process.</summary>
    private static byte[] Buffer(int size) => size <= KeptBuffer ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private void GiveBack()
    {
        if (_bytes.Length is > 0 and <= KeptBuffer)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }

    private void MakeRoom()
    {
        var length = _end - _start;
        var size = length <= KeptBuffer / 2 ? Math.Max(2 * Piece, 2 * length) : Math.Min(2L * length, largest + (2L * Piece));
        var bytes = _bytes.Length >= size && _bytes.Length <= KeptBuffer && length + Piece <= _bytes.Length ? _bytes : Buffer((int)Math.Max(size, length + Piece));
        _bytes.AsSpan(_start, length).CopyTo(bytes);
        if (bytes != _bytes)
        {
            GiveBack();
        }

        (_bytes, _parsed, _end, _item) = (bytes, _parsed - _start, length, _item < 0 ? -1 : _item - _start);
        _start = 0;
    }
}
