using System.Net;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.WebConsole;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>What stands between the network and the endpoints.</summary>
internal static class ProtectionServices
{
    /// <summary>The longest query string in characters; beyond, the answer is 414.</summary>
    private const int LongestQuery = 4_096;

    /// <summary>The most bytes that all headers of a request may have together; beyond, the answer is 431.</summary>
    private const int LargestHeaders = 16_384;

    private static readonly TimeSpan HstsMaxAge = TimeSpan.FromDays(365);

    /// <summary>Within this time the headers of a request must have come; a connection whose client takes longer is closed.</summary>
    private static readonly TimeSpan SlowestHeaders = TimeSpan.FromSeconds(15);

    /// <summary>Adds what <see cref="UseProtection"/> uses; call <see cref="KeyServices.AddKeys"/> first.</summary>
    public static IServiceCollection AddProtection(this IServiceCollection services)
    {
        // Last of the factories, so that the server asks it first.
        services.AddSingleton<IConnectionListenerFactory, LoopbackGuard>();

        services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpOptions>>((server, http) =>
        {
            var limits = http.Value.Limits;
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = limits.RequestBody;
            server.Limits.MaxRequestHeadersTotalSize = LargestHeaders;
            server.Limits.MaxRequestHeaderCount = 64;
            server.Limits.MaxConcurrentConnections = limits.Connections;
            server.Limits.RequestHeadersTimeout = SlowestHeaders;

            // Room for method and path, so that what is too long in the query is told by us, as a problem.
            server.Limits.MaxRequestLineSize = LongestQuery + 4_096;
        });

        // What an endpoint refuses, and what the server finds wrong while one reads, such as a body that is too long after all,
        // is the caller's mistake and not an error of ours.
        services.Configure<ExceptionHandlerOptions>(handler =>
        {
            handler.StatusCodeSelector = exception => (exception as Microsoft.AspNetCore.Http.BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
            handler.SuppressDiagnosticsCallback = handled =>
                handled.ExceptionHandledBy == ExceptionHandledType.ExceptionHandlerService || handled.Exception is Microsoft.AspNetCore.Http.BadHttpRequestException;
        });

        // Whoever else configured this, ASPNETCORE_FORWARDEDHEADERS_ENABLED included, which trusts everybody.
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<HttpOptions>>((forwarded, http) =>
        {
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in http.Value.KnownProxies)
            {
                forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
            }

            foreach (var network in http.Value.KnownNetworks)
            {
                forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
            }

            // Two empty lists would mean everybody. With a limit of none every proxy of a chain must be a known one.
            forwarded.ForwardLimit = null;
            forwarded.ForwardedHeaders = forwarded.KnownProxies.Count + forwarded.KnownIPNetworks.Count > 0
                ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                : ForwardedHeaders.None;
        });

        services.AddHostedService<ClientsAtStop>();
        services.AddHsts(hsts => hsts.MaxAge = HstsMaxAge);
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<HttpOptions>>((limiter, http) => RateLimits.Configure(limiter, http.Value.Limits));
        return services;
    }

    /// <summary>
    /// Protects all that is mapped. Call it after <c>UseExceptionHandler</c> and <c>UseStatusCodePages</c>, so that these see what happens in here,
    /// and before endpoints are mapped. The order in here: who really calls and how (proxies), headers of every answer,
    /// under which name, https, sizes; then which endpoint (routing), who (keys), how often (limits by key), and whether they may (policies).
    /// </summary>
    public static void UseProtection(this WebApplication application)
    {
        var limits = application.Services.GetRequiredService<IOptions<HttpOptions>>().Value.Limits;
        application.UseForwardedHeaders();
        application.Use(WithSecurityHeadersAsync);
        application.UseHostRule();
        if (!application.Environment.IsDevelopment())
        {
            application.UseHsts();

            // Does nothing where the server has no https address and ASPNETCORE_HTTPS_PORT names none.
            application.UseWhen(IsFromElsewhere, elsewhere => elsewhere.UseHttpsRedirection());
        }

        application.Use((context, next) => WithinSizesAsync(context, next, limits));
        application.UseRouting();
        application.UseAuthentication();
        application.UseRateLimiter();
        application.UseAuthorization();
    }

    /// <summary>What stays inside this machine needs no encryption, and tools that run here often have no trust in its certificate.</summary>
    private static bool IsFromElsewhere(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address) && !HealthPath.Is(context);

    private static Task WithSecurityHeadersAsync(HttpContext context, RequestDelegate next)
    {
        // At the last moment, because an error handler begins its answer anew, and because only then the endpoint is known.
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                var headers = context.Response.Headers;
                headers.XContentTypeOptions = "nosniff";

                // Without a referrer browsers send the forms of our own pages with 'Origin: null', as a page of another site might.
                headers["Referrer-Policy"] = WebConsolePath.Is(context) ? "same-origin" : "no-referrer";
                headers.ContentSecurityPolicy = ContentPolicy.Of(context).Header;

                // Answers are about people unless an endpoint knows better.
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = "no-store";
                }

                return Task.CompletedTask;
            },
            context);
        return next(context);
    }

    private static Task WithinSizesAsync(HttpContext context, RequestDelegate next, LimitOptions limits)
    {
        if (context.Request.QueryString.Value?.Length > LongestQuery)
        {
            return TypedResults.Problem($"The query is longer than {LongestQuery} characters.", statusCode: StatusCodes.Status414UriTooLong).ExecuteAsync(context);
        }

        return context.Request.ContentLength > limits.RequestBody
            ? TypedResults.Problem(Counted.Text($"The body is longer than {limits.RequestBody} {limits.RequestBody:byte|bytes}."), statusCode: StatusCodes.Status413PayloadTooLarge).ExecuteAsync(context)
            : next(context);
    }
}
