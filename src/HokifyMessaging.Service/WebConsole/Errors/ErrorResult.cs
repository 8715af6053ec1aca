using Microsoft.AspNetCore.Mvc;

namespace HokifyMessaging.Service.WebConsole.Errors;

/// <summary>The page of an error, as what a page or a filter answers.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="sentence">What is wrong, and what would be right; null for what is said of every such status.</param>
internal sealed class ErrorResult(int status, string? sentence = null) : ActionResult
{
    public override Task ExecuteResultAsync(ActionContext context) => ErrorPages.WriteAsync(context.HttpContext, status, sentence);
}
