using System.Buffers;
using System.IO.Hashing;

namespace HokifyMessaging.Reading.Http;

/// <summary>An item of a JSON list on the way to its end: nothing of it is held, and only what shows that end is looked at.</summary>
/// <param name="problem">Why it is passed over.</param>
/// <param name="id">Which application it is, where it says so.</param>
internal sealed class PassedOver(string problem, ApplicationId? id)
{
    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"{}[],"u8);

    private readonly XxHash128 _hash = new();
    private long _depth;
    private bool _isInText;
    private bool _isEscaped;

    public LeftOutItem Item => new(id, _hash.GetCurrentHashAsUInt128(), problem);

    /// <summary>Takes the next of its text.</summary>
    /// <returns>How much of that belongs to the item; null where all of it does and it goes on.</returns>
    public int? Pass(ReadOnlySpan<byte> text)
    {
        var end = EndIn(text);
        _hash.Append(text[..(end ?? text.Length)]);
        return end;
    }

    private int? EndIn(ReadOnlySpan<byte> text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (_isInText)
            {
                at = BehindText(text, at);
                if (!_isInText && _depth == 0)
                {
                    return at;
                }

                continue;
            }

            var next = text[at..].IndexOfAny(Marks);
            if (next < 0)
            {
                return null;
            }

            at += next;
            var mark = text[at];
            var closes = mark is (byte)'}' or (byte)']';
            if (_depth == 0 && (closes || mark == ','))
            {
                // A number ends where the next item, or the list's end, is.
                return at;
            }

            at++;
            _isInText = mark == '"';
            _depth += closes ? -1 : mark is (byte)'{' or (byte)'[' ? 1 : 0;
            if (closes && _depth == 0)
            {
                return at;
            }
        }

        return null;
    }

    private int BehindText(ReadOnlySpan<byte> text, int at)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
            return at + 1;
        }

        var next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
        if (next < 0)
        {
            return text.Length;
        }

        at += next;
        _isEscaped = text[at] == '\\';
        _isInText = _isEscaped;
        return at + 1;
    }
}
