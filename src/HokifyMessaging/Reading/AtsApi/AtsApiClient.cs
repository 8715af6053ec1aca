using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>Sends requests that are authorised with the scope's bearer token. One attempt each; retrying is the page's business.</summary>
internal sealed class AtsApiClient(AtsApiOptions options, HokifyHttp http, TokenCache tokens)
{
    private const string TokenPath = "auth/token";
    private const string Refused = "hokify refused the scope's credentials; AtsApi:Mandator and AtsApi:Token must be those that hokify issued";

    /// <summary>Returns a successful answer whose body is still to be read.</summary>
    /// <exception cref="HttpFault">The answer is an error.</exception>
    /// <exception cref="SourceException">The credentials are refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string query, string position, CancellationToken cancellationToken)
    {
        var response = await SendAsync(method, path, query, isLast: false, position, cancellationToken)
            ?? await SendAsync(method, path, query, isLast: true, position, cancellationToken);
        return response!;
    }

    /// <summary>Null if the token was refused and a fresh one may do.</summary>
    private async Task<HttpResponseMessage?> SendAsync(
        HttpMethod method, string path, string query, bool isLast, string position, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(cancel => IssueAsync(position, cancel), cancellationToken);
        using var request = http.Request(method, path, query);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await http.SendAsync(request, cancellationToken);
        try
        {
            if (response.StatusCode != HttpStatusCode.Unauthorized)
            {
                http.RequireSuccess(response);
                return response;
            }
        }
        catch
        {
            response.Dispose();
            throw;
        }

        response.Dispose();
        tokens.Forget(token);
        return isLast ? throw new SourceException($"{position}: {Refused} (401 (Unauthorized) even with a fresh token).") : null;
    }

    private async Task<IssuedToken> IssueAsync(string position, CancellationToken cancellationToken)
    {
        using var request = http.Request(HttpMethod.Post, TokenPath);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Mandator}:{options.Token}")));
        using var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            throw new SourceException($"{position}: {Refused} ({HokifyHttp.Name(response.StatusCode)} to POST {TokenPath}).");
        http.RequireSuccess(response);

        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);
        var answer = await HokifyHttp.SmallObjectAsync(body, cancellationToken);
        return answer is { } issued && HokifyHttp.Text(issued, "access_token") is var token && HokifyHttp.FitsHeader(token)
            ? new IssuedToken(token, Lifetime(issued))
            : throw new SourceException($"{position}: the answer to POST {TokenPath} holds no usable access_token.");
    }

    // Documented as a number, seen as a string. A token without a lifetime is used until hokify refuses it.
    private static TimeSpan? Lifetime(JsonElement issued)
    {
        if (!issued.TryGetProperty("expires_in", out var value))
            return null;
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : HokifyHttp.Text(issued, "expires_in");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue))
            : null;
    }
}
