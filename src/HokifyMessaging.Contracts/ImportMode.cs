using System.Text.Json.Serialization;
using HokifyMessaging.Contracts.Json;

namespace HokifyMessaging.Contracts;

/// <summary>
/// What an import reads. In JSON: the name in any case (<c>"Incremental"</c>, <c>"full"</c>) or its number
/// (<c>0</c>, <c>1</c>, also as a string); anything else is refused. Always written as the name.
/// </summary>
/// <remarks>Source: the ATS's API page, which knows <see cref="Incremental"/> only; <see cref="Full"/> is ours.</remarks>
[JsonConverter(typeof(ImportModeJsonConverter))]
public enum ImportMode
{
    /// <summary>
    /// What is new or changed since <see cref="HokifyImportRequested.UnixSecondsFrom"/>, else since the scope's watermark,
    /// else everything. The default. Source: the ATS's API page.
    /// </summary>
    Incremental = 0,

    /// <summary>
    /// Everything; afterwards what the source no longer has is soft-deleted, if the read reached its end without an error
    /// and the number of rows to delete stays within the configured guard. Source: ours.
    /// </summary>
    Full = 1,
}
