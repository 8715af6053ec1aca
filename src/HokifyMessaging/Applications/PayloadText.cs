namespace HokifyMessaging.Applications;

/// <summary>
/// A record as text. A parser of JSON minds a byte that is no UTF-8 only where somebody asks for the text around it, and so must whoever
/// reads the stored record again: each such byte becomes half a surrogate pair, which is minded in the same places, and not a
/// replacement character, with which a record that was rejected would pass.
/// </summary>
internal static class PayloadText
{
    private static readonly Encoding Utf8 = Encoding.GetEncoding(Encoding.UTF8.WebName, EncoderFallback.ExceptionFallback, new HalfPairs());

    public static string Of(ReadOnlySpan<byte> json) => Utf8.GetString(json);

    private sealed class HalfPairs : DecoderFallback
    {
        // Two first halves, so that neither what stands before nor what stands behind makes a pair of them.
        private const string First = "\\ud800\\ud8";

        // Up to three bytes are reported together.
        public override int MaxCharCount => 3 * (First.Length + 2);

        public override DecoderFallbackBuffer CreateFallbackBuffer() =>
            new InsteadOfBytes(static bytes => string.Concat(bytes.Select(unknown => $"{First}{unknown:x2}")));
    }
}
