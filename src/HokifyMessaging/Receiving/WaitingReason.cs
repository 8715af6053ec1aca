using System.Collections;
using System.Text.RegularExpressions;
using MassTransit;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>Why a message waits for an operator, as its headers tell.</summary>
/// <param name="Text">The fault's sentence, or the broker's word for it.</param>
/// <param name="Since">Since when; null when the message does not say.</param>
internal sealed partial record WaitingReason(string Text, DateTimeOffset? Since)
{
    /// <summary>Stands in a reason for what is another one in each sentence of the same meaning.</summary>
    private const char Ellipsis = '…';

    /// <summary>The reason with an ellipsis for names in quotation marks, ids and numbers.</summary>
    public string Pattern => Differing().Replace(Text, $"{Ellipsis}");

    public static WaitingReason Of(IDictionary<string, object?>? headers)
    {
        var death = Death(headers);
        DateTimeOffset? since = DateTimeOffset.TryParse(Word(headers, MessageHeaders.FaultTimestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : Value(death, "time") is AmqpTimestamp { UnixTime: var seconds } ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        return new WaitingReason(Word(headers, MessageHeaders.FaultMessage) ?? KindOf(headers) ?? "not said", since);
    }

    /// <summary>The broker's word for why it was put aside, or the bus's: <c>fault</c>, <c>delivery_limit</c>; null where there is none.</summary>
    public static string? KindOf(IDictionary<string, object?>? headers) => Word(Death(headers), "reason") ?? Word(headers, MessageHeaders.Reason);

    /// <summary>Whether somebody who names a part of a reason means this one; an ellipsis there stands for anything, as lists of reasons have it.</summary>
    public bool IsMeantBy(string part) =>
        Regex.IsMatch(Text, string.Join(".*", part.Split(Ellipsis).Select(Regex.Escape)), RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);

    private static IDictionary<string, object?>? Death(IDictionary<string, object?>? headers) =>
        (Value(headers, "x-death") as IList)?.Cast<object?>().FirstOrDefault() as IDictionary<string, object?>;

    private static string? Word(IDictionary<string, object?>? table, string name) => Value(table, name) switch
    {
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        _ => null,
    };

    private static object? Value(IDictionary<string, object?>? table, string name) => table is not null && table.TryGetValue(name, out var value) ? value : null;

    [GeneratedRegex("'[^']*'|\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b|\\b[0-9a-f]{16,}\\b|[0-9]+", RegexOptions.IgnoreCase)]
    private static partial Regex Differing();
}
