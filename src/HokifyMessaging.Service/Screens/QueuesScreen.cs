using HokifyMessaging.Receiving;
using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What waits at the broker, as people read it.</summary>
internal static class QueuesScreen
{
    private const string Messages = "messages";

    public static void Show(IAnsiConsole screen, IReadOnlyList<QueueState> queues)
    {
        var listing = new Listing(
            new("queue"), new("type"), new("ready", IsNumber: true, Stacked: Messages), new("unacknowledged", IsNumber: true, Stacked: Messages),
            new("consumers", IsNumber: true), new("oldest since"));
        foreach (var queue in queues)
        {
            listing.Add(
                [
                    queue.Name,
                    queue.Exists ? queue.Type : "not made yet",
                    Count(queue.Ready),
                    Count(queue.Unacknowledged),
                    Count(queue.Consumers),
                    ShownValue.Of(queue.Oldest?.Since),
                ],
                new("healed", queue.Healed is > 0 ? $"{Count(queue.Healed)} of them, whose runs are completed; 'hokify queues --clear-healed' takes them out" : null),
                new("reason", Reason(queue)));
        }

        listing.Write(screen);
        if (queues.Any(queue => queue.Ready > 1 && queue.Oldest is not null))
        {
            screen.Gap();
            screen.Say("The reason is that of the oldest message; 'hokify queues --all' has those of all.");
        }
    }

    public static void Show(IAnsiConsole screen, IReadOnlyList<MessageSurvey> surveys)
    {
        foreach (var (number, survey) in surveys.Index())
        {
            if (number > 0)
            {
                screen.Gap();
            }

            screen.Say($"{survey.Queue}: {Total(survey)}");
            foreach (var group in survey.Groups)
            {
                screen.Gap();
                screen.Say(group.Reason, indent: 2);
                Fact.Write(
                    screen,
                    [
                        new("messages", ShownValue.Of(group.Count)),
                        new("since", ShownValue.Of(group.First)),
                        new("last", group.Count > 1 ? ShownValue.Of(group.Last) : null),
                        new(group.Count > 1 ? "such as" : "message id", group.Example.MessageId ?? "a message without an id", IsWhole: true),
                        new("scope", group.Example.ScopeId is { } scope ? ShownValue.Of(scope) : null),
                        new("key", group.Example.IdempotencyKey, IsWhole: true),
                        new("run", group.Example.RunId?.ToString(), IsWhole: true),
                    ],
                    indent: 4);
            }
        }
    }

    private static string Total(MessageSurvey survey) => survey switch
    {
        { NotLookedAt: { } why } => $"not looked at: {why}.",
        { Unseen: > 0 } => Counted.Text($"the oldest {survey.Seen} {survey.Seen:message|messages}; {survey.Unseen} more {survey.Unseen:was|were} not looked at."),
        { Seen: 0 } => "no message.",
        { Seen: 1 } => "one message.",
        _ => FormattableString.Invariant($"{survey.Seen} messages, all of which were looked at and are where they were."),
    };

    private static string? Reason(QueueState queue) => queue switch
    {
        { Oldest: { } oldest } => oldest.Reason ?? "not said",
        { Exists: true, Ready: not 0 } when ImportQueues.ForOperators.Contains(queue.Name) && !RabbitMqManagement.MayBeLookedInto(queue.Type) =>
            "not looked at, because this type of queue counts that as a delivery",
        _ => null,
    };

    private static string Count(long? number) => number is { } known ? ShownValue.Of(known) : "unknown";
}
