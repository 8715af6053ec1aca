using System.Runtime.Serialization;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using MassTransit;
using MassTransit.RabbitMqTransport;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Puts a message that is delivered for the last time into <see cref="ImportQueues.Dead"/> and says there why it came back so
/// often, as far as anybody knows. The broker would do the same with the word "delivery_limit".
/// </summary>
internal sealed partial class DeliveryLimit(RabbitMqOptions broker, DeliveryLog deliveries, RunQueries runs, RefusalAnnouncer refusals, TimeProvider clock, ILogger<DeliveryLimit> logger) : IFilter<ReceiveContext>
{
    private const string Count = "x-delivery-count";

    /// <summary>From 4.3 on the broker counts above only what a consumer has refused or died of, as far as it is sure, and here how often a consumer has had the message.</summary>
    private const string Acquired = "x-acquired-count";

    private static readonly Version CountsAcquired = new(4, 3);

    /// <summary>How long a message that could be put nowhere is kept before it goes back.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly RequestDeserializer Requests = new();

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        var message = DeliveryLog.NameOf(context);
        var before = deliveries.Begin(message);
        string? failure = null;
        try
        {
            if (context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery) && IsLast(context.Redelivered, delivery.Properties.Headers, VersionOf(context), broker, before))
            {
                await BuryAsync(context, delivery, deliveries.ReasonOf(message));
            }
            else
            {
                await next.Send(context);
            }

            if (!context.CancellationToken.IsCancellationRequested)
            {
                deliveries.Forget(message);
            }
        }
        catch (Exception exception) when (!context.CancellationToken.IsCancellationRequested)
        {
            // It goes back to the broker, which delivers it again at once: it shall keep neither of us busy.
            failure = BrokerErrors.Describe(exception) ?? $"it met an error of the program's own ({exception.GetType().Name})";
            await Task.WhenAny(Task.Delay(Pause, clock, context.CancellationToken));
            throw;
        }
        finally
        {
            deliveries.End(message, before, failure);
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("deliveryLimit");

    /// <summary>Whether a message has come back as often as it may: by the broker's count, which only a quorum queue has, or by what this process has seen.</summary>
    /// <param name="isRedelivered">Whether it was delivered before. If not, its headers are its publisher's, and what came back was another with the same body.</param>
    /// <param name="headers">The message's.</param>
    /// <param name="version">The broker's. A count that it does not write is the publisher's.</param>
    /// <param name="broker">The queue's type and the limit.</param>
    /// <param name="seen">How often this process has seen it come back.</param>
    internal static bool IsLast(bool isRedelivered, IDictionary<string, object?>? headers, Version version, RabbitMqOptions broker, int seen)
    {
        var counted = broker.QueueType == RabbitMqQueueType.Quorum
            ? Math.Max(Number(headers, Count), version >= CountsAcquired ? Number(headers, Acquired) : 0)
            : 0;
        return isRedelivered && Math.Max(counted, seen) >= broker.DeliveryLimit;
    }

    private static long Number(IDictionary<string, object?>? headers, string name) => headers?.TryGetValue(name, out var count) == true
        ? count switch
        {
            long number => number,
            int number => number,
            _ => 0,
        }
        : 0;

    private static Version VersionOf(ReceiveContext context) =>
        context.GetPayload<ChannelContext>().ConnectionContext.Connection.ServerProperties?.TryGetValue("version", out var value) == true
        && value is byte[] text && Version.TryParse(Encoding.UTF8.GetString(text).Split('-', '+')[0], out var version)
            ? version
            : new Version(0, 0);

    private async Task BuryAsync(ReceiveContext context, RabbitMqBasicConsumeContext delivery, string? reason)
    {
        var run = await RunAsync(context);
        var sentence = VisibleText.Of(Counted.Text(
            $"It was delivered {broker.DeliveryLimit} {broker.DeliveryLimit:time|times} (Transport:RabbitMq:DeliveryLimit) and never came to an end. {Why(reason)} {run}"));
        var moved = MovedMessage.PropertiesOf(delivery, context.GetPayload<ChannelContext>());
        moved.Headers!.Remove(Count);
        moved.Headers.Remove(Acquired);
        moved.Headers[MessageHeaders.Reason] = "delivery-limit";
        moved.Headers[MessageHeaders.FaultMessage] = sentence;
        moved.Headers[MessageHeaders.FaultTimestamp] = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        await context.GetPayload<ChannelContext>().BasicPublishAsync(ImportQueues.Dead, "", mandatory: true, moved, context.GetBody(), awaitAck: true, context.CancellationToken);
        LogBuried(logger, ImportQueues.Dead, sentence);
        await refusals.GiveUpAsync(context, sentence);
    }

    private static string Why(string? reason) => reason is null
        ? "Nobody knows why: each process that had it ended, or lost the broker, before it could say so."
        : $"The last reason that is known: {reason}.";

    /// <summary>What has become of its run; whoever finds the message need not look for it.</summary>
    private async Task<string> RunAsync(ReceiveContext context)
    {
        try
        {
            var read = Requests.Deserialize(context);
            if (!read.TryGetMessage<HokifyImportRequested>(out var request) || MessageKey.Of(request, out _) is not { } key)
            {
                return "It has no key, so it names no run.";
            }

            var found = (await runs.OfKeyAsync(key, context.CancellationToken)).Where(run => run.ScopeId == request.Message.ScopeId).ToList();
            return found is [var (scopeId, runId)] && await runs.FindAsync(runId, context.CancellationToken) is { } run
                ? Counted.Text($"Its run {runId} of scope {scopeId} is {run.Summary.State}, in the phase {run.Summary.Phase}, after {run.Summary.Fetched} {run.Summary.Fetched:record|records}.")
                : "It has no run yet.";
        }
        catch (Exception exception) when (exception is SerializationException or RequestRefusedException)
        {
            return $"It is no request that could be read: {exception.Message}";
        }
        catch (Exception exception) when (DatabaseErrors.Describe(exception) is { } said)
        {
            return $"What became of its run is unknown: {said}";
        }
    }

    [LoggerMessage(LogLevel.Error, "A message goes to {Queue}: {Sentence}")]
    private static partial void LogBuried(ILogger logger, string queue, string sentence);
}
