namespace HokifyMessaging.Service.Http.Keys;

/// <summary>
/// What a caller may do. Each is the name of a policy, for <c>RequireAuthorization</c>, and the value of a claim.
/// No right implies another, so that a key may do what stands beside it in the configuration and nothing else.
/// </summary>
internal static class Rights
{
    /// <summary>See runs, their records and their results.</summary>
    public const string Read = "read";

    /// <summary>Start imports, and be told their results.</summary>
    public const string Import = "import";

    /// <summary>Intervene: cancel what others started, erase people, see who has done what.</summary>
    public const string Operate = "operate";

    /// <summary>See values of people, wherever another right lets one look: without it they are masked.</summary>
    public const string Personal = "personal";

    public static readonly IReadOnlyList<string> All = [Read, Import, Operate, Personal];
}
