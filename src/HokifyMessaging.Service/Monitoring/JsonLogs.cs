using Microsoft.Extensions.Logging.Console;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>What lines of the log have that are written as JSON (<c>Logging:Console:FormatterName=json</c>): an instant that sorts, and run and scope wherever they are of one.</summary>
internal static class JsonLogs
{
    private const string Instant = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static void AddJsonLogs(this IServiceCollection services) => services.PostConfigure<JsonConsoleFormatterOptions>(json =>
    {
        // The settings beside the name of the formatter are of the one that writes for people.
        (json.IncludeScopes, json.UseUtcTimestamp, json.TimestampFormat) = (true, true, Instant);
    });
}
