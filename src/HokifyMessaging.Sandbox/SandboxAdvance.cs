namespace HokifyMessaging.Sandbox;

/// <summary>What happened when time passed. No application is in two of the lists.</summary>
/// <param name="New">Ids of the applications that came in.</param>
/// <param name="Changed">Ids of the applications that have another contact stage, another answer and, half of them, another phone number.</param>
/// <param name="Withdrawn">Ids of the applications that are in no list any more.</param>
/// <param name="ErasedPersons">Ids of the persons that were erased.</param>
/// <param name="Erased">Ids of these persons' applications.</param>
public sealed record SandboxAdvance(
    IReadOnlyList<string> New, IReadOnlyList<string> Changed, IReadOnlyList<string> Withdrawn, IReadOnlyList<string> ErasedPersons, IReadOnlyList<string> Erased);

/// <summary>How one mandator's applications stand.</summary>
/// <param name="Mandator">The mandator.</param>
/// <param name="Initial">How many applications there were at the start.</param>
/// <param name="Applications">How many are listed now.</param>
/// <param name="ErasedPersons">How many persons were erased.</param>
public sealed record SandboxState(string Mandator, int Initial, int Applications, int ErasedPersons);

/// <summary>A request to one of hokify's APIs, as the sandbox saw it. Credentials are not kept.</summary>
/// <param name="At">When it came, by the sandbox's clock.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Query">The query string with its question mark, or nothing.</param>
/// <param name="Mandator">Who asked, once that was known.</param>
/// <param name="Status">The status of the answer; null until there is one.</param>
public sealed record SandboxRequest(DateTimeOffset At, string Method, string Path, string Query, string? Mandator, int? Status);
