using System.Text;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>Counts the bytes that the encoding of a file does not allow, and reads each by itself, so that one of them spoils no more than its place.</summary>
/// <param name="areWindows1252">Whether they are read as Windows-1252; otherwise each is replaced.</param>
internal sealed class OddBytes(bool areWindows1252) : DecoderFallback
{
    public int Count { get; private set; }

    public override int MaxCharCount => 4;

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer(this);

    private string Read(byte[] bytes)
    {
        Count++;
        return areWindows1252 ? TextEncodings.Windows1252.GetString(bytes) : "\uFFFD";
    }

    private sealed class Buffer(OddBytes owner) : DecoderFallbackBuffer
    {
        private string _text = "";
        private int _next;

        public override int Remaining => _text.Length - _next;

        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            _text = owner.Read(bytesUnknown);
            _next = 0;
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
}
