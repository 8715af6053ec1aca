using System.Diagnostics;
using HokifyMessaging.Service.Http.Imports;
using Microsoft.AspNetCore.WebUtilities;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Writes every error as problem details, whatever the caller accepts: the framework's own writer falls silent, or into plain
/// text, where <c>Accept</c> names something else.
/// </summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        var status = problem.Status ??= http.Response.StatusCode;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(status);
        problem.Detail = VisibleText.Of(problem.Detail ?? Sentence(http, status));
        if (status >= StatusCodes.Status500InternalServerError)
        {
            problem.Extensions["traceId"] = Activity.Current?.Id ?? http.TraceIdentifier;
        }

        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(problem, JsonSerializerOptions.Web, "application/problem+json", http.RequestAborted);
    }

    /// <summary>What the framework answers with a bare status.</summary>
    private static string Sentence(HttpContext http, int status) => status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address; /reference shows what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{http.Request.Method} is not what this address takes; the header Allow names what it does.",
        StatusCodes.Status415UnsupportedMediaType => RequestBody.WrongType,
        >= StatusCodes.Status500InternalServerError => "The service made an error; its log has the place, under the trace id of this answer.",
        _ => "The request cannot be carried out as it is.",
    };
}
