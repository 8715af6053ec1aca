using System.Text.Json.Serialization;

namespace HokifyMessaging.Sandbox;

/// <summary>What can go wrong on demand.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxFaultKind>))]
public enum SandboxFaultKind
{
    /// <summary>401 (or what <see cref="SandboxOptions.DeadToken"/> says); the token that was used is revoked, so that only a new login helps.</summary>
    Unauthorized,

    /// <summary>429 with <c>Retry-After</c>.</summary>
    TooManyRequests,

    /// <summary>500.</summary>
    InternalServerError,

    /// <summary>503, with <c>Retry-After</c> where <see cref="SandboxFault.RetryAfterSeconds"/> is set.</summary>
    ServiceUnavailable,

    /// <summary>The answer comes after <see cref="SandboxFault.Delay"/>.</summary>
    Slow,

    /// <summary>The answer comes after <see cref="SandboxFault.Delay"/> or after less, so that answers overtake each other.</summary>
    Disordered,

    /// <summary>The answer comes after <see cref="SandboxFault.Delay"/> for each call that is under way, this one included.</summary>
    Crowded,

    /// <summary>429, as <see cref="TooManyRequests"/>, while <see cref="SandboxFault.MostAtOnce"/> other calls of the mandator are under way.</summary>
    MostAtOnce,

    /// <summary>
    /// 429, as <see cref="TooManyRequests"/>, for what comes faster than a limit that moves up and down between <see cref="SandboxFault.LeastPerSecond"/> and
    /// <see cref="SandboxFault.MostPerSecond"/>. What was not used is kept for half a second.
    /// </summary>
    RateLimit,

    /// <summary>A page has half of what it should have, and more stands behind it.</summary>
    ShortPage,

    /// <summary>The connection ends after <see cref="SandboxFault.CutAfterBytes"/> of the body.</summary>
    CutConnection,

    /// <summary>The body has neither a length nor chunks and ends after <see cref="SandboxFault.CutAfterBytes"/> as if that were all.</summary>
    UnsaidEnd,

    /// <summary>A page is answered with the content of the page before it. Counts only calls with an offset above 0.</summary>
    RepeatedPage,

    /// <summary>The offset is taken as 0. Counts only calls with an offset above 0.</summary>
    IgnoredOffset,

    /// <summary>
    /// Before the call is answered, hokify's data moves as <see cref="SandboxFault.Moves"/> says: whoever pages through a list finds
    /// it changed. Counts only calls with an offset above 0.
    /// </summary>
    MovingList,

    /// <summary>A page has its first application twice, and the server counts it once.</summary>
    RepeatedRecord,

    /// <summary>An offset behind the last record is answered with the last page again.</summary>
    RepeatedLastPage,

    /// <summary>Members that no documentation knows, at several depths of every record.</summary>
    UnknownMembers,

    /// <summary>200 with an HTML page, as a proxy would send it.</summary>
    NotJson,

    /// <summary>200 with an object where a list is due (a list where an object is due, at a login).</summary>
    WrongShape,

    /// <summary>A record without <c>_id</c> (<c>matchId</c>).</summary>
    MissingId,

    /// <summary>A record with a birthday that is no date.</summary>
    BrokenBirthday,

    /// <summary>A record with a display name of 10,000 characters.</summary>
    OverlongText,

    /// <summary>A record with the <c>_id</c> of another person's application.</summary>
    DuplicateId,

    /// <summary>A record whose <c>user</c> is null (without any of the person's members, in the API of 2018).</summary>
    NullUser,

    /// <summary>A record with a <c>lastupdate</c> that is no date (<c>applicationDate</c> in the API of 2018, which has no other).</summary>
    BrokenLastUpdate,

    /// <summary>An answer that no reader can hold: <see cref="SandboxFault.Bomb"/>.</summary>
    Bomb,
}

/// <summary>Which calls a fault concerns.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxCall>))]
public enum SandboxCall
{
    /// <summary>Calls that list applications.</summary>
    Fetch,

    /// <summary>Calls that hand out tokens.</summary>
    Login,

    /// <summary>Both.</summary>
    Any,
}

