using System.Text.Json.Serialization;
using HokifyMessaging.Contracts.Json;
using MassTransit;

namespace HokifyMessaging.Contracts;

/// <summary>
/// Asks for one import of a scope's applications from hokify. Every member is optional: an empty object asks for an
/// incremental import of scope 1.
/// </summary>
/// <remarks>
/// <para>
/// Publish it through MassTransit, or as a raw JSON object to the exchange <c>hokify.import-requested</c>. On the wire the
/// members are camelCase; the importer reads them in any case, and refuses members that it does not know or that come twice.
/// </para>
/// <para>
/// A request that cannot be read, or that asks for something that does not exist, is not retried: it goes to the queue
/// <c>hokify-import_error</c> with one sentence that says what would be right.
/// </para>
/// <para>
/// Only optional members are ever added. A breaking change would be a new URN and a new exchange.
/// </para>
/// </remarks>
[EntityName("hokify.import-requested")]
[MessageUrn("hokify:import-requested:v1")]
public sealed record HokifyImportRequested
{
    /// <summary>
    /// The scope (tenant) whose applications are imported. Default: 1. Range: the ids of the configured scopes; another one
    /// is refused. In JSON a whole number, or the same as a string; null is refused. Source: the ATS's API page.
    /// </summary>
    // Its default is not the CLR's: a serializer that leaves defaults out would turn 0 into 1.
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonPropertyName("scopeId")]
    [JsonConverter(typeof(ScopeIdJsonConverter))]
    public int ScopeId { get; init; } = 1;

    /// <summary>
    /// What to read. Default: <see cref="ImportMode.Incremental"/>. In JSON the name in any case, or 0 or 1; null and
    /// anything else is refused. Source: the ATS's API page.
    /// </summary>
    [JsonPropertyName("importMode")]
    public ImportMode ImportMode { get; init; } = ImportMode.Incremental;

    /// <summary>
    /// From when on an incremental import reads, in seconds since 1970-01-01 UTC; fractions count. Default: null, which reads
    /// from the scope's watermark minus the configured overlap, or everything when there is no watermark yet. Range:
    /// 946684800 (the year 2000) to now; anything else is refused, as is a start for a full import, which reads everything.
    /// In JSON a number, or the same as a string with a decimal point; a blank string is refused, never read as 0.
    /// Source: the ATS's API page.
    /// </summary>
    [JsonPropertyName("unixSecondsFrom")]
    [JsonConverter(typeof(UnixSecondsJsonConverter))]
    public decimal? UnixSecondsFrom { get; init; }

    /// <summary>
    /// Names the run within its scope: the same key again resumes the run, or has its stored result announced again, and never
    /// imports twice; other scopes may use the same key for runs of their own. At most 200 characters, no control, format or
    /// bidirectional ones among them, and no blanks at the ends. Default: null; then the header <c>Idempotency-Key</c> counts, then the transport's message id, and without either the request
    /// gets a fresh key, so that its replay is a new run.
    /// Requests that wait and bring no key, neither here nor in that header, and ask for the same may be answered by one import, each by an event of its own. The same key with other members is refused. Source: ours.
    /// </summary>
    [JsonPropertyName("idempotencyKey")]
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// True to read, plan and count, but to write no candidate and to move no watermark. Default: false. In JSON a boolean;
    /// anything else is refused. Source: ours.
    /// </summary>
    [JsonPropertyName("dryRun")]
    public bool DryRun { get; init; }

    /// <summary>
    /// Who or what asked; free text that operators see and that the completion repeats. At most 200 characters, none of them a
    /// control, format or line-separator character. Default: null. Name a system or a role here rather than a person: it is
    /// shown. Over HTTP the API key's name says who asked, always, and this says on whose behalf: the run and the completion have
    /// <c>name (on behalf of …)</c>, at most 200 characters in all. Source: ours.
    /// </summary>
    [JsonPropertyName("requestedBy")]
    public string? RequestedBy { get; init; }

    /// <summary>
    /// How many applications the run may delete although the deletion guard would refuse it: accepts once that so many are gone at the
    /// source, and all of them where the source has none any more. Default: null, which leaves it to the guard. Range: 0 or more; only with
    /// <see cref="ImportMode.Full"/>, because no other mode deletes what is gone. Whatever else forbids a deletion, such as a read that did
    /// not reach its end, still does. In JSON a whole number, or the same as a string; a blank string is refused. Source: ours.
    /// </summary>
    [JsonPropertyName("allowDeletions")]
    [JsonConverter(typeof(AllowDeletionsJsonConverter))]
    public int? AllowDeletions { get; init; }

    /// <summary>
    /// Has exactly the plan applied that a dry run of the scope has made, and nothing else: <see cref="HokifyImportCompleted.PlanDigest"/> of its completion, 64
    /// hexadecimal digits in lower case. The plan is made again first; where hokify or the database has moved since, the request is refused with the differences, and nothing is
    /// written. Default: null, which imports what there is. Not with <see cref="DryRun"/>; what <see cref="ImportMode"/>, <see cref="UnixSecondsFrom"/> and
    /// <see cref="AllowDeletions"/> leave out is as the dry run had it, and anything else in them is refused, as is a digest of which the scope has no plan. Source: ours.
    /// </summary>
    [JsonPropertyName("planDigest")]
    public string? PlanDigest { get; init; }
}
