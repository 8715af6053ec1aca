using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.IntegrationTests.Monitoring;

/// <summary>A collector as far as a test needs one: takes what is sent by OTLP over HTTP, and reads of it what the test looks at.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _metrics = new();
    private readonly ConcurrentDictionary<string, string> _resource = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();

    private OtlpReceiver(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.Single());

    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    /// <summary>All that has come, as it came.</summary>
    public IReadOnlyCollection<byte[]> Bodies => _bodies;

    /// <summary>The names of the metrics that have come.</summary>
    public IReadOnlyCollection<string> Metrics => [.. _metrics.Keys];

    /// <summary>What the sender says of itself.</summary>
    public IReadOnlyDictionary<string, string> Resource => _resource;

    public static async Task<OtlpReceiver> StartAsync(string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var server = builder.Build();
        var receiver = new OtlpReceiver(server);
        server.MapPost("/v1/traces", context => receiver.TakeAsync(context, receiver.TakeTraces));
        server.MapPost("/v1/metrics", context => receiver.TakeAsync(context, receiver.TakeMetrics));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context, Action<ProtobufMessage> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _bodies.Enqueue(body.ToArray());
        take(new ProtobufMessage(body.ToArray()));

        // An answer without a member: all was taken.
        context.Response.ContentType = "application/x-protobuf";
    }

    /// <summary>Numbers of members are those of opentelemetry/proto/trace/v1/trace.proto.</summary>
    private void TakeTraces(ProtobufMessage request)
    {
        foreach (var resourceSpans in request.Messages(1))
        {
            TakeResource(resourceSpans);
            foreach (var span in resourceSpans.Messages(2).SelectMany(scope => scope.Messages(2)))
            {
                _spans.Enqueue(new OtlpSpan(span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), (int)span.Number(6), Attributes(span.Messages(9)), (int)(span.Messages(15).FirstOrDefault()?.Number(3) ?? 0)));
            }
        }
    }

    private void TakeMetrics(ProtobufMessage request)
    {
        foreach (var resourceMetrics in request.Messages(1))
        {
            TakeResource(resourceMetrics);
            foreach (var metric in resourceMetrics.Messages(2).SelectMany(scope => scope.Messages(2)))
            {
                _metrics[metric.Text(1)] = true;
            }
        }
    }

    private void TakeResource(ProtobufMessage holder)
    {
        foreach (var (name, value) in Attributes(holder.Messages(1).SelectMany(resource => resource.Messages(1))))
        {
            _resource[name] = value;
        }
    }

    private static Dictionary<string, string> Attributes(IEnumerable<ProtobufMessage> attributes) => attributes.ToDictionary(attribute => attribute.Text(1), attribute =>
    {
        var value = attribute.Messages(2).Single();
        return value.Has(1) ? value.Text(1) : FormattableString.Invariant($"{value.Number(3)}");
    });
}

/// <summary>A span as a collector gets it.</summary>
/// <param name="Kind">2 is a server's, 3 a client's, 4 a producer's, 5 a consumer's.</param>
/// <param name="Status">2 is an error.</param>
internal sealed record OtlpSpan(string TraceId, string SpanId, string ParentSpanId, string Name, int Kind, IReadOnlyDictionary<string, string> Attributes, int Status);

/// <summary>A message on the wire of protobuf: numbered members, each a number, eight or four bytes, or a length and so many bytes.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> _members = [];

    public ProtobufMessage(ReadOnlyMemory<byte> wire)
    {
        for (var rest = wire; rest.Length > 0;)
        {
            var tag = Varint(ref rest);
            var (number, value, bytes) = ((int)(tag >> 3), 0UL, ReadOnlyMemory<byte>.Empty);
            switch (tag & 7)
            {
                case 0:
                    value = Varint(ref rest);
                    break;
                case 1:
                    value = BitConverter.ToUInt64(rest.Span[..8]);
                    rest = rest[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref rest);
                    (bytes, rest) = (rest[..length], rest[length..]);
                    break;
                case 5:
                    value = BitConverter.ToUInt32(rest.Span[..4]);
                    rest = rest[4..];
                    break;
                default:
                    throw new InvalidDataException($"a member has the wire type {tag & 7}");
            }

            _members.Add((number, value, bytes));
        }
    }

    public bool Has(int number) => _members.Exists(member => member.Number == number);

    public IEnumerable<ProtobufMessage> Messages(int number) => _members.Where(member => member.Number == number).Select(member => new ProtobufMessage(member.Bytes));

    public string Text(int number) => Encoding.UTF8.GetString(_members.Find(member => member.Number == number).Bytes.Span);

    public string Hex(int number) => Convert.ToHexStringLower(_members.Find(member => member.Number == number).Bytes.Span);

    public long Number(int number) => (long)_members.Find(member => member.Number == number).Value;

    private static ulong Varint(ref ReadOnlyMemory<byte> rest)
    {
        for (var (value, shift) = (0UL, 0); ; shift += 7)
        {
            var next = rest.Span[0];
            rest = rest[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
