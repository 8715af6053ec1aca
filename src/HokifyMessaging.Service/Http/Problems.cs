using HokifyMessaging.Service.Http.Keys;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HokifyMessaging.Service.Http;

/// <summary>Errors as RFC 9457 has them; <c>detail</c> is the sentence, <c>parameter</c> what it is about.</summary>
internal static class Problems
{
    /// <summary>An error; whatever stands in its sentence and its members, people see all of it.</summary>
    public static ProblemHttpResult Answer(string sentence, int statusCode, params IEnumerable<KeyValuePair<string, object?>> extensions) => TypedResults.Problem(
        VisibleText.Of(sentence),
        statusCode: statusCode,
        extensions: extensions.Select(extension => extension.Value is string text ? new(extension.Key, VisibleText.Of(text)) : extension));

    public static ProblemHttpResult Parameter(string parameter, string sentence) =>
        Answer(sentence, statusCode: StatusCodes.Status400BadRequest, new KeyValuePair<string, object?>("parameter", parameter));

    public static ProblemHttpResult NotFound(string sentence) => Answer(sentence, statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult NoSuchImport() => NotFound("There is no such import, or the API key may not see it.");

    /// <summary>Whether there is such a scope is not told to those who may not see it.</summary>
    public static ProblemHttpResult NoSuchScope(UnseenScopeException unseen) =>
        Answer(unseen.Message, statusCode: StatusCodes.Status403Forbidden, new KeyValuePair<string, object?>("parameter", unseen.Parameter));

    public static ProblemHttpResult Forbidden(string sentence) => Answer(sentence, statusCode: StatusCodes.Status403Forbidden);

    public static ProblemHttpResult Conflict(string sentence) => Answer(sentence, statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult KeyReused(string sentence) =>
        Answer(sentence, statusCode: StatusCodes.Status422UnprocessableEntity, new KeyValuePair<string, object?>("parameter", IdempotencyKey.Header));

    public static ProblemHttpResult TooMany(string sentence) => Answer(sentence, statusCode: StatusCodes.Status429TooManyRequests);

    public static ProblemHttpResult Unavailable(string sentence) => Answer(sentence, statusCode: StatusCodes.Status503ServiceUnavailable);

    /// <summary>A value from outside as a sentence can quote it.</summary>
    public static string Quoted(string value) => KnownNames.Quoted(value);

    public static void RetryAfter(this HttpResponse response, TimeSpan pause) =>
        response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
