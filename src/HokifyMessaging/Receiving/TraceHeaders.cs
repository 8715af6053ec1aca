using HokifyMessaging.Telemetry;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// The trace that a message goes on in, among its headers: W3C's, which any system writes, and MassTransit's own, which its programs write. What is sent
/// bears both, so that every subscriber finds the one that it looks for.
/// </summary>
/// <param name="Parent">A <c>traceparent</c>; null where there is none.</param>
/// <param name="State">The <c>tracestate</c> beside it.</param>
internal sealed record TraceHeaders(string? Parent, string? State)
{
    /// <summary>MassTransit's name for <c>traceparent</c>.</summary>
    public const string OfMassTransit = "MT-Activity-Id";

    /// <summary>A request is small. What is larger is none, and is not parsed twice to find a trace in it.</summary>
    private const int LargestEnvelope = 64 * 1024;

    private static readonly TraceHeaders None = new(null, null);

    public static TraceHeaders Of(ReceiveContext context)
    {
        var headers = context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery)
            ? delivery.Properties.Headers ?? new Dictionary<string, object?>()
            : context.TransportHeaders.GetAll().Select(header => KeyValuePair.Create(header.Key, (object?)header.Value));
        return Of([.. headers]) ?? OfEnvelope(context) ?? None;
    }

    /// <summary>Has a message go on in the trace that we are in, else in another one.</summary>
    /// <param name="headers">The message's.</param>
    /// <param name="asked">Such as that of the request; null for none.</param>
    public static void Set(SendHeaders headers, string? asked) => Set(headers, Traces.Current ?? asked, Traces.CurrentState);

    /// <summary>Has a message go on in a trace, whichever we are in; null for none.</summary>
    public static void SetExactly(SendHeaders headers, string? parent) => Set(headers, parent, state: null);

    /// <summary>The bus copies the headers of what is consumed to what is sent meanwhile: one that must not be there is taken out.</summary>
    private static void Set(SendHeaders headers, string? parent, string? state)
    {
        headers.Set(Traces.Parent, parent);
        headers.Set(OfMassTransit, parent);
        headers.Set(Traces.State, parent is null ? null : state);
    }

    /// <returns>Null where no header is one of a trace that can be read.</returns>
    private static TraceHeaders? Of(List<KeyValuePair<string, object?>> headers) =>
        (Traces.Written(Text(headers, Traces.Parent)) ?? Traces.Written(Text(headers, OfMassTransit))) is { } parent ? new TraceHeaders(parent, Text(headers, Traces.State)) : null;

    /// <summary>Somebody may have pasted an envelope, which has its headers inside, and left those of the message empty.</summary>
    private static TraceHeaders? OfEnvelope(ReceiveContext context)
    {
        if (context.Body.Length > LargestEnvelope)
        {
            return null;
        }

        try
        {
            using var document = RequestJson.Parse(context.GetBody());
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.EnumerateObject().FirstOrDefault(member => member.Name.Equals("headers", StringComparison.OrdinalIgnoreCase)).Value is { ValueKind: JsonValueKind.Object } headers
                ? Of([.. headers.EnumerateObject().Select(header => KeyValuePair.Create(header.Name, (object?)(header.Value.ValueKind == JsonValueKind.String ? header.Value.GetString() : null)))])
                : null;
        }
        catch (UnreadableRequestException)
        {
            // What is wrong with it is said when it is read.
            return null;
        }
    }

    private static string? Text(List<KeyValuePair<string, object?>> headers, string name) =>
        headers.Find(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value switch
        {
            string text => text,
            byte[] { Length: <= 1024 } bytes => Encoding.ASCII.GetString(bytes),
            _ => null,
        };
}

/// <summary>Around all that becomes of a message, the way to the error queue included: its span, in the trace that it brings.</summary>
/// <param name="system">What the broker is, as OpenTelemetry names it.</param>
internal sealed class TracedDeliveries(string system) : IFilter<ReceiveContext>
{
    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var trace = TraceHeaders.Of(context);
        Traces.Bring(trace.Parent);
        using var span = Traces.Process(system, ImportQueues.Requests, trace.Parent, trace.State);
        try
        {
            await next.Send(context);
        }
        finally
        {
            // The bus says of whatever span it finds itself in what the publisher's envelope says, and that may be anything.
            Traces.Keep(span, TelemetryNames.Process);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("tracedDeliveries");
}

/// <summary>What carries the messages, as OpenTelemetry names it.</summary>
internal static class MessagingSystem
{
    public static string Named(this TransportKind kind) => kind == TransportKind.RabbitMq ? "rabbitmq" : "in_memory";
}
