namespace HokifyMessaging.Service.Http.Protection;

/// <summary>The health pages are for probes, which follow no redirection, have no key and must not suffer from other callers.</summary>
internal static class HealthPath
{
    public static bool Is(HttpContext context) => context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase);
}
