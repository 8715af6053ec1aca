using System.Buffers;
using System.Text.Encodings.Web;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>
/// Sends a body in pieces while it is being made, so that a list of a million records takes no memory; breaks off where a fault
/// says so.
/// </summary>
internal sealed class BodyWriter(HttpContext context, CallFaults faults)
{
    private const int PieceSize = 32 * 1024;

    private static readonly JsonWriterOptions AsNodeWritesIt = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _piece = new(PieceSize * 2);
    private Encoder? _encoder;
    private string _charset = "; charset=utf-8";
    private long _sent;

    /// <summary>Sends what follows in another charset than UTF-8.</summary>
    public BodyWriter In(string charset, bool isNamed)
    {
        var encoding = SandboxOptions.CharsetOf(charset)!;
        _encoder = encoding is UTF8Encoding ? null : encoding.GetEncoder();
        _charset = isNamed ? $"; charset={charset}" : "";
        return this;
    }

    /// <summary>Sends JSON; each step writes a part of it.</summary>
    public async Task SendJsonAsync(IEnumerable<Action<Utf8JsonWriter>> steps)
    {
        context.Response.ContentType = $"application/json{_charset}";
        await using var json = new Utf8JsonWriter(_piece, AsNodeWritesIt);
        foreach (var step in steps)
        {
            step(json);
            await json.FlushAsync(context.RequestAborted);
            if (!await PassOnAsync())
            {
                return;
            }
        }

        await EndAsync();
    }

    /// <summary>Sends text, part by part.</summary>
    public async Task SendTextAsync(string contentType, IEnumerable<string> parts)
    {
        context.Response.ContentType = $"{contentType}{_charset}";
        foreach (var part in parts)
        {
            Encoding.UTF8.GetBytes(part.AsSpan(), _piece);
            if (!await PassOnAsync())
            {
                return;
            }
        }

        await EndAsync();
    }

    private async Task<bool> PassOnAsync()
    {
        if (faults.UnsaidEnd is { } unsaid)
        {
            // Neither a length nor chunks: the body ends where the connection does.
            context.Response.Headers.TransferEncoding = "identity";
            if (_sent + _piece.WrittenCount > unsaid)
            {
                await SendAsync((int)(unsaid - _sent));
                return false;
            }
        }

        if (faults.CutAfterBytes is { } cut && _sent + _piece.WrittenCount > cut)
        {
            await CutAsync((int)(cut - _sent));
            return false;
        }

        // With a cut ahead, nothing is sent before its place is known: the body may end before it.
        if (_piece.WrittenCount >= PieceSize && faults is { CutAfterBytes: null, UnsaidEnd: null })
        {
            await SendAsync(_piece.WrittenCount);
        }

        return true;
    }

    private async Task EndAsync()
    {
        if (faults.CutAfterBytes is not null)
        {
            await CutAsync(Math.Max(0, _piece.WrittenCount - 1));
        }
        else
        {
            await SendAsync(_piece.WrittenCount);
        }
    }

    private async Task CutAsync(int bytes)
    {
        await SendAsync(bytes);
        await context.Response.Body.FlushAsync(context.RequestAborted);

        // Without a breath the reset may overtake what was sent, and the reader would see a refused call instead of half a body.
        await Task.Delay(TimeSpan.FromMilliseconds(50), context.RequestAborted);
        context.Abort();
    }

    private async Task SendAsync(int bytes)
    {
        await context.Response.Body.WriteAsync(Encoded(_piece.WrittenMemory[..bytes]), context.RequestAborted);
        _sent += bytes;
        _piece.ResetWrittenCount();
    }

    /// <summary>What is sent in another charset is cut between letters of UTF-8.</summary>
    private ReadOnlyMemory<byte> Encoded(ReadOnlyMemory<byte> utf8)
    {
        if (_encoder is null)
        {
            return utf8;
        }

        var text = Encoding.UTF8.GetString(utf8.Span);
        var bytes = new byte[_encoder.GetByteCount(text, flush: false)];
        _encoder.GetBytes(text, bytes, flush: false);
        return bytes;
    }
}
