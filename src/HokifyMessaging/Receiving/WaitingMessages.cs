using HokifyMessaging.Runs.Queries;
using RabbitMQ.Client;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Goes through all messages of a queue and groups them by why they are there. They are taken without being acknowledged, so that the broker puts
/// each back in its place, also when this process dies. Nothing of them is kept but what the groups say. Only for a classic queue: others count
/// each look as a delivery.
/// </summary>
internal sealed class WaitingMessages(RunQueries runs, TimeProvider clock)
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
            var waiting = WaitingReason.Of(message.BasicProperties.Headers);
            var (reason, pattern) = (waiting.Text, waiting.Pattern);
            if (!groups.ContainsKey(pattern) && groups.Count >= MostGroups)
            {
                (reason, pattern) = (OtherReasons, OtherReasons);
            }

            if (!groups.TryGetValue(pattern, out var group))
            {
                groups[pattern] = group = new Group(reason, ExampleOf(message));
            }

            group.Add(reason, pattern, waiting.Since);
        }

        await channel.CloseAsync(cancellationToken);
        return new MessageSurvey(queue, seen, unseen, [.. groups.Values.Select(group => group.Told).OrderByDescending(group => group.Count)]);
    }

    private MessageExample ExampleOf(BasicGetResult message)
    {
        var request = StoredRequest.Read(message.Body, message.BasicProperties, clock.GetUtcNow());
        return new MessageExample(message.BasicProperties.MessageId is { Length: > 0 } id ? id : null, request?.ScopeId, request?.IdempotencyKey);
    }

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
