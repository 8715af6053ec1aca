using System.Collections.Concurrent;
using System.Security.Cryptography;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Why deliveries came back: what this process knows of the messages that it had in hand when the broker took its consumer
/// away, or that it could pass to no queue. The broker itself remembers how often at most, and only in a quorum queue.
/// </summary>
internal sealed class DeliveryLog(TimeProvider clock)
{
    /// <summary>Each is forgotten when its message is through; of messages that another process has brought through nobody tells.</summary>
    private const int MostRemembered = 1000;

    private readonly ConcurrentDictionary<string, InHand> _inHand = new();
    private readonly ConcurrentDictionary<string, Returned> _returned = new();

    /// <summary>By what a message is known when it comes again: a broker's delivery has no id that lasts.</summary>
    public static string NameOf(ReceiveContext message) => Convert.ToHexString(SHA256.HashData(message.GetBody()));

    /// <summary>The message is in hand until it is <see cref="End"/>ed.</summary>
    /// <returns>How often it came back before.</returns>
    public int Begin(string message)
    {
        _inHand.AddOrUpdate(message, _ => new InHand(1, clock.GetUtcNow()), (_, held) => held with { Copies = held.Copies + 1 });
        return Times(message);
    }

    /// <param name="message">The message.</param>
    /// <param name="before">What <see cref="Begin"/> said.</param>
    /// <param name="failure">Why it could not be brought to its end; null when it could. What the broker has said of the same delivery says more.</param>
    public void End(string message, int before, string? failure)
    {
        if (_inHand.AddOrUpdate(message, _ => default, (_, held) => held with { Copies = held.Copies - 1 }) is { Copies: <= 0 } ended)
        {
            _inHand.TryRemove(KeyValuePair.Create(message, ended));
        }

        if (failure is not null && Times(message) == before)
        {
            Remember(message, failure);
        }
    }

    public void Forget(string message) => _returned.TryRemove(message, out _);

    /// <summary>How long the message is in hand that was taken first of those that are; null where none is.</summary>
    public TimeSpan? LongestInHand() => clock.GetUtcNow() - _inHand.Values.Min(held => (DateTimeOffset?)held.Since);

    /// <summary>The consumer is gone, and with it what it had in hand.</summary>
    public void Lost(string reason)
    {
        foreach (var message in _inHand.Keys)
        {
            Remember(message, reason);
        }
    }

    /// <summary>Half a sentence, without a full stop, about the last time that the message came back to the broker; null when this process knows of none.</summary>
    public string? ReasonOf(string message) => _returned.GetValueOrDefault(message)?.Reason;

    private int Times(string message) => _returned.GetValueOrDefault(message)?.Times ?? 0;

    private void Remember(string message, string reason)
    {
        _returned.AddOrUpdate(message, _ => new Returned(reason, 1, clock.GetUtcNow()), (_, before) => new Returned(reason, before.Times + 1, clock.GetUtcNow()));
        while (_returned.Count > MostRemembered)
        {
            _returned.TryRemove(_returned.MinBy(known => known.Value.At).Key, out _);
        }
    }

    private readonly record struct InHand(int Copies, DateTimeOffset Since);

    private sealed record Returned(string Reason, int Times, DateTimeOffset At);
}
