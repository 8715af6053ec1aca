namespace HokifyMessaging.Reading.Http;

/// <summary>How much may be read of one body until it has brought something.</summary>
/// <param name="place">What is read, in words.</param>
/// <param name="options">The limits.</param>
/// <param name="isList">Whether the body lists everything, so that it may be of any length as long as it brings applications.</param>
/// <param name="took">Is told of all that is read; null tells nobody.</param>
internal sealed class BodyLimit(string place, ReadingOptions options, bool isList = false, Action<int>? took = null)
{
    private int _stretch;

    /// <summary>For an answer that says why something is refused: what goes on for longer says nothing.</summary>
    public static BodyLimit OfRefusal() => new("The answer", new ReadingOptions { LargestPage = 1024 * 1024 });

    /// <summary>The body has brought an application: what follows is counted anew.</summary>
    public void Progressed() => _stretch += isList ? 1 : 0;

    /// <summary>The same bytes are counted before and behind each decompression, each time from zero.</summary>
    public Stream Around(Stream body) => new CountedStream(body, this);

    private SourceException Exceeded() => new(
        isList
            ? $"{place}: hokify's answer goes on for more than {ByteCount.Text(options.LargestPage)} without an application; expected is less between two of them, or a larger Hokify:Reading:LargestPage."
            : $"{place}: hokify's answer is longer than {ByteCount.Text(options.LargestPage)}; expected is a shorter one, or a larger Hokify:Reading:LargestPage.")
    {
        IsLasting = true,
    };

    private sealed class CountedStream(Stream inner, BodyLimit limit) : ReadOnlyStream
    {
        private int _stretch;
        private long _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // A decompressor that is given all it wants at once never looks at the token.
            cancellationToken.ThrowIfCancellationRequested();
            return Counted(await inner.ReadAsync(buffer, cancellationToken));
        }

        public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Counted(int bytes)
        {
            if (_stretch != limit._stretch)
            {
                (_stretch, _read) = (limit._stretch, 0);
            }

            _read += bytes;
            limit.Took(bytes);
            return _read > limit.Most ? throw limit.Exceeded() : bytes;
        }
    }

    private long Most => options.LargestPage;

    private void Took(int bytes) => took?.Invoke(bytes);
}

/// <summary>A stream that can do nothing but be read from here to its end.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public abstract override int Read(Span<byte> buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override void Flush()
    {
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
