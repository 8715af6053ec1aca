using System.Buffers;
using System.Text;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// UTF-8, unless bytes stand in the file that UTF-8 does not allow: then it is Windows-1252, in which spreadsheets save CSV in this part
/// of the world. A byte order mark outranks both.
/// </summary>
internal static class FileEncoding
{
    private const int BlockSize = 64 * 1024;

    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>
    /// A file is looked through to its end, because its first umlaut may stand on its last line. A response that can only be
    /// read once is decoded as UTF-8, and each stray byte as Windows-1252.
    /// </summary>
    public static async Task<Encoding> DetectAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (!stream.CanSeek)
            return Encoding.GetEncoding(Encoding.UTF8.CodePage, EncoderFallback.ReplacementFallback, new StrayByteFallback());

        var start = stream.Position;
        var encoding = await IsUtf8Async(stream, cancellationToken).ConfigureAwait(false) ? Encoding.UTF8 : Windows1252;
        stream.Position = start;
        return encoding;
    }

    private static async Task<bool> IsUtf8Async(Stream stream, CancellationToken cancellationToken)
    {
        var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetDecoder();
        var bytes = ArrayPool<byte>.Shared.Rent(BlockSize);
        var chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(bytes.Length));
        try
        {
            int read;
            do
            {
                read = await stream.ReadAsync(bytes, cancellationToken).ConfigureAwait(false);
                decoder.GetChars(bytes.AsSpan(0, read), chars, flush: read == 0);
            }
            while (read > 0);

            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(chars);
        }
    }

    private sealed class StrayByteFallback : DecoderFallback
    {
        public override int MaxCharCount => 4;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();

        private sealed class Buffer : DecoderFallbackBuffer
        {
            private string _text = "";
            private int _next;

            public override int Remaining => _text.Length - _next;

            public override bool Fallback(byte[] bytesUnknown, int index)
            {
                _text = Windows1252.GetString(bytesUnknown);
                _next = 0;
                return _text.Length > 0;
            }

            public override char GetNextChar() => _next < _text.Length ? _text[_next++] : '\0';

            public override bool MovePrevious()
            {
                if (_next == 0)
                    return false;
                _next--;
                return true;
            }

            public override void Reset() => (_text, _next) = ("", 0);
        }
    }
}
