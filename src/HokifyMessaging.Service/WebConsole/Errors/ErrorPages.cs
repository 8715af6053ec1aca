using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace HokifyMessaging.Service.WebConsole.Errors;

/// <summary>What the page of an error says.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Sentence">What is wrong, and what would be right.</param>
/// <param name="TraceId">By what the log names it; null where it has nothing about it.</param>
internal sealed record ErrorView(int Status, string Sentence, string? TraceId);

/// <summary>Every error of the console is a page with its sentence, wherever it happens: it is written where the API writes problem details.</summary>
internal sealed class ErrorPages : IProblemDetailsWriter
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    public bool CanWrite(ProblemDetailsContext context) => WebConsolePath.Is(context.HttpContext);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        var status = problem.Status ?? http.Response.StatusCode;
        var isOurs = problem.Detail is null && status >= StatusCodes.Status500InternalServerError;
        await WriteAsync(http, status, problem.Detail, isOurs ? System.Diagnostics.Activity.Current?.Id ?? http.TraceIdentifier : null);
    }

    public static Task WriteAsync(HttpContext context, int status, string? sentence, string? traceId = null)
    {
        sentence ??= Sentence(context.RequestServices.GetRequiredService<Words>(), status);
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable && HttpMethods.IsGet(context.Request.Method))
        {
            // It comes back by itself, also without script.
            context.Response.Headers["Refresh"] = AskAgain.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }

        var view = new ViewResult
        {
            ViewName = "/WebConsole/Pages/Error.cshtml",
            StatusCode = status,
            ViewData = new ViewDataDictionary<ErrorView>(new EmptyModelMetadataProvider(), new ModelStateDictionary()) { Model = new ErrorView(status, VisibleText.Of(sentence), traceId) },
        };
        return view.ExecuteResultAsync(new ActionContext(context, new RouteData(), new ActionDescriptor()));
    }

    private static string Sentence(Words words, int status) => status switch
    {
        StatusCodes.Status404NotFound => words["There is no page at this address.", "Unter dieser Adresse ist keine Seite."],
        StatusCodes.Status400BadRequest => words[
            "This form belongs to another session, or its page was open for too long. Nothing was changed. Open the page again, and press the button once more.",
            "Dieses Formular gehört zu einer anderen Sitzung, oder seine Seite war zu lange offen. Es wurde nichts geändert. Öffnen Sie die Seite neu und drücken Sie den Knopf noch einmal."],
        >= StatusCodes.Status500InternalServerError => words["The service made an error. Its log tells more, under this number:", "Im Dienst ist ein Fehler passiert. Sein Protokoll sagt mehr, unter dieser Nummer:"],
        _ => words["That cannot be done like this.", "Das geht so nicht."],
    };
}
