using System.Text.Json.Serialization;
using HokifyMessaging.Contracts.Json;
using MassTransit;

namespace HokifyMessaging.Contracts;

/// <summary>
/// Tells that a request was refused, or that a run stopped without a result. Published once it is stored, to any number of subscribers;
/// one event for each time that it happens: a run that fails twice and then completes has two of these and then its
/// <see cref="HokifyImportCompleted"/>.
/// </summary>
/// <remarks>
/// <para>
/// Delivered at least once. An event that is announced again has the same transport message id, so that subscribers can tell. A refused
/// request that comes again, redelivered or moved back by an operator, is refused under the same message id, too: it follows from the
/// scope, the key and the reason.
/// </para>
/// <para>
/// <see cref="ScopeId"/> and <see cref="IdempotencyKey"/> tell to which request it belongs. Of a message that cannot be read they are there
/// as far as they can be made out.
/// </para>
/// <para>
/// On the wire the members are camelCase. Ignore members that you do not know: only optional ones are ever added, and a breaking change
/// would be a new URN and a new exchange.
/// </para>
/// </remarks>
[EntityName("hokify.import-failed")]
[MessageUrn("hokify:import-failed:v1")]
public sealed record HokifyImportFailed
{
    /// <summary>The run that stopped, as operators see it; null where the request has led to none. Source: ours.</summary>
    [JsonPropertyName("runId")]
    public Guid? RunId { get; init; }

    /// <summary>
    /// The key that the request gave: its own, else that of its header, else its transport message id; at most 200 characters, with
    /// escapes for what cannot be seen. Null where it gave none, or none that can be made out. Source: ours.
    /// </summary>
    [JsonPropertyName("idempotencyKey")]
    public string? IdempotencyKey { get; init; }

    /// <summary>The scope that was asked for, configured or not; null where that cannot be made out. Source: ours.</summary>
    [JsonPropertyName("scopeId")]
    [JsonConverter(typeof(ScopeIdJsonConverter))]
    public int? ScopeId { get; init; }

    /// <summary>What kind of failure it is; in JSON its name. Source: ours.</summary>
    [JsonPropertyName("kind")]
    public FailureKind Kind { get; init; }

    /// <summary>
    /// One sentence or two for people: what is wrong, and what would be right. 1 to 1,000 characters; no data of people and no words of the
    /// source. Its wording may change. Source: ours.
    /// </summary>
    [JsonPropertyName("reason")]
    public string Reason { get; init; } = "";

    /// <summary>When it happened; UTC. Source: ours.</summary>
    [JsonPropertyName("at")]
    public DateTimeOffset At { get; init; }

    /// <summary>
    /// When the run goes on by itself, or a little later when others of its scope are before it; UTC. Null with every kind but
    /// <see cref="FailureKind.Failed"/>, and with that one where no instant is known. Source: ours.
    /// </summary>
    [JsonPropertyName("resumesAt")]
    public DateTimeOffset? ResumesAt { get; init; }
}
