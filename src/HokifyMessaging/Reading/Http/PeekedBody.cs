using System.IO.Compression;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// A response body in UTF-8 whose first character can be looked at before it is read, and which knows whether its end is proven:
/// that is how a list that was cut is told from a list that is wrong. No more of it is read than its limit allows.
/// </summary>
internal sealed class PeekedBody(Stream body) : ReadOnlyStream
{
    /// <summary>Servers compress once, and a proxy before them may do so again; each further time only multiplies what a small answer unpacks to.</summary>
    private const int MostPackings = 2;

    private readonly byte[] _head = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>Whether the answer says where it ends, by its length or its last chunk: one that does not, and breaks off, looks whole.</summary>
    public bool SaysItsEnd { get; private set; }

    /// <exception cref="SourceException">The body is in a charset or a compression that nobody knows, or is longer than its limit.</exception>
    public static async Task<PeekedBody> OpenAsync(HttpResponseMessage response, BodyLimit limit, CancellationToken cancellationToken)
    {
        var declared = DeclaredEncoding(response);
        var body = new PeekedBody(Unpacked(response, limit.Around(await response.Content.ReadAsStreamAsync(cancellationToken)), limit));
        var head = await body.HeadAsync(cancellationToken);
        // The bytes know better than the header, where they say anything.
        var encoding = FileEncoding.OfHead(head.Span)?.Encoding ?? declared ?? Encoding.UTF8;
        var decoded = encoding is UTF8Encoding ? body : new PeekedBody(Encoding.CreateTranscodingStream(body, encoding, Encoding.UTF8));
        decoded.SaysItsEnd = response.Version.Major > 1 || response.Content.Headers.ContentLength is not null || response.Headers.TransferEncodingChunked == true;
        return decoded;
    }

    /// <summary>The first byte that is neither white space nor a byte order mark; null at the end of the body.</summary>
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_start < _end)
            {
                if (!IsBlank(_head[_start]) && _head[_start] is not (0xEF or 0xBB or 0xBF))
                {
                    return _head[_start];
                }

                _start++;
            }

            (_start, _end) = (0, await body.ReadAsync(_head, cancellationToken));
            if (_end == 0)
            {
                return null;
            }
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _start < _end ? ValueTask.FromResult(TakeHead(buffer.Span)) : body.ReadAsync(buffer, cancellationToken);

    public override int Read(Span<byte> buffer) => _start < _end ? TakeHead(buffer) : body.Read(buffer);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The client could do this, but takes the length away with the compression.</summary>
    private static Stream Unpacked(HttpResponseMessage response, Stream body, BodyLimit limit)
    {
        if (response.Content.Headers.ContentEncoding.Count > MostPackings)
        {
            throw new SourceException($"hokify's answer is compressed {response.Content.Headers.ContentEncoding.Count} times over; expected is once, or twice at most.");
        }

        foreach (var packing in response.Content.Headers.ContentEncoding.Reverse())
        {
            body = packing.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => limit.Around(new GZipStream(body, CompressionMode.Decompress)),
                "deflate" => limit.Around(new ZLibStream(body, CompressionMode.Decompress)),
                "br" => limit.Around(new BrotliStream(body, CompressionMode.Decompress)),
                "identity" => body,
                _ => throw new SourceException("hokify's answer is compressed in a way that was not asked for; expected is gzip, deflate or br."),
            };
        }

        return body;
    }

    private static Encoding? DeclaredEncoding(HttpResponseMessage response)
    {
        if (response.Content.Headers.ContentType?.CharSet is not { Length: > 0 } charset)
        {
            return null;
        }

        var name = string.Concat(charset.Trim('"', '\'', ' ').Where(letter => letter is > ' ' and < '\x7f').Take(40));
        return TextEncodings.Find(name)
            ?? throw new SourceException($"hokify's answer says that its charset is '{name}', which nobody here knows; expected is utf-8 or another name that IANA has registered.");
    }

    private async ValueTask<ReadOnlyMemory<byte>> HeadAsync(CancellationToken cancellationToken)
    {
        _end = await body.ReadAtLeastAsync(_head, 4, throwOnEndOfStream: false, cancellationToken);
        return _head.AsMemory(0, _end);
    }

    private int TakeHead(Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, _end - _start);
        _head.AsSpan(_start, taken).CopyTo(buffer);
        _start += taken;
        return taken;
    }

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
