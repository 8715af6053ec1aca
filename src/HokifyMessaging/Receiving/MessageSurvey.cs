namespace HokifyMessaging.Receiving;

/// <summary>Why the messages of a queue wait.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Seen">How many messages were looked at, from the oldest on.</param>
/// <param name="Unseen">How many more there were.</param>
/// <param name="Groups">The reasons, the most frequent first.</param>
internal sealed record MessageSurvey(string Queue, long Seen, long Unseen, IReadOnlyList<MessageGroup> Groups)
{
    /// <summary>Why nothing was looked at; null where something was.</summary>
    public string? NotLookedAt { get; init; }
}

/// <summary>Messages that wait for the same reason, whatever numbers and names stand in it.</summary>
/// <param name="Reason">The reason; where it differs from message to message, with an ellipsis for what does.</param>
/// <param name="Count">How many they are.</param>
/// <param name="First">When the first of them that says so came there.</param>
/// <param name="Last">When the last one did.</param>
/// <param name="Example">The oldest of them.</param>
internal sealed record MessageGroup(string Reason, long Count, DateTimeOffset? First, DateTimeOffset? Last, MessageExample Example);

/// <summary>One of several messages.</summary>
/// <param name="MessageId">Its id; null where it has none.</param>
/// <param name="ScopeId">The scope that it asks an import of; null for a message that is no request.</param>
/// <param name="IdempotencyKey">The key of its run; likewise.</param>
internal sealed record MessageExample(string? MessageId, int? ScopeId, string? IdempotencyKey)
{
    /// <summary>The run; null where the database has none of that key, or was not asked.</summary>
    public Guid? RunId { get; init; }
}
