using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RabbitMQ.Client;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A message as it is on the wire, as text: all of its properties and headers with their types, and its body byte for byte. What is another one each time has its name instead.</summary>
internal static partial class WireText
{
    /// <summary>Members of bodies, and headers, that are another one on each machine, in each process and at each moment.</summary>
    private static readonly string[] Changing =
    [
        "messageId", "conversationId", "initiatorId", "correlationId", "sentTime", "machineName", "processName", "processId", "assembly", "assemblyVersion", "frameworkVersion",
        "massTransitVersion", "operatingSystemVersion", "runId", "startedAt", "completedAt", "at", "resumesAt", "DurationMilliseconds", "Hokify-Nudge", "x-dotnet-pub-seq-no",
    ];

    /// <param name="message">The message.</param>
    /// <param name="made">The ids that are made out of a scope and a key, by which subscribers know an event again: these stay.</param>
    public static string Of(BasicGetResult message, IReadOnlyCollection<string> made)
    {
        var text = new StringBuilder();
        Say("exchange", message.Exchange);
        Say("routing key", message.RoutingKey.Length > 0 ? message.RoutingKey : "(empty)");
        foreach (var (name, value) in Properties(message.BasicProperties, made))
        {
            Say(name, value);
        }

        foreach (var (name, value) in (message.BasicProperties.Headers ?? new Dictionary<string, object?>()).OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            Say($"header {name}", Masked(name, value));
        }

        text.Append('\n').Append(Body(message.Body, made));
        return Place(text.ToString());

        void Say(string name, object? value) => text.Append(name.PadRight(40)).Append(Typed(value)).Append('\n');
    }

    private static IEnumerable<(string Name, string? Value)> Properties(IReadOnlyBasicProperties properties, IReadOnlyCollection<string> made)
    {
        if (properties.IsContentTypePresent())
        {
            yield return ("content type", properties.ContentType);
        }

        if (properties.IsContentEncodingPresent())
        {
            yield return ("content encoding", properties.ContentEncoding);
        }

        if (properties.IsDeliveryModePresent())
        {
            yield return ("delivery mode", ((int)properties.DeliveryMode).ToString(CultureInfo.InvariantCulture));
        }

        if (properties.IsPriorityPresent())
        {
            yield return ("priority", properties.Priority.ToString(CultureInfo.InvariantCulture));
        }

        if (properties.IsCorrelationIdPresent())
        {
            yield return ("correlation id", Id(properties.CorrelationId, "{correlation id}", made));
        }

        if (properties.IsReplyToPresent())
        {
            yield return ("reply to", properties.ReplyTo);
        }

        if (properties.IsExpirationPresent())
        {
            yield return ("expiration", properties.Expiration);
        }

        if (properties.IsMessageIdPresent())
        {
            yield return ("message id", Id(properties.MessageId, "{message id}", made));
        }

        if (properties.IsTimestampPresent())
        {
            yield return ("timestamp", "{seconds since 1970}");
        }

        if (properties.IsTypePresent())
        {
            yield return ("type", properties.Type);
        }

        if (properties.IsUserIdPresent())
        {
            yield return ("user id", properties.UserId);
        }

        if (properties.IsAppIdPresent())
        {
            yield return ("app id", properties.AppId);
        }

        if (properties.IsClusterIdPresent())
        {
            yield return ("cluster id", properties.ClusterId);
        }
    }

    private static string? Id(string? id, string name, IReadOnlyCollection<string> made) => Guid.TryParse(id, out _) && !made.Contains(id) ? name : id;

    private static object? Masked(string name, object? value) =>
        Changing.Contains(name) || name.StartsWith("MT-Host-", StringComparison.Ordinal) || name is "MT-Fault-Timestamp" or "MT-Fault-StackTrace" ? $"{{{name}}}" : value;

    private static string Typed(object? value) => value switch
    {
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        IList list => $"[{string.Join(", ", list.Cast<object?>().Select(Typed))}]",
        IDictionary<string, object?> table => $"{{{string.Join(", ", table.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {Typed(entry.Value)}"))}}}",
        null => "null",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value} ({value.GetType().Name})"),
    };

    private static string Body(ReadOnlyMemory<byte> body, IReadOnlyCollection<string> made) => Member().Replace(
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.Span),
        member => Changing.Contains(member.Groups["name"].Value) && member.Groups["value"].Value != "null"
                && !made.Contains(member.Groups["value"].Value.Trim('"'))
            ? $"\"{member.Groups["name"].Value}\": {{{member.Groups["name"].Value}}}"
            : member.Value);

    private static string Place(string text) => Bus().Replace(Broker().Replace(text, "rabbitmq://{broker}/{virtual host}/"), "{a bus of its own}");

    [GeneratedRegex("\"(?<name>[A-Za-z-]+)\": (?<value>\"[^\"]*\"|-?[0-9.]+|null)")]
    private static partial Regex Member();

    [GeneratedRegex("rabbitmq://[^/\"]+/[^/\"]+/")]
    private static partial Regex Broker();

    [GeneratedRegex("[A-Za-z0-9_.-]+_bus_[a-z0-9]+(?=\\?temporary=true)")]
    private static partial Regex Bus();
}
