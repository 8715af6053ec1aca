using Microsoft.AspNetCore.Mvc.Filters;

namespace HokifyMessaging.Service.WebConsole.Errors;

/// <summary>
/// An address that names a button which its page does not have is none, and so is a form that is sent to where there is no button: answered with the page itself, it
/// would look as if something had been done.
/// </summary>
internal sealed class KnownHandlers : IPageFilter
{
    private const string Parameter = "handler";

    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (context.HandlerMethod is not { } selected || !IsKnown(context, selected.Name))
        {
            context.Result = new ErrorResult(StatusCodes.Status404NotFound);
        }
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
    }

    private static bool IsKnown(PageHandlerExecutingContext context, string? selected)
    {
        var request = context.HttpContext.Request;
        var asked = request.Query[Parameter].ToString();

        // A form that was refused is shown at the address that names its button, and from there somebody may load the page again.
        var isLookedAt = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return asked.Length == 0 || Is(selected, asked) || (isLookedAt && context.ActionDescriptor.HandlerMethods.Any(method => Is(method.Name, asked)));
    }

    private static bool Is(string? name, string asked) => string.Equals(name, asked, StringComparison.OrdinalIgnoreCase);
}
