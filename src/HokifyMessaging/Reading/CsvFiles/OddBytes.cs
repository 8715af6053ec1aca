namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>Counts the bytes that the encoding of a file does not allow, and reads each by itself, so that one of them spoils no more than its place.</summary>
/// <param name="areWindows1252">Whether they are read as Windows-1252; otherwise each is replaced.</param>
internal sealed class OddBytes(bool areWindows1252) : DecoderFallback
{
    public int Count { get; private set; }

    public override int MaxCharCount => 4;

    public override DecoderFallbackBuffer CreateFallbackBuffer() => new InsteadOfBytes(Read);

    private string Read(byte[] bytes)
    {
        Count++;
        return areWindows1252 ? TextEncodings.Windows1252.GetString(bytes) : "\uFFFD";
    }
}
