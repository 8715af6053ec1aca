using System.IO.Compression;
using Microsoft.Extensions.Primitives;

namespace HokifyMessaging.Sandbox.Http;

/// <summary>The body of a <see cref="SandboxFaultKind.Bomb"/>: a beginning, what is repeated, and an end. It takes no memory here.</summary>
internal sealed class BombBody(HttpContext context, SandboxFault fault)
{
    private const int PieceSize = 16 * 1024;
    private const int LargeText = 10 * 1024 * 1024;
    private const int MostHeaderBytes = 1024 * 1024;
    private const string Id = "5b0b0b0b0b0b0b0b0b0b0b0b";

    private const string Another =
        """{"relationType":"job","relationId":"5b0b0b0b0b0b0b0b0b0b0b01","application":{"_id":"5b0b0b0b0b0b0b0b0b0b0b02","user":{"_id":"5b0b0b0b0b0b0b0b0b0b0b03","displayName":"Anna Muster"}}}""";

    public async Task SendAsync()
    {
        context.Response.StatusCode = fault.BombStatus;
        context.Response.ContentType = "application/json; charset=utf-8";
        if (fault.Bomb == SandboxBomb.Headers)
        {
            var link = $"<https://hokify.example/{new string('x', 1000)}>; rel=next";
            context.Response.Headers.Link = new StringValues([.. Enumerable.Repeat(link, (int)Math.Min(fault.BombBytes, MostHeaderBytes) / link.Length)]);
        }

        // What asks behind the first item finds nothing more there, or another one.
        var offset = Number("offset", 0);
        if (fault.Bomb == SandboxBomb.Headers || (fault.Bomb != SandboxBomb.LargeItems && offset > 0))
        {
            await context.Response.WriteAsync(fault.Bomb == SandboxBomb.TextBeforeAnother && offset == 1 ? $"[{Another}]" : "[]", context.RequestAborted);
            return;
        }

        if (fault.Bomb == SandboxBomb.Drip)
        {
            await DripAsync();
            return;
        }

        await using var body = Packed(context.Response.Body);
        foreach (var piece in fault.Bomb == SandboxBomb.LargeItems ? LargeItems() : Pieces())
        {
            await body.WriteAsync(piece, context.RequestAborted);
        }
    }

    private async Task DripAsync()
    {
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync(" ", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(fault.Delay, context.RequestAborted);
        }
    }

    private long Number(string parameter, long otherwise) =>
        long.TryParse(context.Request.Query[parameter], CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>As many as are asked for, of as many as there are.</summary>
    private IEnumerable<ReadOnlyMemory<byte>> LargeItems()
    {
        var text = Encoding.Latin1.GetBytes(new string('x', LargeText));
        var (first, end) = (Number("offset", 0), fault.BombBytes / LargeText);
        yield return "["u8.ToArray();
        for (var index = first; index < Math.Min(end, first + Math.Min(end, Number("limit", end))); index++)
        {
            var item = Another.Replace("5b0b0b0b0b0b0b0b0b0b0b02", $"5b0b0b0b0b0b0b0b{index:x8}", StringComparison.Ordinal);
            yield return Encoding.Latin1.GetBytes($"{(index > first ? "," : "")}{item[..^2]},\"text\":\"");
            yield return text;
            yield return "\"}}"u8.ToArray();
        }

        yield return "]"u8.ToArray();
    }

    private IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        var (beginning, repeated, end) = Parts();
        yield return Encoding.Latin1.GetBytes(beginning);
        var unit = Encoding.Latin1.GetBytes(repeated);
        byte[] piece = unit.Length >= PieceSize ? unit : [.. Enumerable.Repeat(unit, PieceSize / unit.Length).SelectMany(bytes => bytes)];
        for (var sent = 0L; sent < fault.BombBytes; sent += piece.Length)
        {
            yield return piece;
        }

        yield return Encoding.Latin1.GetBytes(end);
    }

    private (string Beginning, string Repeated, string End) Parts() => fault.Bomb switch
    {
        SandboxBomb.Text => ($$"""[{"_id":"{{Id}}","text":" """, "x", "\"}]"),
        SandboxBomb.TextBeforeAnother => ($$"""[{"_id":"{{Id}}","text":" """, "x", "\",\"list\":[{\"text\":\"]}\\\"\"}]}," + Another + "]"),
        SandboxBomb.Name => ($$"""[{"_id":"{{Id}}"," """, "x", "\":1}]"),
        SandboxBomb.Number => ($$"""[{"_id":"{{Id}}","number":1""", "0", "}]"),
        SandboxBomb.Members => ($$"""[{"_id":"{{Id}}" """, ",\"a\":0", "}]"),
        SandboxBomb.Values => ($$"""[{"_id":"{{Id}}","list":[0""", ",0", "]}]"),
        SandboxBomb.Nesting => ($$"""[{"_id":"{{Id}}","list":""", "[", ""),
        SandboxBomb.Items => ("[0", ",0", "]"),
        SandboxBomb.Group => ("""[{"relationType":"job","relationId":"5b0b0b0b0b0b0b0b0b0b0b01","applications":[{}""", ",{}", "]}]"),
        SandboxBomb.GroupWithText => (
            $$"""[{"relationType":"job","relationId":"5b0b0b0b0b0b0b0b0b0b0b01","text":"{{new string('x', (int)Math.Min(fault.BombBytes / 2, LargeText))}}","applications":[{"_id":"{{Id}}"}""",
            ",{\"_id\":\"" + Id + "\"}",
            "]}]"),
        SandboxBomb.SpaceBefore => ("", " ", "[]"),
        SandboxBomb.SpaceBetween => ("[", "\n", "]"),
        SandboxBomb.SpaceInside => ($$"""[{"_id":"{{Id}}" """, "\t", "}]"),
        SandboxBomb.CsvHeader => ("matchId", ";x", "\n"),
        SandboxBomb.CsvField => ($"matchId;name\n{Id};", "x", "\n"),
        SandboxBomb.CsvFields => ($"matchId;name\n{Id}", ";x", "\n"),
        SandboxBomb.CsvQuoted => ($"matchId;name\n{Id};\"", "x\n", ""),
        SandboxBomb.CsvOdd => ($"matchId;name\n{Id};\"", "\xFF\nx\n", ""),
        SandboxBomb.CsvBlank => ("", " \n", "matchId;name\n"),
        _ => ("", "\0", ""),
    };

    private Stream Packed(Stream body)
    {
        if (fault.Packing.Length == 0)
        {
            return new KeptOpen(body);
        }

        context.Response.Headers.ContentEncoding = fault.Packing;
        Stream packed = new KeptOpen(body);
        foreach (var packing in fault.Packing.Split(',', StringSplitOptions.TrimEntries).Reverse())
        {
            packed = packing switch
            {
                "br" => new BrotliStream(packed, CompressionLevel.Fastest),
                "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
                _ => new GZipStream(packed, CompressionLevel.Fastest),
            };
        }

        return packed;
    }

    /// <summary>The server ends its answers itself.</summary>
    private sealed class KeptOpen(Stream body) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => body.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => body.WriteAsync(buffer, offset, count, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => body.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
