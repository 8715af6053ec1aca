using System.Text.Json;
using System.Text.Json.Serialization;
using HokifyMessaging.Contracts;

namespace HokifyMessaging.Service.Http.Imports;

/// <summary>A request for an import as the body of an HTTP request: the same object that a message carries.</summary>
internal static class RequestBody
{
    /// <summary>A member that is misspelt would be a wish that nobody fulfils.</summary>
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <exception cref="ParameterException">The body or its key cannot be read.</exception>
    /// <exception cref="BadHttpRequestException">The body is no JSON by its content type, or too large.</exception>
    public static async Task<HokifyImportRequested> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var headerKey = IdempotencyKey.Of(request);
        var body = await BodyAsync(request, cancellationToken);
        var bodyKey = string.IsNullOrWhiteSpace(body.IdempotencyKey) ? null : body.IdempotencyKey;
        return headerKey is null || bodyKey is null || headerKey == bodyKey
            ? body with { IdempotencyKey = bodyKey ?? headerKey ?? IdempotencyKey.Fresh() }
            : throw new ParameterException(IdempotencyKey.Header, $"{IdempotencyKey.Header} differs from the body's idempotencyKey; give one of them, or the same in both.");
    }

    private static async Task<HokifyImportRequested> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength == 0 || (request.ContentLength is null && request.ContentType is null))
        {
            // Every member is optional, and so is the object around them.
            return new HokifyImportRequested();
        }

        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The body must be a JSON object with Content-Type: application/json.", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await JsonSerializer.DeserializeAsync<HokifyImportRequested>(request.Body, Strict, cancellationToken)
                ?? throw new ParameterException("body", "The body is null; it must be a JSON object such as {\"scopeId\": 1}.");
        }
        catch (JsonException exception)
        {
            // The serializer appends the path, line and byte to the converters' sentences; the sentence names the member.
            var sentence = exception.Message.Split(" Path: ", 2)[0].TrimEnd('.');
            throw new ParameterException("body", $"The body cannot be read ({sentence}; path {exception.Path}).");
        }
    }
}
