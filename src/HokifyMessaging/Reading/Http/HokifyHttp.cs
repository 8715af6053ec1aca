using System.Diagnostics.CodeAnalysis;
using System.Net;
using HokifyMessaging.Telemetry;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace HokifyMessaging.Reading.Http;

/// <summary>Sends single requests below one base address and says what an answer's status means. Does not retry.</summary>
/// <param name="scopeId">For whose scope.</param>
/// <param name="clients">Of the host.</param>
/// <param name="baseAddress">The base address.</param>
/// <param name="clock">Measures how long an answer takes.</param>
/// <param name="sourceClock">Is told what the source's clock shows.</param>
internal sealed class HokifyHttp(int scopeId, IHttpClientFactory clients, Uri baseAddress, TimeProvider clock, SourceClock sourceClock)
{
    /// <summary>The named client.</summary>
    public const string ClientName = "hokify";

    /// <summary>What all headers of an answer may have together.</summary>
    public const int LargestHeadersInKilobytes = 64;

    /// <summary>What the figures say instead of a status: one that nobody has defined; no connection; no answer in time, or nobody waits for it any more.</summary>
    private const string OtherStatus = "other";
    private const string Unreachable = "unreachable";
    private const string Unanswered = "unanswered";

    private const int SmallBody = 64 * 1024;

    private readonly string _base = baseAddress.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";

    /// <summary>An instant as hokify's parameters want it: UTC, with milliseconds.</summary>
    public static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Joins the parameters that have a value.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var given = new List<string>(parameters.Length);
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                given.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    public HttpRequestMessage Request(HttpMethod method, string path, string query = "") => new(method, new Uri(_base + path + query));

    /// <summary>Returns as soon as the headers are there; the body is the caller's to stream.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (method, begun) = (request.Method.Method, clock.GetTimestamp());
        using var span = Traces.Call(method, PathOf(request), baseAddress.Host);
        try
        {
            var response = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            sourceClock.Note(response);
            Tell(Enum.IsDefined(response.StatusCode) ? ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture) : OtherStatus);
            span?.SetTag(TelemetryNames.HttpStatus, (int)response.StatusCode);
            Traces.Fail(span, (int)response.StatusCode >= 400);
            return response;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            Tell(exception is HttpRequestException ? Unreachable : Unanswered);
            Traces.Fail(span);
            throw;
        }

        void Tell(string status)
        {
            ImportMetrics.Called(scopeId, method, status, clock.GetElapsedTime(begun));
            span?.SetTag(TelemetryNames.SourceStatus, status);
        }
    }

    /// <exception cref="HttpFault">The status is not one of success.</exception>
    public async Task RequireSuccessAsync(HttpResponseMessage response, string secret, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw Fault(response, await WhyAsync(response, secret, cancellationToken));
        }
    }

    /// <summary>What hokify says beside the status of an answer that refuses.</summary>
    /// <param name="response">The answer; its body is read.</param>
    /// <param name="secret">What hokify may quote and nobody is told.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static Task<SourceAnswer> WhyAsync(HttpResponseMessage response, string secret, CancellationToken cancellationToken) =>
        SourceAnswer.ReadAsync(response, secret, cancellationToken);

    /// <summary>The fault that an answer without success is.</summary>
    public HttpFault Fault(HttpResponseMessage response, SourceAnswer why)
    {
        var answer = $"hokify answered {Name(response.StatusCode)}{why.WithCode} to {Name(response.RequestMessage)}";
        return (int)response.StatusCode switch
        {
            // 408, 429 and 5xx; which those are is the package's business, so that it is the same everywhere.
            _ when HttpClientResiliencePredicates.IsTransient(Outcome.FromResult(response)) =>
                new HttpFault(answer, isTransient: true, RetryAfter(response))
                {
                    Said = why.Said,
                    IsThrottling = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
                },
            >= 300 and < 400 => new HttpFault($"{answer}{Target(response)}; redirects are not followed, so that credentials stay with the host of BaseAddress", isTransient: false),
            _ => new HttpFault(answer, isTransient: false) { Said = why.Said },
        };
    }

    /// <summary>A small JSON object: a token, or why something was refused. Null if the body is something else or is not small.</summary>
    /// <exception cref="HttpFault">The body ends too early.</exception>
    public static async Task<JsonElement?> SmallObjectAsync(PeekedBody body, CancellationToken cancellationToken)
    {
        var buffer = new byte[SmallBody];
        var length = await body.ReadAtLeastAsync(buffer, SmallBody, throwOnEndOfStream: false, cancellationToken);
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, length));
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (JsonException)
        {
            var beginning = new JsonBeginning();
            beginning.Append(buffer.AsSpan(0, length));
            return length == SmallBody || beginning.IsBroken || body.SaysItsEnd ? null : throw HttpFault.BrokenOff();
        }
    }

    /// <summary>A member that is text; null if it is anything else.</summary>
    public static string? Text(JsonElement json, string member)
    {
        try
        {
            return json.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is found only when the text is asked for.
            return null;
        }
    }

    public static string Name(HttpStatusCode status) => Enum.IsDefined(status) ? $"{(int)status} ({status})" : $"{(int)status}";

    /// <summary>Whether a secret can be sent in a header: what came from elsewhere may be anything.</summary>
    public static bool FitsHeader([NotNullWhen(true)] string? secret) => !string.IsNullOrEmpty(secret) && secret.All(c => c is > ' ' and < '\x7f');

    private string Name(HttpRequestMessage? request) => $"{request?.Method} {PathOf(request)}";

    private string PathOf(HttpRequestMessage? request)
    {
        var address = request?.RequestUri?.GetLeftPart(UriPartial.Path) ?? "";
        return address.StartsWith(_base, StringComparison.Ordinal) ? address[_base.Length..] : "";
    }

    private static string Target(HttpResponseMessage response) =>
        response.Headers.Location is { IsAbsoluteUri: true } target
            ? $" and points to {target.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}"
            : "";

    /// <summary>
    /// How long the server asks to wait; null where it does not, or asks for no wait at all: without a pause of our own, all attempts
    /// would be used up at once. A date is one of the server's clock, so it is compared with that where the answer tells it.
    /// </summary>
    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } seconds } => seconds,
            { Date: { } date } => date - (response.Headers.Date ?? clock.GetUtcNow()),
            _ => TimeSpan.Zero,
        };
        return wait > TimeSpan.Zero ? wait : null;
    }
}
