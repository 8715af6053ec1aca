using System.Text.RegularExpressions;
using HokifyMessaging.CheckUp;

namespace HokifyMessaging.Receiving;

/// <summary>What only the broker's management API tells: how long a request may be held, and who else is connected.</summary>
internal sealed partial class ManagementCheck(IOptions<TransportOptions> transport, IOptions<HokifyOptions> hokify) : ICheck
{
    /// <summary>How much longer than a slice the broker should wait: the checkpoint is written behind it, and a locked database is waited for.</summary>
    private const int Room = 2;

    public string Subject => "broker's management";

    public async IAsyncEnumerable<Finding> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (transport.Value.Kind == TransportKind.InMemory)
        {
            yield break;
        }

        using var management = new RabbitMqManagement(transport.Value.RabbitMq);
        TimeSpan? timeout = null;
        IReadOnlyList<string> connections = [];
        string? why = null;
        try
        {
            timeout = await management.ConsumerTimeoutAsync(cancellationToken);
            connections = await management.ConnectionNamesAsync(cancellationToken);
        }
        catch (ManagementException exception)
        {
            why = exception.Message;
        }

        if (why is not null)
        {
            yield return new Finding(Subject, Verdict.Unknown, $"{why} Without it 'hokify queues' and this check cannot look; the service needs it for nothing.");
            yield break;
        }

        var slice = hokify.Value.Import.SliceDuration;
        var isTooShort = timeout < slice * Room;
        if (isTooShort)
        {
            yield return new Finding(
                Subject,
                Verdict.Wrong,
                $"The broker takes a request away after {Seconds(timeout!.Value)} (consumer_timeout), and a worker holds one for {TimeLimit.Seconds(slice)} (Hokify:Import:SliceDuration): "
                + $"make the first at least {Room} times as long as the second.");
        }

        var others = connections.Select(name => NameOfService().Match(name)).Where(match => match.Success && match.Groups["version"].Value != ProductVersion.Text)
            .Select(match => $"{match.Groups["version"].Value} on {match.Groups["machine"].Value}").Distinct(StringComparer.Ordinal).ToList();
        if (others.Count > 0)
        {
            yield return new Finding(
                Subject,
                Verdict.Wrong,
                $"A service of another version is connected to the same virtual host: {VisibleText.Of(string.Join(", ", others))}; this one is {ProductVersion.Text}. Stop it, or bring it up to date.");
        }

        if (!isTooShort && others.Count == 0)
        {
            yield return new Finding(
                Subject,
                Verdict.Ok,
                timeout is { } known
                    ? $"The broker lets a worker hold a request for {Seconds(known)} (consumer_timeout), and it is held for {TimeLimit.Seconds(slice)}."
                    : $"{management.Address} answers. A worker holds a request for {Seconds(slice)}; the broker's own consumer_timeout, which it tells nobody, is 30 minutes unless somebody has changed it.");
        }
    }

    private static string Seconds(TimeSpan duration) => TimeLimit.InSeconds(duration);

    [GeneratedRegex($"^{RabbitMqTransport.Program} (?<version>\\S+) on (?<machine>.+)$")]
    private static partial Regex NameOfService();
}