/// <summary>
/// Something that goes wrong. Most kinds count calls: <see cref="After"/> of them go well, the next <see cref="Times"/> do not.
/// The kinds that break single records count records as they are sent, and a record once broken stays so, in every list, until
/// the faults are cleared: it is the data that is bad, not the call.
/// </summary>
/// <param name="Kind">What goes wrong.</param>
public sealed record SandboxFault(SandboxFaultKind Kind)
{
    /// <summary>How many calls (or records) go well before. Default: 0.</summary>
    public int After { get; init; }

    /// <summary>How many calls (or records) are hit. Default: 1; null means all until the faults are cleared.</summary>
    public int? Times { get; init; } = 1;

    /// <summary>Which calls are concerned. Default: those that list applications. Without effect on broken records.</summary>
    public SandboxCall On { get; init; } = SandboxCall.Fetch;

    /// <summary>Concerns this mandator only. Default: null, everybody.</summary>
    public string? Mandator { get; init; }

    /// <summary>Concerns only calls for a page that this offset is on. Default: null, all.</summary>
    public int? Offset { get; init; }

    /// <summary>How many other calls may be under way under <see cref="SandboxFaultKind.MostAtOnce"/>. Default: 1.</summary>
    public int MostAtOnce { get; init; } = 1;

    /// <summary>The lowest limit of <see cref="SandboxFaultKind.RateLimit"/>, where it begins. Default: 5 calls a second.</summary>
    public double LeastPerSecond { get; init; } = 5;

    /// <summary>The highest limit of <see cref="SandboxFaultKind.RateLimit"/>. Default: 50 calls a second.</summary>
    public double MostPerSecond { get; init; } = 50;

    /// <summary>How long <see cref="SandboxFaultKind.RateLimit"/> takes from the lowest limit to the highest and back, in real time. Default: a minute.</summary>
    public TimeSpan Swing { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Breaks this application and no other; only for kinds that break records. Default: null, whichever comes.</summary>
    public string? ApplicationId { get; init; }

    /// <summary>How the data moves under <see cref="SandboxFaultKind.MovingList"/>. Default: one application changes.</summary>
    public SandboxMove Moves { get; init; } = new(Changed: 1);

    /// <summary>How late the answer of <see cref="SandboxFaultKind.Slow"/>, <see cref="SandboxFaultKind.Disordered"/> and <see cref="SandboxFaultKind.Crowded"/> comes, in real time. Default: one second.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The <c>Retry-After</c> of 429 and 503. Default: 1 second; null leaves the header out; below 0 is nonsense, or a date that is past.
    /// </summary>
    public int? RetryAfterSeconds { get; init; } = 1;

    /// <summary>Send <c>Retry-After</c> as a date instead of seconds. Default: false.</summary>
    public bool RetryAfterAsDate { get; init; }

    /// <summary>
    /// How much of the body <see cref="SandboxFaultKind.CutConnection"/> and <see cref="SandboxFaultKind.UnsaidEnd"/> let through. Default: 512 bytes;
    /// a shorter body lacks its last byte with the former and is whole with the latter.
    /// </summary>
    public int CutAfterBytes { get; init; } = 512;

    /// <summary>What <see cref="SandboxFaultKind.Bomb"/> answers with. Default: an item with a text without end.</summary>
    public SandboxBomb Bomb { get; init; }

    /// <summary>How long the answer of <see cref="SandboxFaultKind.Bomb"/> is before it is compressed. Default: 1 GB.</summary>
    public long BombBytes { get; init; } = 1L << 30;

    /// <summary>The <c>Content-Encoding</c> of <see cref="SandboxFaultKind.Bomb"/>: gzip, br, deflate or several of them, with commas. Default: none.</summary>
    public string Packing { get; init; } = "";

    /// <summary>The status of <see cref="SandboxFaultKind.Bomb"/>. Default: 200.</summary>
    public int BombStatus { get; init; } = 200;
}

/// <summary>What happens to hokify's data while somebody reads it.</summary>
/// <param name="New">How many applications come in.</param>
/// <param name="Changed">How many change.</param>
/// <param name="Withdrawn">How many disappear from every list.</param>
public sealed record SandboxMove(int New = 0, int Changed = 0, int Withdrawn = 0);

/// <summary>A fault that is switched on and how often it has struck.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="Hits">How many calls (or records) it has hit so far.</param>
public sealed record SandboxFaultState(SandboxFault Fault, int Hits)
{
    /// <summary>How many calls <see cref="SandboxFaultKind.RateLimit"/> would have let pass from the first one to the last. Default: 0.</summary>
    public double Allowed { get; init; }
}
