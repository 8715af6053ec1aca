using System.Collections;
using System.Text.RegularExpressions;
using HokifyMessaging.Runs.Queries;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Goes through all messages of a queue and groups them by why they are there. They are taken without being acknowledged, so that the broker puts
/// each back in its place, also when this process dies. Nothing of them is kept but what the groups say. Only for a classic queue: others count
/// each look as a delivery.
/// </summary>
internal sealed partial class WaitingMessages(RunQueries runs, TimeProvider clock)
{
    /// <summary>The broker remembers each until the look is over.</summary>
    public const int MostLooked = 100_000;

    /// <summary>Reasons beyond these are counted together.</summary>
    private const int MostGroups = 100;

    private const string OtherReasons = "other reasons";

    /// <summary>Looks at the messages of some queues.</summary>
    /// <param name="broker">Where they are.</param>
    /// <param name="queues">The queues.</param>
    /// <param name="cancellationToken">Gives up; what was taken goes back.</param>
    public async Task<IReadOnlyList<MessageSurvey>> SurveyAsync(RabbitMqOptions broker, IEnumerable<QueueState> queues, CancellationToken cancellationToken)
    {
        await using var connection = await RabbitMqConnection.OpenAsync(broker, "hokify queues", cancellationToken);
        var surveys = new List<MessageSurvey>();
        foreach (var queue in queues)
        {
            surveys.Add(!queue.Exists
                ? new MessageSurvey(queue.Name, 0, 0, [])
                : !RabbitMqManagement.MayBeLookedInto(queue.Type)
                    ? new MessageSurvey(queue.Name, 0, queue.Ready ?? 0, []) { NotLookedAt = $"a {queue.Type} queue counts each look at a message as a delivery" }
                    : await SurveyAsync(connection, queue.Name, cancellationToken));
        }

        return surveys;
    }

    /// <summary>The same, with the runs of the examples, as the database knows them.</summary>
    public async Task<IReadOnlyList<MessageSurvey>> WithRunsAsync(IReadOnlyList<MessageSurvey> surveys, CancellationToken cancellationToken)
    {
        var found = new List<MessageSurvey>();
        foreach (var survey in surveys)
        {
            var groups = new List<MessageGroup>();
            foreach (var group in survey.Groups)
            {
                var known = group.Example.IdempotencyKey is { } key ? await runs.OfKeyAsync(key, cancellationToken) : [];
                var run = known.Where(one => one.ScopeId == group.Example.ScopeId).Select(one => (Guid?)one.RunId).SingleOrDefault();
                groups.Add(group with { Example = group.Example with { RunId = run } });
            }

            found.Add(survey with { Groups = groups });
        }

        return found;
    }

    private async Task<MessageSurvey> SurveyAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var (seen, unseen, groups) = (0L, 0L, new Dictionary<string, Group>(StringComparer.Ordinal));

        // What comes while this looks is not looked at: else a queue that fills as fast would never be through.
        for (long left = 1; left > 0 && seen < MostLooked; left--)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is not { } message)
            {
                break;
            }

            left = seen == 0 ? message.MessageCount + 1 : left;
            unseen = left - 1;
            seen++;
            var (reason, since) = Reason(message.BasicProperties.Headers);
            var pattern = Differing().Replace(reason, "…");
            if (!groups.ContainsKey(pattern) && groups.Count >= MostGroups)
            {
                (reason, pattern) = (OtherReasons, OtherReasons);
            }

            if (!groups.TryGetValue(pattern, out var group))
            {
                groups[pattern] = group = new Group(reason, ExampleOf(message));
            }

            group.Add(reason, pattern, since);
        }

        await channel.CloseAsync(cancellationToken);
        return new MessageSurvey(queue, seen, unseen, [.. groups.Values.Select(group => group.Told).OrderByDescending(group => group.Count)]);
    }

    private MessageExample ExampleOf(BasicGetResult message)
    {
        var request = StoredRequest.Read(message.Body, message.BasicProperties, clock.GetUtcNow());
        return new MessageExample(message.BasicProperties.MessageId is { Length: > 0 } id ? id : null, request?.ScopeId, request?.IdempotencyKey);
    }

    private static (string Reason, DateTimeOffset? Since) Reason(IDictionary<string, object?>? headers)
    {
        var death = (Value(headers, "x-death") as IList)?.Cast<object?>().FirstOrDefault() as IDictionary<string, object?>;
        var reason = Text(headers, "MT-Fault-Message") ?? Text(death, "reason") ?? Text(headers, "MT-Reason") ?? "not said";
        DateTimeOffset? since = DateTimeOffset.TryParse(Text(headers, "MT-Fault-Timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : Value(death, "time") is AmqpTimestamp { UnixTime: var seconds } ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        return (reason, since);
    }

    private static string? Text(IDictionary<string, object?>? table, string name) => Value(table, name) switch
    {
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        _ => null,
    };

    private static object? Value(IDictionary<string, object?>? table, string name) => table is not null && table.TryGetValue(name, out var value) ? value : null;

    /// <summary>What is another one in each sentence of the same meaning: names in quotation marks, ids and numbers.</summary>
    [GeneratedRegex("'[^']*'|\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b|\\b[0-9a-f]{16,}\\b|[0-9]+", RegexOptions.IgnoreCase)]
    private static partial Regex Differing();

    private sealed class Group(string reason, MessageExample example)
    {
        private string _reason = reason;
        private long _count;
        private DateTimeOffset? _first;
        private DateTimeOffset? _last;

        public MessageGroup Told => new(_reason, _count, _first, _last, example);

        public void Add(string another, string pattern, DateTimeOffset? since)
        {
            _count++;
            _reason = another == _reason ? _reason : pattern;
            _first = since < _first || _first is null ? since : _first;
            _last = since > _last || _last is null ? since : _last;
        }
    }
}
