using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Requests that ask for an import, in the trace that they bring by W3C's header <c>traceparent</c>: the import goes on in it. Others are not traced, because
/// what they name in their addresses is nobody's business.
/// </summary>
internal static class TracedRequests
{
    /// <summary>An endpoint whose requests are traced.</summary>
    private sealed record IsTraced;

    /// <summary>Says that an endpoint asks for imports.</summary>
    public static TBuilder Traced<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new IsTraced());

    /// <summary>Call it behind the routing, so that the endpoint is known.</summary>
    public static void UseTracedRequests(this WebApplication application) => application.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: var route } endpoint || endpoint.Metadata.GetMetadata<IsTraced>() is null)
        {
            await next(context);
            return;
        }

        var (parent, state) = (Traces.Written(context.Request.Headers.TraceParent), context.Request.Headers.TraceState);
        Traces.Bring(parent);
        using var span = Traces.Request(context.Request.Method, $"/{route?.Trim('/')}", parent, state);
        try
        {
            await next(context);
            span?.SetTag(TelemetryNames.HttpStatus, context.Response.StatusCode);
            Traces.Fail(span, context.Response.StatusCode >= StatusCodes.Status500InternalServerError);
        }
        catch
        {
            // What it is answered with is decided further out.
            Traces.Fail(span);
            throw;
        }
    });
}
