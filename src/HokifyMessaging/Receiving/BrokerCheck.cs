using HokifyMessaging.CheckUp;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace HokifyMessaging.Receiving;

/// <summary>Whether the configured broker lets the service in, and has its queues and exchanges as the service declares them. Takes no message, and makes nothing.</summary>
internal sealed class BrokerCheck(IOptions<TransportOptions> transport, TimeProvider clock) : ICheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private static readonly (Version First, Version Last) Known = (new(3, 10), new(4, 3));

    /// <summary>Nothing is bound by it: to unbind by it shows what the user may, and changes nothing.</summary>
    private const string NoRoutingKey = "hokify-doctor";

    public string Subject => "broker";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (transport.Value.Kind == TransportKind.InMemory)
        {
            yield return Found(Verdict.Ok, "Transport:Kind is InMemory, a bus inside the process, which no broker is needed for and no other program reaches.");
            yield break;
        }

        var broker = transport.Value.RabbitMq;
        await using var connection = await TimeLimit.WithinAsync(
            Limit,
            clock,
            token => RabbitMqConnection.OpenAsync(broker, "hokify doctor", token),
            cancellationToken,
            otherwise: () => new InvalidOperationException($"The broker at {broker.Address()} did not answer within {TimeLimit.InSeconds(Limit)}; check Transport:RabbitMq and whether the broker runs."));
        var problems = 0;
        var version = VersionOf(connection);
        if (OfVersion(version) is { } unknown)
        {
            problems++;
            yield return unknown;
        }

        foreach (var (queue, arguments) in Queues(broker))
        {
            if (await OfQueueAsync(connection, queue, arguments, cancellationToken) is { } problem)
            {
                problems++;
                yield return problem;
            }
        }

        if (await OfRightsAsync(connection, broker, cancellationToken) is { } lacking)
        {
            problems++;
            yield return lacking;
        }

        if (problems == 0)
        {
            yield return Found(Verdict.Ok, $"The broker at {broker.Address()} is RabbitMQ {version}, lets {VisibleText.Of(broker.Username)} in, and what it has of the import is as the service declares it.");
        }
    }

    /// <summary>The import's queues with the arguments that the service gives them.</summary>
    private static IEnumerable<(string Queue, Dictionary<string, object?> Arguments)> Queues(RabbitMqOptions broker)
    {
        var requests = new Dictionary<string, object?> { ["x-dead-letter-exchange"] = ImportQueues.Dead };
        if (broker.QueueType == RabbitMqQueueType.Quorum)
        {
            requests["x-queue-type"] = "quorum";
            requests["x-delivery-limit"] = broker.DeliveryLimit;
        }

        yield return (ImportQueues.Requests, requests);
        foreach (var queue in ImportQueues.ForOperators)
        {
            yield return (queue, new Dictionary<string, object?> { ["x-queue-type"] = "classic" });
        }
    }

    private static string VersionOf(IConnection connection) =>
        connection.ServerProperties?.TryGetValue("version", out var version) == true && version is byte[] text ? VisibleText.Of(Encoding.UTF8.GetString(text)) : "of a version that it does not say";

    private Finding? OfVersion(string text) => Version.TryParse(text.Split('-', '+')[0], out var version) && InMinor(version) >= Known.First && InMinor(version) <= Known.Last
        ? null
        : Found(Verdict.Note, $"The broker is RabbitMQ {text}; the service is known to work with {Known.First} to {Known.Last}.");

    private static Version InMinor(Version version) => new(version.Major, version.Minor);

    /// <summary>What is wrong with a queue that is there; the service makes the others.</summary>
    private async Task<Finding?> OfQueueAsync(IConnection connection, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        if (await AnswerAsync(connection, channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken), cancellationToken) is { } absent)
        {
            return absent.ReplyCode == Constants.NotFound ? null : Found(Verdict.Wrong, $"The queue {queue} cannot be used: the broker answers '{absent.ReplyText}'.");
        }

        // It is there, so that nothing is made; the broker compares the arguments.
        var other = await AnswerAsync(
            connection, channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken), cancellationToken);
        return other?.ReplyCode switch
        {
            null or Constants.NotFound => null,
            Constants.PreconditionFailed when queue == ImportQueues.Requests => Found(
                Verdict.Wrong,
                $"The queue {queue} is not as the service declares it, and the service does not get its requests: the broker answers '{other.ReplyText}'. "
                + "Set Transport:RabbitMq:QueueType and DeliveryLimit as the queue has them, or delete the queue while it is empty."),
            Constants.PreconditionFailed => Found(
                Verdict.Wrong,
                $"The queue {queue} is not as the service declares it, and what goes wrong cannot be moved there: the broker answers '{other.ReplyText}'. Move its messages elsewhere and delete it; the service makes it again."),
            _ => Found(Verdict.Wrong, $"The queue {queue} cannot be declared: the broker answers '{other.ReplyText}'."),
        };
    }

    /// <summary>The first of the names by which the service writes and reads that its user may not use. Of an exchange that is not there yet the broker says so, or nothing.</summary>
    private async Task<Finding?> OfRightsAsync(IConnection connection, RabbitMqOptions broker, CancellationToken cancellationToken)
    {
        string[] names = [EventExchanges.Requests, .. EventExchanges.Names, ImportQueues.Requests, .. ImportQueues.ForOperators];
        foreach (var name in names)
        {
            var answer = await AnswerAsync(connection, channel => channel.ExchangeUnbindAsync(name, name, NoRoutingKey, cancellationToken: cancellationToken), cancellationToken);
            if (answer?.ReplyCode == Constants.AccessRefused)
            {
                return Found(
                    Verdict.Wrong,
                    $"The broker's user {VisibleText.Of(broker.Username)} may not do all that the service does: the broker answers '{answer.ReplyText}'. "
                    + "It needs the permissions configure, write and read for '^hokify[.-]' in the virtual host.");
            }
        }

        return null;
    }

    /// <summary>What the broker has against something; it closes the channel with that, so each try has one of its own.</summary>
    private static async Task<ShutdownEventArgs?> AnswerAsync(IConnection connection, Func<IChannel, Task> ask, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await ask(channel);
            return null;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { } reason)
        {
            return reason;
        }
    }

    private Finding Found(Verdict verdict, string sentence) => new(Subject, verdict, sentence);
}
