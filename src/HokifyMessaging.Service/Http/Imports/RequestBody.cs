using HokifyMessaging.Contracts;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>A request for an import as the body of an HTTP request: the same object that a message carries.</summary>
internal static class RequestBody
{
    public const string WrongType = "The body must be a JSON object with Content-Type: application/json.";

    /// <returns>The request; one with every default when there is no body.</returns>
    /// <exception cref="ParameterException">The body cannot be read.</exception>
    /// <exception cref="BadHttpRequestException">The body is no JSON by its content type, or too large.</exception>
    public static async Task<HokifyImportRequested> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!await request.HasBodyAsync(cancellationToken))
        {
            // Every member is optional, and so is the object around them.
            return new HokifyImportRequested();
        }

        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException(WrongType, StatusCodes.Status415UnsupportedMediaType);
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        try
        {
            return ImportRequestBody.Read(body.ToArray());
        }
        catch (UnreadableRequestException unreadable)
        {
            throw new ParameterException("body", $"The body {unreadable.Message}. A good body is {{\"scopeId\": 1, \"importMode\": \"Incremental\"}}.");
        }
    }
}
