using HokifyMessaging.Storage;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.Receiving;

/// <summary>What asking for the queues' depths has led to.</summary>
internal abstract record QueueCount
{
    private QueueCount()
    {
    }

    /// <summary>So many messages are in each queue.</summary>
    /// <param name="Messages">By queue; those of the error queue without the healed ones.</param>
    /// <param name="Healed">How many of the error queue's oldest messages are of runs that are completed by now; null when that cannot be told.</param>
    public sealed record Counted(IReadOnlyDictionary<string, long> Messages, long? Healed) : QueueCount;

    /// <summary>It cannot be had; the reason is for the log.</summary>
    public sealed record Unknown(string Reason) : QueueCount;
}

/// <summary>
/// How many messages wait for an operator. Asked over the connection that the import's endpoint has anyway, so it needs
/// neither another one nor the management plugin; and not more often than every few seconds, however often health is.
/// </summary>
internal sealed class QueueDepths(HealedMessages healedMessages, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private const ushort NotFound = RabbitMQ.Client.Constants.NotFound;

    /// <summary>How long what was found in the error queue is taken for true: looking at messages keeps them from others for a moment.</summary>
    private static readonly TimeSpan LookedFresh = TimeSpan.FromSeconds(15);

    /// <summary>How many of the error queue's messages are looked at, from the oldest on.</summary>
    private const int MostLooked = 1000;

    private readonly SemaphoreSlim _one = new(1);
    private (long Depth, DateTimeOffset At, long? Healed)? _looked;
    private ConnectionContext? _connection;
    private QueueCount _count = new QueueCount.Unknown("nobody has asked");
    private DateTimeOffset _countedAt;

    /// <summary>Messages by queue, for each of <see cref="ImportQueues.ForOperators"/>; 0 for one that does not exist.</summary>
    public async Task<QueueCount> CountAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (clock.GetUtcNow() >= _countedAt + Fresh)
            {
                _count = _connection is { } connection ? await CountAsync(connection, cancellationToken) : new QueueCount.Unknown("the bus is not connected");
                _countedAt = clock.GetUtcNow();
            }

            return _count;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>How many requests wait in the import's queue; null when nobody can tell.</summary>
    public async Task<long?> CountRequestsAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
        {
            return null;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(Limit);
        try
        {
            return await CountAsync(connection, ImportQueues.Requests, either.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The connection that was lent is gone; whoever has it says so.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    /// <summary>Has the endpoint lend its connection for as long as it holds it.</summary>
    public IFilter<ChannelContext> Borrow() => new Borrowing(this);

    private async Task<QueueCount> CountAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        either.CancelAfter(Limit);
        var depths = new Dictionary<string, long>();
        try
        {
            foreach (var queue in ImportQueues.ForOperators)
            {
                depths[queue] = await CountAsync(connection, queue, either.Token);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new QueueCount.Unknown(exception is OperationInterruptedException { ShutdownReason.ReplyText: var text } ? $"the broker answers '{text}'" : $"the broker did not answer ({exception.GetType().Name})");
        }

        var healed = await HealedAsync(connection, depths[ImportQueues.Error], either.Token);
        depths[ImportQueues.Error] -= Math.Min(healed ?? 0, depths[ImportQueues.Error]);
        return new QueueCount.Counted(depths, healed);
    }

    private async Task<long?> HealedAsync(ConnectionContext connection, long depth, CancellationToken cancellationToken)
    {
        if (depth == 0)
        {
            return 0;
        }

        if (_looked is not { } looked || looked.Depth != depth || clock.GetUtcNow() >= looked.At + LookedFresh)
        {
            _looked = looked = (depth, clock.GetUtcNow(), await LookAsync(connection, cancellationToken));
        }

        return looked.Healed;
    }

    private async Task<long?> LookAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        try
        {
            await using (var channel = await connection.Connection.CreateChannelAsync(cancellationToken: cancellationToken))
            {
                // Refused where somebody has made it another type of queue, which would count the look as a delivery.
                await channel.QueueDeclareAsync(
                    ImportQueues.Error, durable: true, exclusive: false, autoDelete: false,
                    new Dictionary<string, object?> { ["x-queue-type"] = "classic" }, cancellationToken: cancellationToken);
            }

            return (await healedMessages.CountAsync(connection.Connection, MostLooked, cancellationToken)).Healed;
        }
        catch (Exception exception) when (exception is RabbitMQClientException or OperationCanceledException || DatabaseErrors.Describe(exception) is not null)
        {
            return null;
        }
    }

    private static async Task<long> CountAsync(ConnectionContext connection, string queue, CancellationToken cancellationToken)
    {
        // The broker closes the channel on which somebody asks for a queue that does not exist: one for each.
        await using var channel = await connection.Connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
        {
            return 0;
        }
    }

    private sealed class Borrowing(QueueDepths depths) : IFilter<ChannelContext>
    {
        public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
        {
            depths._connection = context.ConnectionContext;
            try
            {
                await next.Send(context);
            }
            finally
            {
                // Unless the endpoint has another one by now.
                Interlocked.CompareExchange(ref depths._connection, null, context.ConnectionContext);
            }
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("queueDepths");
    }
}
