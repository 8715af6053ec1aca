namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>How the bytes of a file become text.</summary>
/// <param name="Encoding">What it is written in.</param>
/// <param name="MarkLength">How many bytes its byte order mark has.</param>
internal sealed record FileEncoding(Encoding Encoding, int MarkLength = 0)
{
    /// <summary>One text in ten that is surely UTF-8 outweighs the others: a few bytes are damaged sooner than letters come about by chance.</summary>
    private const int StraysPerLetter = 10;

    private static readonly (byte[] Mark, Encoding Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], Encoding.UTF8),
        ([0xFF, 0xFE, 0, 0], Encoding.UTF32),
        ([0, 0, 0xFE, 0xFF], new UTF32Encoding(bigEndian: true, byteOrderMark: true)),
        ([0xFF, 0xFE], Encoding.Unicode),
        ([0xFE, 0xFF], Encoding.BigEndianUnicode),
    ];

    public bool IsUtf8 => Encoding is UTF8Encoding;

    /// <summary>The first bytes, where they give it away: a byte order mark, or the zeros that Latin letters have in UTF-16.</summary>
    public static FileEncoding? OfHead(ReadOnlySpan<byte> head)
    {
        foreach (var (mark, encoding) in Marks)
        {
            if (head.StartsWith(mark))
            {
                return new FileEncoding(encoding, mark.Length);
            }
        }

        return head switch
        {
            [not 0, 0, not 0, 0, ..] or [not 0, 0] => new FileEncoding(Encoding.Unicode),
            [0, not 0, 0, not 0, ..] or [0, not 0] => new FileEncoding(Encoding.BigEndianUnicode),
            _ => null,
        };
    }

    /// <summary>
    /// UTF-8, unless too much stands in the file that UTF-8 does not allow: then it is Windows-1252. It is looked through to its
    /// end, because its first umlaut may stand on its last line.
    /// </summary>
    /// <param name="file">The file; stays where it is.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<FileEncoding> OfAllAsync(Stream file, CancellationToken cancellationToken)
    {
        var back = file.Position;
        file.Position = 0;
        var evidence = new Utf8Evidence();
        var bytes = new byte[64 * 1024];
        var kept = 0;
        int read;
        while ((read = await file.ReadAsync(bytes.AsMemory(kept), cancellationToken)) > 0)
        {
            var rest = evidence.Take(bytes.AsSpan(0, kept + read));
            bytes.AsSpan(kept + read - rest, rest).CopyTo(bytes);
            kept = rest;
        }

        file.Position = back;
        return new FileEncoding(evidence.IsUtf8 ? Encoding.UTF8 : TextEncodings.Windows1252);
    }

    private sealed class Utf8Evidence
    {
        private long _letters;
        private long _plausible;
        private long _strays;

        public bool IsUtf8 => _strays == 0 || _letters >= _strays || _plausible * StraysPerLetter >= _strays;

        /// <returns>How many bytes at the end are the beginning of a letter; they are to come again before the next ones.</returns>
        public int Take(ReadOnlySpan<byte> bytes)
        {
            while (bytes.IndexOfAnyExceptInRange((byte)0, (byte)0x7F) is >= 0 and var next)
            {
                bytes = bytes[next..];
                switch (Rune.DecodeFromUtf8(bytes, out var letter, out var length))
                {
                    case System.Buffers.OperationStatus.Done:
                        _letters++;
                        _plausible += IsPlausible(letter) ? 1 : 0;
                        break;
                    case System.Buffers.OperationStatus.NeedMoreData:
                        return bytes.Length;
                    default:
                        _strays += length;
                        break;
                }

                bytes = bytes[length..];
            }

            return 0;
        }

        /// <summary>Latin letters and the usual punctuation. In Windows-1252 an ß before a closing quotation mark happens to be a letter of UTF-8, too, but none of these.</summary>
        private static bool IsPlausible(Rune letter) => letter.Value is < 0x250 or (>= 0x1E00 and < 0x1F00) or (>= 0x2000 and < 0x2200);
    }
}
