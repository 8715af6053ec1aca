using HokifyMessaging.Machine;
using HokifyMessaging.Reading.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HokifyMessaging.Reading;

/// <summary>What reading needs from the container.</summary>
internal static class ReadingServices
{
    public static IServiceCollection AddReading(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ApplicationSources>();
        services.AddHttpClient(HokifyHttp.ClientName, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip, deflate, br");
            })
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                // A redirect would carry the session token, or the body with the credentials, to wherever it points.
                AllowAutoRedirect = false,
                UseCookies = false,

                // In which trace we work is nobody's business at hokify, which would not go on with it either.
                ActivityHeadersPropagator = null,
                Proxy = LocalDirectly.Proxy,
                MaxResponseHeadersLength = HokifyHttp.LargestHeadersInKilobytes,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            // Handlers live as long as their pool; its connections are renewed above.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            // Retries are logged by the page; the client's own lines would only multiply with every page.
            .RemoveAllLoggers();
        return services;
    }
}
