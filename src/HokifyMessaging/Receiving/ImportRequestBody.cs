namespace HokifyMessaging.Receiving;

/// <summary>Reads a request from the text of its object, whichever way it came.</summary>
internal static class ImportRequestBody
{
    /// <summary>The members that a request may have.</summary>
    public static IReadOnlyList<string> Members => RequestJson.Members;

    /// <summary>Reads a request. Names of members are read in any case.</summary>
    /// <param name="body">JSON in UTF-8.</param>
    /// <exception cref="UnreadableRequestException">It is no request, or one of its members is unknown, double or wrong.</exception>
    public static HokifyImportRequested Read(byte[] body)
    {
        using var document = RequestJson.Parse(body);
        return RequestJson.Request(document.RootElement);
    }
}

/// <summary>A body is no request; <see cref="Exception.Message"/> is what a sentence says of "the body".</summary>
/// <param name="what">The sentence behind its subject: "is empty".</param>
internal sealed class UnreadableRequestException(string what) : Exception(VisibleText.Of(what));
