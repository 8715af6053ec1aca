using HokifyMessaging.Storage;

namespace HokifyMessaging.Runs;

/// <summary>Checks a request before it is published, by the rules that the importer has.</summary>
internal static class ImportRequestCheck
{
    /// <summary>
    /// Refuses what every importer refuses. Which scopes there are only the importer knows.
    /// </summary>
    /// <param name="request">The request, with its key.</param>
    /// <param name="now">The current instant: a start in the future is refused.</param>
    /// <exception cref="RequestRefusedException">With one sentence that says what is wrong and what would be right.</exception>
    public static void Require(HokifyImportRequested request, DateTimeOffset now)
    {
        ImportRequest.From(request, request.IdempotencyKey ?? "", [request.ScopeId], now);
    }

    /// <summary>What is wrong with a key, as the rest of a sentence that begins with it: "has 201 characters; at most 200 are allowed".</summary>
    /// <param name="key">The key.</param>
    /// <returns>Null when the key is a good one.</returns>
    public static string? KeyProblem(string key) => KeyForm.Problem(key);

    /// <summary>What is wrong with a text that says who asks, as the rest of a sentence that begins with it.</summary>
    /// <param name="requestedBy">The text.</param>
    /// <param name="most">How many characters there is room for; <see cref="LongestRequester"/> when nothing stands beside it.</param>
    /// <returns>Null when it is a good one.</returns>
    public static string? RequesterProblem(string requestedBy, int most) => ImportRequest.RequesterProblem(requestedBy, most);

    /// <summary>How many characters a run keeps of who asked.</summary>
    public static int LongestRequester => HokifyDbContext.RequestedByLength;
}
