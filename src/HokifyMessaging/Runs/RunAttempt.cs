using System.Text.Json.Serialization;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>One time that a worker had a run in hand: a slice, or what came of it before something went wrong.</summary>
/// <param name="Worker">Which process, where, for people.</param>
/// <param name="From">Since when.</param>
/// <param name="To">Until when; null while it is at it, and where it ended without a word.</param>
/// <param name="As">How the run stood then; null with it.</param>
internal sealed record RunAttempt(string Worker, DateTimeOffset From, DateTimeOffset? To = null, RunState? As = null)
{
    /// <summary>Those of half a day of slices; of a run that is tried for longer, the newest are the ones that somebody asks about.</summary>
    public const int Kept = 300;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The attempts as they are stored, with one more.</summary>
    public static string Begin(string? stored, string worker, DateTimeOffset now) => ToJson([.. Of(stored).TakeLast(Kept - 1), new RunAttempt(worker, now)]);

    /// <summary>The attempts as they are stored, of which the last has ended.</summary>
    public static string? End(string? stored, RunState state, DateTimeOffset now)
    {
        var attempts = Of(stored);
        return attempts is [.., { To: null } last] ? ToJson([.. attempts.SkipLast(1), last with { To = now, As = state }]) : stored;
    }

    /// <summary>The attempts, the oldest first; none of a run from before they were kept.</summary>
    public static IReadOnlyList<RunAttempt> Of(string? stored) => stored is null ? [] : JsonSerializer.Deserialize<List<RunAttempt>>(stored, Json)!;

    private static string ToJson(IReadOnlyList<RunAttempt> attempts) => JsonSerializer.Serialize(attempts, Json);
}
