using Microsoft.AspNetCore.Http.Features;

namespace HokifyMessaging.Service.Http;

/// <summary>
/// Refuses what an endpoint would not read: parameters that it does not know, parameters that come twice, and bodies where
/// none is expected. What is overlooked may be what the caller cared for most, such as <c>dry_run=true</c>.
/// </summary>
internal static class ExactRequests
{
    /// <summary>What browsers' libraries add so that no cache answers; it asks for nothing.</summary>
    private const string CacheBuster = "_";

    /// <summary>An endpoint that reads a body.</summary>
    private sealed record ReadsBody;

    /// <summary>Applies the rule to all endpoints of a group; the parameters that one knows are those of its handler.</summary>
    public static RouteGroupBuilder WithExactRequests(this RouteGroupBuilder group) => group.AddEndpointFilterFactory((endpoint, next) =>
    {
        string[] names = [.. endpoint.MethodInfo.GetParameters().Where(parameter => parameter.ParameterType == typeof(string)).Select(parameter => parameter.Name!)];
        return async invocation =>
        {
            var context = invocation.HttpContext;
            RequireKnown(context.Request, [.. names.Where(name => !context.Request.RouteValues.ContainsKey(name))], ReadsABody(context));
            await RequireReadAsync(context);
            return await next(invocation);
        };
    });

    /// <exception cref="ParameterException">A parameter is given that is none of these, or one comes twice.</exception>
    public static void RequireKnownParameters(HttpRequest request, string[] known) => RequireKnown(request, known, readsBody: false);

    /// <summary>Says that an endpoint reads the request's body.</summary>
    public static TBuilder ReadingBody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ReadsBody());

    /// <summary>Whether parameters are given that ask for something.</summary>
    public static bool HasParameters(this HttpRequest request) => request.Query.Keys.Any(name => name != CacheBuster);

    /// <summary>Whether a body comes with the request; one that is announced without a length is looked for.</summary>
    public static async ValueTask<bool> HasBodyAsync(this HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is not null || request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            return request.ContentLength > 0;
        }

        var begun = await request.BodyReader.ReadAsync(cancellationToken);
        request.BodyReader.AdvanceTo(begun.Buffer.Start);
        return !begun.Buffer.IsEmpty;
    }

    private static bool ReadsABody(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ReadsBody>() is not null;

    private static void RequireKnown(HttpRequest request, string[] known, bool readsBody)
    {
        foreach (var (given, values) in request.Query.Where(parameter => parameter.Key != CacheBuster))
        {
            var name = known.FirstOrDefault(name => name.Equals(given, StringComparison.OrdinalIgnoreCase))
                ?? throw new ParameterException(given, known.Length > 0
                    ? KnownNames.Unknown(given, known)
                    : $"{KnownNames.Quoted(given)} is not known; this address takes no parameters{(readsBody ? ", but a JSON body such as {\"scopeId\": 1}" : "")}.");
            if (values.Count > 1)
            {
                throw new ParameterException(name, $"{name} is given {values.Count} times; once is right.");
            }
        }
    }

    private static async Task RequireReadAsync(HttpContext context)
    {
        if (!ReadsABody(context) && await context.Request.HasBodyAsync(context.RequestAborted))
        {
            throw new ParameterException("body", $"{context.Request.Method} reads no body here; leave it out.");
        }
    }
}
