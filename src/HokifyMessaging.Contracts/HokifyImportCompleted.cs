using System.Text.Json.Serialization;
using HokifyMessaging.Contracts.Json;
using MassTransit;

namespace HokifyMessaging.Contracts;

/// <summary>
/// Tells how an import ended. Published once the result is stored, to any number of subscribers.
/// </summary>
/// <remarks>
/// <para>
/// Delivered at least once. A run that is announced again carries the same event with the same transport message id, so
/// that subscribers can tell; <see cref="RunId"/> does as well.
/// </para>
/// <para>
/// On the wire the members are camelCase, and those of <see cref="Result"/> PascalCase as in the ATS's API. Ignore members that
/// you do not know: only optional ones are ever added, and a breaking change would be a new URN and a new exchange.
/// </para>
/// </remarks>
[EntityName("hokify.import-completed")]
[MessageUrn("hokify:import-completed:v1")]
public sealed record HokifyImportCompleted
{
    /// <summary>The run, as operators see it and as <see cref="ExportImportResult.DownloadUrl"/> names it. Never empty. Source: ours.</summary>
    [JsonPropertyName("runId")]
    public Guid RunId { get; init; }

    /// <summary>The key that the run is known by: the request's own, or the one that it was given. 1 to 200 characters. Source: ours.</summary>
    [JsonPropertyName("idempotencyKey")]
    public string IdempotencyKey { get; init; } = "";

    /// <summary>The scope that was imported. Source: the ATS's API page.</summary>
    [JsonPropertyName("scopeId")]
    [JsonConverter(typeof(ScopeIdJsonConverter))]
    public int ScopeId { get; init; }

    /// <summary>The mode that was asked for; in JSON its name. Source: the ATS's API page.</summary>
    [JsonPropertyName("importMode")]
    public ImportMode ImportMode { get; init; }

    /// <summary>
    /// The start that was asked for, in seconds since 1970-01-01 UTC with fractions; null when none was. In JSON a number.
    /// Source: the ATS's API page.
    /// </summary>
    [JsonPropertyName("unixSecondsFrom")]
    [JsonConverter(typeof(UnixSecondsJsonConverter))]
    public decimal? UnixSecondsFrom { get; init; }

    /// <summary>True when the run only planned: <see cref="Result"/> then counts what would have been written. Source: ours.</summary>
    [JsonPropertyName("dryRun")]
    public bool DryRun { get; init; }

    /// <summary>
    /// Of a dry run, what names its plan: <see cref="HokifyImportRequested.PlanDigest"/> of a request that has exactly this applied; of a run that has applied a plan, which one.
    /// 64 hexadecimal digits in lower case. Null for every other run, and for a dry run whose plan was too large to be kept whole. Source: ours.
    /// </summary>
    [JsonPropertyName("planDigest")]
    public string? PlanDigest { get; init; }

    /// <summary>
    /// Who asked, as the request said; null when it did not. Over HTTP the API key's name, with <c>(on behalf of …)</c> where the
    /// request said so. Source: ours.
    /// </summary>
    [JsonPropertyName("requestedBy")]
    public string? RequestedBy { get; init; }

    /// <summary>When the run began; UTC. A run that was interrupted and resumed keeps its first beginning. Source: ours.</summary>
    [JsonPropertyName("startedAt")]
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the run ended; UTC, not before <see cref="StartedAt"/>. Source: ours.</summary>
    [JsonPropertyName("completedAt")]
    public DateTimeOffset CompletedAt { get; init; }

    /// <summary>What came of it. Never null. Source: the ATS's API page.</summary>
    [JsonPropertyName("result")]
    public ExportImportResult Result { get; init; } = new();
}
