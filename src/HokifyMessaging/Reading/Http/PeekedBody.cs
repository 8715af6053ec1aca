using System.Text;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// A response body in UTF-8 whose first character can be looked at before it is read, and which remembers the last one it gave:
/// that is how a list that was cut is told from a list that is wrong.
/// </summary>
internal sealed class PeekedBody(Stream body) : Stream
{
    private readonly byte[] _head = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>The last byte so far that is not white space.</summary>
    public byte? Last { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static async Task<PeekedBody> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        return new PeekedBody(DeclaredEncoding(response) is { } encoding ? Encoding.CreateTranscodingStream(stream, encoding, Encoding.UTF8) : stream);
    }

    /// <summary>The first byte that is neither white space nor a byte order mark; null at the end of the body.</summary>
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_start < _end)
            {
                if (!IsBlank(_head[_start]) && _head[_start] is not (0xEF or 0xBB or 0xBF))
                    return _head[_start];
                _start++;
            }

            (_start, _end) = (0, await body.ReadAsync(_head, cancellationToken));
            Remember(_head.AsSpan(0, _end));
            if (_end == 0)
                return null;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start < _end)
            return TakeHead(buffer.Span);
        var read = await body.ReadAsync(buffer, cancellationToken);
        Remember(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_start < _end)
            return TakeHead(buffer.AsSpan(offset, count));
        var read = body.Read(buffer, offset, count);
        Remember(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }

    private static Encoding? DeclaredEncoding(HttpResponseMessage response)
    {
        var name = response.Content.Headers.ContentType?.CharSet?.Trim('"');
        if (name is null || name.Equals(Encoding.UTF8.WebName, StringComparison.OrdinalIgnoreCase))
            return null;
        return Encoding.GetEncodings().FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.GetEncoding();
    }

    private int TakeHead(Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, _end - _start);
        _head.AsSpan(_start, taken).CopyTo(buffer);
        _start += taken;
        return taken;
    }

    private void Remember(ReadOnlySpan<byte> read)
    {
        var last = read.LastIndexOfAnyExcept(" \t\r\n"u8);
        if (last >= 0)
            Last = read[last];
    }

    private static bool IsBlank(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
