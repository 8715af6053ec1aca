namespace HokifyMessaging.Service.Http.Protection;

/// <summary>
/// Under which names the service is asked: that of <c>Http:PublicBaseAddress</c>, and those of its own machine. A page that has
/// resolved a name of its own to the service asks under that one. Whoever sets <c>AllowedHosts</c> says it otherwise, and the
/// server sees to it. The health pages are asked by whatever address a probe knows.
/// </summary>
internal static class HostRule
{
    private const string Setting = "AllowedHosts";

    /// <summary>Does nothing where it is not known how the service is reached; then only its own machine reaches it, and <see cref="LoopbackRule"/> says so.</summary>
    public static void UseHostRule(this WebApplication application)
    {
        if (application.Services.GetRequiredService<IOptions<HttpOptions>>().Value.PublicBaseAddress is not { } address || !string.IsNullOrEmpty(application.Configuration[Setting]))
        {
            return;
        }

        var name = Written(address.Host);
        application.Use((context, next) => HealthPath.Is(context) || IsOurs(context.Request.Host.Host, name)
            ? next(context)
            : TypedResults.Problem($"The service is asked under the name {name}; the setting {Setting} can name others.", statusCode: StatusCodes.Status421MisdirectedRequest).ExecuteAsync(context));
    }

    private static bool IsOurs(string host, string name) => Written(host).Equals(name, StringComparison.OrdinalIgnoreCase) || LoopbackName.Is(host);

    /// <summary>A name as it travels, in ASCII; the framework has decoded that of a request.</summary>
    private static string Written(string host) => new HostString(host).ToUriComponent();
}
