using System.Net;
using System.Net.Http.Headers;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.AtsApi;

/// <summary>Sends requests that are authorised with the scope's bearer token. One attempt each; retrying is the page's business.</summary>
internal sealed class AtsApiClient(AtsApiOptions options, HokifyHttp http, TokenCache tokens, ReadingOptions reading)
{
    private const string TokenPath = "auth/token";
    private const string Forbidden =
        "hokify issued a token for the scope's credentials and forbids to read with it; AtsApi:Mandator needs the right to read applications, and no proxy or firewall may refuse the call";
    private const string Refused = "hokify refused the scope's credentials; AtsApi:Mandator and AtsApi:Token must be those that hokify issued";

    /// <summary>Returns a successful answer whose body is still to be read.</summary>
    /// <exception cref="HttpFault">The answer is an error.</exception>
    /// <exception cref="SourceException">The credentials are refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string query, string position, CancellationToken cancellationToken)
    {
        var response = await tokens.SendAsync(
            cancel => IssueAsync(position, cancel), (token, cancel) => SendOnceAsync(method, path, query, token, cancel), IsRefusal, cancellationToken);
        try
        {
            if (IsRefusal(response.StatusCode))
            {
                var why = await HokifyHttp.WhyAsync(response, options.Token, cancellationToken);
                throw new SourceException($"{position}: {WhyRefused(response.StatusCode)} ({HokifyHttp.Name(response.StatusCode)}{why.WithCode} to {method} {path} even with a fresh token).")
                {
                    Said = why.Said,
                };
            }

            await http.RequireSuccessAsync(response, options.Token, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that there is a token, and with it an answer of the source.</summary>
    public Task SignInAsync(string position, CancellationToken cancellationToken) =>
        tokens.PrepareAsync(cancel => IssueAsync(position, cancel), cancellationToken);

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, string path, string query, string token, CancellationToken cancellationToken)
    {
        using var request = http.Request(method, path, query);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, cancellationToken);
    }

    // Only 401 is documented; gateways answer a token that has died with 403, and not always in JSON.
    private static bool IsRefusal(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    private static string WhyRefused(HttpStatusCode status) => status == HttpStatusCode.Forbidden ? Forbidden : Refused;

    private async Task<IssuedToken> IssueAsync(string position, CancellationToken cancellationToken)
    {
        using var request = http.Request(HttpMethod.Post, TokenPath);
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Mandator}:{options.Token}")));
        using var response = await http.SendAsync(request, cancellationToken);
        if (IsRefusal(response.StatusCode))
        {
            var why = await HokifyHttp.WhyAsync(response, options.Token, cancellationToken);
            throw new SourceException($"{position}: {Refused} ({HokifyHttp.Name(response.StatusCode)}{why.WithCode} to POST {TokenPath}).") { Said = why.Said };
        }

        await http.RequireSuccessAsync(response, options.Token, cancellationToken);

        await using var body = await PeekedBody.OpenAsync(response, new BodyLimit($"{position}, POST {TokenPath}", reading), cancellationToken);
        var answer = await HokifyHttp.SmallObjectAsync(body, cancellationToken);
        return answer is { } issued && HokifyHttp.Text(issued, "access_token") is var token && HokifyHttp.FitsHeader(token)
            ? new IssuedToken(token, Lifetime(issued))
            : throw new SourceException($"{position}: the answer to POST {TokenPath} holds no usable access_token.");
    }

    // Documented as a number, seen as a string. A token without a lifetime is used until hokify refuses it.
    private static TimeSpan? Lifetime(JsonElement issued)
    {
        if (!issued.TryGetProperty("expires_in", out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : HokifyHttp.Text(issued, "expires_in");
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue))
            : null;
    }
}
