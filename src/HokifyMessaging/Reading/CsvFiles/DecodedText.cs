using System.IO.Hashing;
using System.Text.Unicode;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>The text of a file or an answer as it is read, and where in it bytes were odd. Holds one block at a time.</summary>
internal sealed class DecodedText
{
    private const int BlockSize = 32 * 1024;
    private const int HeadSize = 256;

    /// <summary>So many odd places are told apart; what is between further ones counts as odd, too.</summary>
    private const int MostOddTexts = 16 * 1024;

    private readonly Stream _stream;
    private readonly byte[] _bytes;
    private readonly OddBytes _odd;
    private readonly bool _isUtf8;
    private readonly Decoder _decoder;
    private readonly char[] _chars;
    private readonly Queue<(long Start, long End)> _oddTexts = new();
    private (long Start, long End)? _moreOdd;
    private readonly XxHash128 _content = new();
    private bool _isBetweenLetters = true;
    private int _head;
    private int _start;
    private int _end;

    private DecodedText(Stream stream, FileEncoding encoding, byte[] bytes, int head)
    {
        _stream = stream;
        _bytes = bytes;
        _isUtf8 = encoding.IsUtf8;
        _odd = new OddBytes(_isUtf8);
        Encoding = (Encoding)encoding.Encoding.Clone();
        Encoding.DecoderFallback = _odd;
        _decoder = Encoding.GetDecoder();
        _chars = new char[Math.Max(encoding.Encoding.GetMaxCharCount(BlockSize), BlockSize) + 16];
        _content.Append(bytes.AsSpan(0, encoding.MarkLength));
        bytes.AsSpan(encoding.MarkLength, head - encoding.MarkLength).CopyTo(bytes);
        _head = head - encoding.MarkLength;
    }

    public Encoding Encoding { get; }

    /// <summary>How many characters have been taken.</summary>
    public long Position { get; private set; }

    /// <summary>What is decoded and not taken yet.</summary>
    public ReadOnlySpan<char> Rest => _chars.AsSpan(_start, _end - _start);

    /// <summary>Whether the text has come to its end in the middle of a character.</summary>
    public bool EndsInsideLetter { get; private set; }

    /// <summary>Whether any letter was there that shows the encoding to be the right one.</summary>
    public bool HasLetters { get; private set; }

    /// <summary>Whether the line that was read last has a line break behind it.</summary>
    public bool HasLineEnd { get; private set; }

    /// <summary>Over all bytes so far.</summary>
    public UInt128 ContentHash => _content.GetCurrentHashAsUInt128();

    /// <param name="stream">The file or the answer; stays open.</param>
    /// <param name="given">What an operator says it is written in; a byte order mark outranks it.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public static async Task<DecodedText> OpenAsync(Stream stream, Encoding? given, CancellationToken cancellationToken)
    {
        var bytes = new byte[BlockSize];
        var head = await stream.ReadAtLeastAsync(bytes.AsMemory(0, HeadSize), HeadSize, throwOnEndOfStream: false, cancellationToken);
        var byHead = FileEncoding.OfHead(bytes.AsSpan(0, head));
        var encoding = byHead is { MarkLength: > 0 } || given is null ? byHead : new FileEncoding(given);
        encoding ??= stream.CanSeek ? await FileEncoding.OfAllAsync(stream, cancellationToken) : new FileEncoding(Encoding.UTF8);
        return new DecodedText(stream, encoding, bytes, head);
    }

    /// <summary>Sees to it that something is at hand.</summary>
    /// <returns>False at the end.</returns>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (_start == _end)
        {
            (_start, _end) = (0, 0);
            var read = _head > 0 ? _head : await _stream.ReadAsync(_bytes, cancellationToken);
            _head = 0;
            if (read == 0)
            {
                return End();
            }

            _content.Append(_bytes.AsSpan(0, read));
            Decode(_bytes.AsSpan(0, read));
        }

        return true;
    }

    public void Take(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>Whether an odd byte stands between two places; they are to be asked for in their order.</summary>
    public bool IsOdd(long start, long end)
    {
        while (_oddTexts.TryPeek(out var passed) && passed.End <= start)
        {
            _oddTexts.Dequeue();
        }

        return (_oddTexts.TryPeek(out var odd) && odd.Start < end) || (_moreOdd is { } last && last.Start < end && last.End > start);
    }

    /// <summary>The next line without its line break, or a longer beginning of it than anybody wants; null at the end.</summary>
    public async ValueTask<string?> ReadLineAsync(int longest, CancellationToken cancellationToken)
    {
        HasLineEnd = false;
        StringBuilder? line = null;
        while (!HasLineEnd && !(line?.Length > longest) && await FillAsync(cancellationToken))
        {
            line ??= new StringBuilder();
            var isReturn = TakeUpToLineBreak(line);
            if (isReturn && await FillAsync(cancellationToken) && Rest[0] == '\n')
            {
                Take(1);
            }
        }

        return line?.ToString();
    }

    private bool TakeUpToLineBreak(StringBuilder line)
    {
        var length = Rest.IndexOfAny('\r', '\n');
        HasLineEnd = length >= 0;
        var text = HasLineEnd ? Rest[..length] : Rest;
        line.Append(text);
        var isReturn = HasLineEnd && Rest[length] == '\r';
        Take(text.Length + (HasLineEnd ? 1 : 0));
        return isReturn;
    }

    private bool End()
    {
        var odd = _odd.Count;
        _end = _decoder.GetChars([], _chars, flush: true);
        EndsInsideLetter |= _odd.Count > odd;
        return _end > 0;
    }

    private void Decode(ReadOnlySpan<byte> bytes)
    {
        // Where no byte is odd, a block is one piece; otherwise each line tells by itself.
        var isOnePiece = _isUtf8 && _isBetweenLetters && Utf8.IsValid(bytes);
        _isBetweenLetters = bytes[^1] < 0x80;
        while (bytes.Length > 0)
        {
            var length = isOnePiece ? bytes.Length : bytes.IndexOf((byte)'\n') + 1;
            length = length == 0 ? bytes.Length : length;
            DecodePiece(bytes[..length]);
            bytes = bytes[length..];
        }
    }

    private void DecodePiece(ReadOnlySpan<byte> bytes)
    {
        var odd = _odd.Count;
        var start = Position + _end;
        _end += _decoder.GetChars(bytes, _chars.AsSpan(_end), flush: false);
        if (_odd.Count > odd)
        {
            Note((start, Position + _end));
        }
        else
        {
            HasLetters |= !Ascii.IsValid(bytes);
        }
    }

    private void Note((long Start, long End) odd)
    {
        if (_oddTexts.Count < MostOddTexts)
        {
            _oddTexts.Enqueue(odd);
        }
        else
        {
            _moreOdd = (_moreOdd is { } last && last.End > Position ? last.Start : odd.Start, odd.End);
        }
    }
}
