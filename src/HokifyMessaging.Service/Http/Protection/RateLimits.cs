using System.Net;
using System.Threading.RateLimiting;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Service.WebConsole;
using Microsoft.AspNetCore.RateLimiting;

namespace HokifyMessaging.Service.Http.Protection;

/// <summary>
/// How many requests a minute are answered: to each key; to each address without a key; and to each address with wrong
/// keys, which are counted by themselves so that nobody is locked out by who else calls from there. So are the health pages:
/// whoever makes a service look dead has it restarted.
/// </summary>
internal static class RateLimits
{
    public static void Configure(RateLimiterOptions limiter, LimitOptions limits)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(request => Partition(request, limits));
        limiter.OnRejected = async (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, Math.Ceiling(after.TotalSeconds)) : 60;
            rejected.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            await TypedResults.Problem(
                Counted.Text($"Too many requests; try again in {wait} {wait:second|seconds}."),
                statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(rejected.HttpContext);
        };
    }

    private static RateLimitPartition<string> Partition(HttpContext context, LimitOptions limits) => context switch
    {
        _ when HealthPath.Is(context) => PerMinute($"health {AddressOf(context)}", limits.AnonymousRequestsPerMinute),
        _ when WebConsolePath.IsSignIn(context) => PerMinute($"sign-in {AddressOf(context)}", limits.RefusedRequestsPerMinute),
        _ when context.Features.Get<RefusedCaller>() is not null => PerMinute($"refused {AddressOf(context)}", limits.RefusedRequestsPerMinute),
        { User.Identity: { IsAuthenticated: true, Name: var name } } => PerMinute($"key {name}", limits.RequestsPerMinute),
        _ => PerMinute($"anonymous {AddressOf(context)}", limits.AnonymousRequestsPerMinute),
    };

    private static RateLimitPartition<string> PerMinute(string partition, int requests) => RateLimitPartition.GetFixedWindowLimiter(
        partition, _ => new FixedWindowRateLimiterOptions { PermitLimit = requests, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 });

    /// <summary>Whoever has an IPv6 address usually has all 2^64 of its network.</summary>
    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "local",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } address => new IPAddress([.. address.GetAddressBytes()[..8], .. new byte[8]]).ToString(),
        var address => address.ToString(),
    };
}
