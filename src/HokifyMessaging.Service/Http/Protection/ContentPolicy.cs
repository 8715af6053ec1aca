using HokifyMessaging.Service.WebConsole;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>
/// What a browser may do with an answer. Nothing, unless the endpoint says otherwise: answers are data, and a browser that is shown
/// one must run nothing in it. A page, such as the reference of the API, names what it loads.
/// </summary>
/// <param name="Directives">Directives of a Content-Security-Policy, such as <c>script-src 'self'</c>.</param>
internal sealed record ContentPolicy(string Directives)
{
    public static readonly ContentPolicy DataOnly = new("default-src 'none'");

    /// <summary>The pages of the console: their own style sheet, script and pictures, and nothing that stands in the page itself.</summary>
    public static readonly ContentPolicy Pages = new("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'");

    /// <summary>An error of the console is a page as well, and knows of no endpoint.</summary>
    public static ContentPolicy Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<ContentPolicy>() ?? (WebConsolePath.Is(context) ? Pages : DataOnly);

    /// <summary>With what no endpoint may change: nobody frames us, and no injected markup sends a form or moves the base of links.</summary>
    public string Header => $"{Directives}; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
}

internal static class ContentPolicyOfEndpoints
{
    /// <summary>Lets a page of this endpoint load what it needs: <c>app.MapScalarApiReference().WithContentPolicy("default-src 'none'; script-src 'self' …")</c>.</summary>
    public static TBuilder WithContentPolicy<TBuilder>(this TBuilder endpoint, string directives)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ContentPolicy(directives));
}
