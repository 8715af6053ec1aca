using System.Buffers;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>What the text of a row shows beside its fields.</summary>
/// <param name="Line">The line in which it begins, from 1.</param>
/// <param name="MoreLines">How many further lines it takes.</param>
/// <param name="Fields">How many fields it has.</param>
/// <param name="Length">How many characters its fields have together, of those that are delivered.</param>
/// <param name="LongField">The first field that is longer than any may be; of such a field only the beginning is delivered.</param>
/// <param name="IsLong">Whether that is because the row is longer than any may be.</param>
/// <param name="HasEnd">Whether a line break is behind it.</param>
/// <param name="IsOpen">Whether the text ends inside of a quoted field.</param>
/// <param name="EndsQuoted">Whether its last field is quoted, and closed.</param>
/// <param name="IsOdd">Whether it holds bytes that the encoding does not allow.</param>
internal readonly record struct TextRow(int Line, int MoreLines, int Fields, int Length, int? LongField, bool IsLong, bool HasEnd, bool IsOpen, bool EndsQuoted, bool IsOdd)
{
    /// <summary>How many fields of a row are delivered as such.</summary>
    public const int MostFields = 10_000;

    /// <summary>Whether not all of it is delivered.</summary>
    public bool IsCut => LongField is not null || Fields > MostFields;
}

/// <summary>
/// Hands text on to the CSV parser and notes what the parser does not tell: where a row begins, whether it has an end, and which
/// field would fill the memory. It takes quotation marks as the parser does, so that both see the same rows.
/// </summary>
/// <param name="text">The text behind the header.</param>
/// <param name="separator">What separates fields.</param>
/// <param name="linesBefore">How many lines the header takes.</param>
/// <param name="limits">How long a row may be.</param>
/// <param name="cancellationToken">Ends the read: the parser has none to pass on.</param>
internal sealed class RowText(DecodedText text, char separator, int linesBefore, RowLimits limits, CancellationToken cancellationToken) : TextReader
{
    private readonly SearchValues<char> _endsField = SearchValues.Create([separator, '\r', '\n']);
    private readonly SearchValues<char> _marks = SearchValues.Create(['"', separator, '\r', '\n']);
    private readonly SearchValues<char> _marksInQuotes = SearchValues.Create("\"\r\n");
    private readonly Queue<TextRow> _rows = new();

    private int _line = linesBefore + 1;
    private char _previous;

    private long? _rowStart;
    private int _rowLine;
    private int _rowLength;
    private int _fields;
    private int? _longField;
    private bool _isLong;

    private bool _isFieldStart = true;
    private bool _isQuoted;
    private bool _isInQuotes;
    private bool _isBad;
    private int _fieldLength;
    private bool _isCutShort;
    private bool _owesQuote;

    public RowLimits Limits => limits;

    /// <summary>The row that the parser has come to; each once.</summary>
    public TextRow Next() => _rows.Dequeue();

    public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken _ = default)
    {
        while (await text.FillAsync(cancellationToken))
        {
            if (text.Position - _rowStart > limits.LongestPassedOver)
            {
                throw limits.Endless(_rowLine);
            }

            if (Pass(buffer.Span) is > 0 and var passed)
            {
                return passed;
            }
        }

        if (_rowStart is not null)
        {
            EndRow(text.Position, hasEnd: false);
        }

        return 0;
    }

    private int Pass(Span<char> output)
    {
        var input = text.Rest;
        var start = text.Position;
        var (taken, passed) = (0, 0);
        while (taken < input.Length && passed < output.Length)
        {
            var plain = Math.Min(PlainLength(input[taken..]), output.Length - passed);
            if (plain > 0)
            {
                Begin(start + taken);
                var kept = Kept(plain);
                input.Slice(taken, kept).CopyTo(output[passed..]);
                (taken, passed) = (taken + plain, passed + kept);
                (_isFieldStart, _previous) = (false, input[taken - 1]);
                continue;
            }

            var mark = input[taken];
            var endsField = !_isInQuotes && mark != '"';
            if (endsField && _owesQuote)
            {
                // What was left out held the closing quotation mark.
                output[passed++] = '"';
                _owesQuote = false;
                continue;
            }

            var isPassed = endsField ? EndField(mark, start + taken) : InField(mark, start + taken);
            taken++;
            _previous = mark;
            if (isPassed)
            {
                output[passed++] = mark;
            }
        }

        text.Take(taken);
        return passed;
    }

    private int PlainLength(ReadOnlySpan<char> input)
    {
        var marks = _isInQuotes ? _marksInQuotes : _isQuoted || _isFieldStart ? _marks : _endsField;
        var length = input.IndexOfAny(marks);
        return length < 0 ? input.Length : length;
    }

    /// <summary>A quotation mark where it means something, or a line break inside of quotation marks.</summary>
    private bool InField(char mark, long position)
    {
        Begin(position);
        var isPassed = Kept(1) == 1;
        if (mark != '"')
        {
            CountLine(mark);
        }
        else if (_isFieldStart)
        {
            (_isQuoted, _isInQuotes) = (true, true);
        }
        else if (!_isInQuotes && _previous != '"')
        {
            _isBad = true;
        }
        else if (!_isBad)
        {
            _isInQuotes = !_isInQuotes;
        }

        _isFieldStart = false;
        return isPassed;
    }

    private bool EndField(char mark, long position)
    {
        if (mark == separator)
        {
            Begin(position);
            StartField();
            return ++_fields <= TextRow.MostFields;
        }

        // The second half of a line break, or an empty line, which the parser passes over.
        var isSecondHalf = mark == '\n' && _previous == '\r' && _rowStart is null;
        if (_rowStart is not null)
        {
            EndRow(position, hasEnd: true);
        }

        if (!isSecondHalf)
        {
            CountLine(mark);
        }

        return true;
    }

    private void Begin(long position)
    {
        if (_rowStart is null)
        {
            (_rowStart, _rowLine) = (position, _line);
        }
    }

    /// <summary>How many of the next characters the row may still hold.</summary>
    private int Kept(int length)
    {
        if (_isCutShort)
        {
            return 0;
        }

        var (inField, inRow) = (RowLimits.LongestField - _fieldLength, limits.LongestRow - _rowLength);
        var room = Math.Min(inField, inRow);
        if (length > room)
        {
            (_isCutShort, _owesQuote) = (true, _isInQuotes);
            _isLong |= _longField is null && inRow < inField;
            _longField ??= _fields;
            length = Math.Max(0, room);
        }

        (_fieldLength, _rowLength) = (_fieldLength + length, _rowLength + length);
        return length;
    }

    private void CountLine(char mark)
    {
        if (mark == '\r' || _previous != '\r')
        {
            _line++;
        }
    }

    private void StartField()
    {
        (_isFieldStart, _isQuoted, _isInQuotes, _isBad) = (true, false, false, false);
        (_fieldLength, _isCutShort, _owesQuote) = (0, false, false);
    }

    private void EndRow(long position, bool hasEnd)
    {
        var endsQuoted = _isQuoted && !_isInQuotes && !_isBad && _previous == '"';
        _rows.Enqueue(new TextRow(
            _rowLine, _line - _rowLine, _fields + 1, _rowLength, _longField, _isLong, hasEnd, _isInQuotes, endsQuoted, text.IsOdd(_rowStart!.Value, position)));
        (_rowStart, _rowLength, _fields, _longField, _isLong) = (null, 0, 0, null, false);
        StartField();
    }
}
