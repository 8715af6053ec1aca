using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>Who asks for an erasure.</summary>
/// <param name="Name">The user of the operating system, or the API key.</param>
/// <param name="Machine">The machine of the program that is asked.</param>
/// <param name="Reason">Why; null where nothing was said. It is kept for good, so it should not name the person.</param>
internal sealed record ErasureAsker(string Name, string Machine, string? Reason)
{
    /// <summary>The user who has started this process.</summary>
    public static ErasureAsker OfUser(string? reason) => new(Environment.UserName, Environment.MachineName, reason);

    /// <summary>What is wrong with a reason, as the rest of a sentence that begins with it; null when nothing is.</summary>
    public static string? ProblemOf(string reason) => reason.Length > ErasureRequest.ReasonLength
        ? FormattableString.Invariant($"has {reason.Length} characters; it may have {ErasureRequest.ReasonLength}")
        : string.IsNullOrWhiteSpace(reason) ? "is blank; leave it out where there is none" : VisibleText.Problem(reason);
}

/// <summary>A request for an erasure as others see it.</summary>
/// <param name="Id">The request.</param>
/// <param name="ScopeId">In which scope.</param>
/// <param name="Who">Who asked.</param>
/// <param name="Reason">Why; null where nothing was said.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="CompletedAt">When it was carried out; null before.</param>
/// <param name="DueAt">From when on it may be carried out, where it is deferred; null where that is when a hold is released.</param>
/// <param name="People">How many people's rows were emptied.</param>
/// <param name="Applications">How many applications' rows were emptied.</param>
/// <param name="Waiting">How many records that waited were deleted.</param>
/// <param name="Runs">From the sentences of how many imports an id was taken.</param>
internal sealed record ErasureView(
    Guid Id, int ScopeId, string Who, string? Reason, ErasureState State, DateTimeOffset CreatedAt, DateTimeOffset? CompletedAt, DateTimeOffset? DueAt, int People,
    int Applications, int Waiting, int Runs)
{
    public static ErasureView Of(ErasureRequest request) => new(
        request.Id, request.ScopeId, request.Who, request.Reason, request.State, request.CreatedAt, request.CompletedAt, request.DueAt, request.People, request.Applications, request.Waiting, request.Runs);
}

/// <summary>A request that was stored.</summary>
/// <param name="Request">As it stands.</param>
/// <param name="IsNew">False where the same had been asked for before, and nothing of it has come since.</param>
internal sealed record AskedErasure(ErasureView Request, bool IsNew);
