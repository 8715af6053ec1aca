using HokifyMessaging.Receiving;
using Microsoft.Net.Http.Headers;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>A request for an import as the body of an HTTP request: the same object that a message carries.</summary>
internal static class RequestBody
{
    public const string WrongType = "The body must be a JSON object with Content-Type: application/json.";

    public const string WrongCharset = "The body must be JSON in UTF-8, with Content-Type: application/json and no other charset.";
    public const string Packed = "The body must come as it is, without Content-Encoding.";

    /// <returns>The request; one with every default when there is no body.</returns>
    /// <exception cref="ParameterException">The body cannot be read.</exception>
    /// <exception cref="WrongBodyException">The body is no JSON by its content type, or by the lack of one.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large.</exception>
    public static async Task<HokifyImportRequested> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!await request.HasBodyAsync(cancellationToken))
        {
            // Every member is optional, and so is the object around them.
            return new HokifyImportRequested();
        }

        RequireJson(request);
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

    /// <summary>
    /// Without a content type a body is refused, too: a page of any site may have a browser send one like that without asking, and what it means is a guess.
    /// </summary>
    public static void RequireJson(HttpRequest request)
    {
        if (!request.HasJsonContentType() || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            throw new WrongBodyException(WrongType);
        }

        if (type.Charset.HasValue && HeaderUtilities.RemoveQuotes(type.Charset).Value?.ToUpperInvariant() is not ("UTF-8" or "UTF8" or "US-ASCII"))
        {
            throw new WrongBodyException(WrongCharset);
        }

        if (request.Headers.ContentEncoding.Any(coding => !"identity".Equals(coding, StringComparison.OrdinalIgnoreCase)))
        {
            throw new WrongBodyException(Packed);
        }
    }
}

/// <summary>The body is of a kind that is not read: 415, with a sentence that says which kind is.</summary>
internal sealed class WrongBodyException(string sentence) : BadHttpRequestException(sentence, StatusCodes.Status415UnsupportedMediaType);
