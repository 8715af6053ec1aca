namespace HokifyMessaging.Applications;

/// <summary>Puts a text where a decoder finds bytes that its encoding does not allow.</summary>
/// <param name="textFor">The text, for the bytes.</param>
internal sealed class InsteadOfBytes(Func<byte[], string> textFor) : DecoderFallbackBuffer
{
    private string _text = "";
    private int _next;

    public override int Remaining => _text.Length - _next;

    public override bool Fallback(byte[] bytesUnknown, int index)
    {
        (_text, _next) = (textFor(bytesUnknown), 0);
        return _text.Length > 0;
    }

    public override char GetNextChar() => _next < _text.Length ? _text[_next++] : '\0';

    public override bool MovePrevious()
    {
        if (_next == 0)
        {
            return false;
        }

        _next--;
        return true;
    }

    public override void Reset() => (_text, _next) = ("", 0);
}
