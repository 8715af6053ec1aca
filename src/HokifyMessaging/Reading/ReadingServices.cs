using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Reading;

internal static class ReadingServices
{
    public static IServiceCollection AddReading(this IServiceCollection services) => services.AddSingleton<ApplicationSources>();
}
