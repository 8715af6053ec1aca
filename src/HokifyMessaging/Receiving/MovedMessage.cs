using System.Collections;
using MassTransit;
using MassTransit.Context;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>
/// A message on its way to another queue, which adds headers that say why. All of them must fit into one frame: with more, the
/// broker closes the connection, the message comes back, and so on without end. And it must not run out there, as its publisher
/// may have wanted of it here: it waits for an operator.
/// </summary>
internal sealed class MovedMessage : ReceiveContextProxy, ExceptionReceiveContext, RabbitMqBasicConsumeContext, PipeContext
{
    /// <summary>What was too large to be moved is named here.</summary>
    public const string LeftOut = "hokify-headers-left-out";

    private const int LeftOutNamed = 5;

    /// <summary>Kept free in the frame for what is added: the reason, the place, the machine.</summary>
    private const int Added = 32 * 1024;

    private readonly ExceptionReceiveContext _context;
    private readonly RabbitMqBasicConsumeContext _delivery;

    private MovedMessage(ExceptionReceiveContext context, RabbitMqBasicConsumeContext delivery)
        : base(context)
    {
        (_context, _delivery) = (context, delivery);
        Properties = PropertiesOf(delivery, context.GetPayload<ChannelContext>());
    }

    public IReadOnlyBasicProperties Properties { get; }

    public string Exchange => _delivery.Exchange;

    public string ConsumerTag => _delivery.ConsumerTag;

    public ulong DeliveryTag => _delivery.DeliveryTag;

    public string? RoutingKey => _delivery.RoutingKey;

    public Exception Exception => _context.Exception;

    public DateTime ExceptionTimestamp => _context.ExceptionTimestamp;

    public ExceptionInfo ExceptionInfo => _context.ExceptionInfo;

    public SendHeaders ExceptionHeaders => _context.ExceptionHeaders;

    /// <summary>Has every message that is moved because of a failure be one of these.</summary>
    public static IFilter<ExceptionReceiveContext> Filter() => new Moving();

    /// <summary>The delivery's properties as they can be published again, with more headers.</summary>
    public static BasicProperties PropertiesOf(RabbitMqBasicConsumeContext delivery, ChannelContext channel)
    {
        var properties = new BasicProperties(delivery.Properties) { Headers = Fitting(delivery.Properties.Headers, Most(channel)) };
        properties.ClearExpiration();
        return properties;
    }

    bool PipeContext.TryGetPayload<T>(out T payload)
    {
        if (this is T itself and RabbitMqBasicConsumeContext)
        {
            payload = itself;
            return true;
        }

        return _context.TryGetPayload(out payload!);
    }

    private static long Most(ChannelContext channel)
    {
        long frame = channel.ConnectionContext.Connection.FrameMax;
        return frame == 0 ? long.MaxValue : Math.Max(frame - Added, frame / 2);
    }

    private static Dictionary<string, object?> Fitting(IDictionary<string, object?>? headers, long most)
    {
        var fitting = new Dictionary<string, object?>(headers ?? new Dictionary<string, object?>());
        var size = fitting.Sum(header => Size(header.Key) + Size(header.Value));
        var leftOut = new List<string>();
        foreach (var (name, value) in fitting.OrderByDescending(header => Size(header.Value)).ToList().TakeWhile(_ => size > most))
        {
            fitting.Remove(name);
            size -= Size(name) + Size(value);
            leftOut.Add(Counted.Text($"{KnownNames.Quoted(name)} of about {Size(value)} {Size(value):byte|bytes}"));
        }

        if (leftOut.Count > 0)
        {
            fitting[LeftOut] = string.Join(", ", leftOut.Take(LeftOutNamed)) + (leftOut.Count > LeftOutNamed ? FormattableString.Invariant($" and {leftOut.Count - LeftOutNamed} more") : "");
        }

        return fitting;
    }

    /// <summary>At least as many bytes as the value takes in the frame.</summary>
    private static long Size(object? value) => 16 + value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        byte[] bytes => bytes.Length,
        BinaryTableValue { Bytes: var bytes } => bytes.Length,
        IDictionary table => table.Keys.Cast<object?>().Concat(table.Values.Cast<object?>()).Sum(Size),
        IEnumerable list => list.Cast<object?>().Sum(Size),
        _ => 0,
    };

    private sealed class Moving : IFilter<ExceptionReceiveContext>
    {
        public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) => next.Send(
            context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery) && context.HasPayloadType(typeof(ChannelContext)) ? new MovedMessage(context, delivery) : context);

        public void Probe(ProbeContext context) => context.CreateFilterScope("movedMessage");
    }
}
