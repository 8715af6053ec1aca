using System.Text.Json.Serialization;
using HokifyMessaging.Contracts.Json;

namespace HokifyMessaging.Contracts;

/// <summary>
/// What an import did. The JSON is that of the ATS's API, member by member: PascalCase names in its order, nulls written,
/// whatever the naming policy of the serializer.
/// </summary>
/// <remarks>
/// The keys of the dictionaries are element names: <c>Candidate</c> (a person), <c>CandidateProfile</c> (an application) and
/// <c>ActivityLog</c>. One application counts once per element name that it touched. No dictionary is ever null; an element
/// name without a count may be missing.
/// </remarks>
public sealed record ExportImportResult
{
    /// <summary>Rows created, by element name; 0 or more. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(CreatedCounts))]
    [JsonPropertyOrder(1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(ElementNamesJsonConverter<int>))]
    public IReadOnlyDictionary<string, int> CreatedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Rows updated, by element name, soft-deleted rows that came back included; 0 or more. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(UpdatedCounts))]
    [JsonPropertyOrder(2)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(ElementNamesJsonConverter<int>))]
    public IReadOnlyDictionary<string, int> UpdatedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Rows soft-deleted by a full import, by element name; 0 or more. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(DeletedCounts))]
    [JsonPropertyOrder(3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(ElementNamesJsonConverter<int>))]
    public IReadOnlyDictionary<string, int> DeletedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Rows that were read and already stood there as they should, by element name; 0 or more. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(UnchangedCounts))]
    [JsonPropertyOrder(4)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(ElementNamesJsonConverter<int>))]
    public IReadOnlyDictionary<string, int> UnchangedCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// Failures, by element name, at most 100 for each; <see cref="ErrorCount"/> and the run's CSV have them all.
    /// Source: the ATS's API page; the limit is ours.
    /// </summary>
    [JsonPropertyName(nameof(Exceptions))]
    [JsonPropertyOrder(5)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(ElementNamesJsonConverter<IReadOnlyList<ImportException>>))]
    public IReadOnlyDictionary<string, IReadOnlyList<ImportException>> Exceptions { get; init; } =
        new Dictionary<string, IReadOnlyList<ImportException>>();

    /// <summary>
    /// Where the run's CSV can be downloaded: an absolute URL that is signed, so that it needs no API key, and expires (by
    /// default after 7 days). It opens personal data: keep it as one keeps a password. Null when no HTTP service runs beside
    /// the importer. Source: the ATS's API page.
    /// </summary>
    [JsonPropertyName(nameof(DownloadUrl))]
    [JsonPropertyOrder(6)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? DownloadUrl { get; init; }

    /// <summary>Created, updated, deleted and unchanged together, over all element names; 0 or more. Source: the ATS's API page.</summary>
    [JsonPropertyName(nameof(OkCount))]
    [JsonPropertyOrder(7)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int OkCount { get; init; }

    /// <summary>
    /// Failures over all element names, also those beyond the 100 that <see cref="Exceptions"/> holds; 0 or more.
    /// Source: the ATS's API page.
    /// </summary>
    [JsonPropertyName(nameof(ErrorCount))]
    [JsonPropertyOrder(8)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int ErrorCount { get; init; }

    /// <summary>
    /// Further figures, 0 or more each, at least: <c>Fetched</c>, <c>Pages</c>, <c>Batches</c>, <c>Duplicates</c>,
    /// <c>Rejected</c>, <c>Retried</c>, <c>RetriesSucceeded</c>, <c>Parked</c>, <c>UnknownFields</c>, <c>Erased</c> and
    /// <c>DurationMilliseconds</c>. Others may come. For each element name, <c>Fetched</c> + <c>Retried</c> are what was
    /// created, updated and unchanged plus <c>Stale</c>, <c>Erased</c>, <c>ErasedWithheld</c>, <c>Rejected</c>,
    /// <c>Failed</c> and <c>Duplicates</c>. Source: the ATS's API page; the names are ours.
    /// </summary>
    [JsonPropertyName(nameof(StatsCounter))]
    [JsonPropertyOrder(9)]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(ElementNamesJsonConverter<int>))]
    public IReadOnlyDictionary<string, int> StatsCounter { get; init; } = new Dictionary<string, int>();
}
