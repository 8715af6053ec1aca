using System.Text.Json.Serialization;
using HokifyMessaging.Contracts.Json;

namespace HokifyMessaging.Contracts;

/// <summary>
/// Why there is no result. In JSON: the name in any case (<c>"Refused"</c>, <c>"gaveUp"</c>) or its number (<c>0</c> to <c>3</c>, also as
/// a string); anything else is refused. Always written as the name.
/// </summary>
/// <remarks>Source: ours.</remarks>
[JsonConverter(typeof(FailureKindJsonConverter))]
public enum FailureKind
{
    /// <summary>
    /// The request is wrong: it cannot be read, has a member that is not known, asks for a scope that is not configured, has a key that
    /// belongs to another request. Nothing was done, and the same request would be refused again.
    /// </summary>
    Refused = 0,

    /// <summary>
    /// The run stopped at its checkpoint and goes on by itself: at <see cref="HokifyImportFailed.ResumesAt"/> or, where that is null, as soon
    /// as what the reason names is in order again. Another event tells of its next end.
    /// </summary>
    Failed = 1,

    /// <summary>
    /// Nobody goes on until somebody asks again, with the same request: the run's retries are used up, or what stopped it would only stop
    /// it again; or the request could not be stored, so that there is no run.
    /// </summary>
    GaveUp = 2,

    /// <summary>Somebody asked that the run stop. It stands at its checkpoint, and the same request again has it go on there.</summary>
    Cancelled = 3,
}
