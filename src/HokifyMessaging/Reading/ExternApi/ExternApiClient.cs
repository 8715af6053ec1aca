using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.ExternApi;

/// <summary>Sends requests within the scope's session of 24 hours. One attempt each; retrying is the page's business.</summary>
internal sealed class ExternApiClient(ExternApiOptions options, HokifyHttp http, TokenCache sessions)
{
    private const string LoginPath = "api-login";
    private const string SessionHeader = "x-session-token";
    private const string Refused = "hokify refused the scope's credentials; ExternApi:Mandator and ExternApi:Token must be those that hokify issued";
    private const int LongestMessage = 200;

    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(24);

    /// <summary>Returns a successful answer whose body is still to be read.</summary>
    /// <exception cref="HttpFault">The answer is an error.</exception>
    /// <exception cref="SourceException">The credentials are refused, or hokify says what is wrong.</exception>
    public async Task<HttpResponseMessage> GetAsync(string path, string query, string position, CancellationToken cancellationToken)
    {
        var response = await sessions.SendAsync(
            cancel => LoginAsync(position, cancel), (session, cancel) => GetOnceAsync(path, query, session, cancel), IsRefusal, cancellationToken);
        try
        {
            if (IsRefusal(response.StatusCode))
                throw new SourceException($"{position}: {Refused} ({HokifyHttp.Name(response.StatusCode)} even with a fresh session).");
            await RequireSuccessAsync(response, position, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that there is a session, and with it an answer of the source.</summary>
    public Task SignInAsync(string position, CancellationToken cancellationToken) =>
        sessions.PrepareAsync(cancel => LoginAsync(position, cancel), cancellationToken);

    /// <summary>What hokify says is wrong, if this is an object that says so: <c>{"success": false, "msg": "…"}</c>.</summary>
    public SourceException? RefusalIn(JsonElement? answer, string position)
    {
        if (answer is not { } said || !said.TryGetProperty("success", out var success) || success.ValueKind != JsonValueKind.False)
            return null;
        var message = HokifyHttp.Text(said, "msg") ?? HokifyHttp.Text(said, "code") ?? "no reason given";
        return new SourceException($"{position}: hokify answered without success: {Harmless(message)}");
    }

    private async Task<HttpResponseMessage> GetOnceAsync(string path, string query, string session, CancellationToken cancellationToken)
    {
        using var request = http.Request(HttpMethod.Get, path, query);
        request.Headers.TryAddWithoutValidation(SessionHeader, session);
        return await http.SendAsync(request, cancellationToken);
    }

    private async Task<IssuedToken> LoginAsync(string position, CancellationToken cancellationToken)
    {
        using var request = http.Request(HttpMethod.Post, LoginPath);
        // As text and not as JsonContent, which does not know its length and is sent in chunks: servers refuse those with 411.
        request.Content = new StringContent(
            JsonSerializer.Serialize(new { mandator = options.Mandator, token = options.Token }), Encoding.UTF8, MediaTypeNames.Application.Json);
        using var response = await http.SendAsync(request, cancellationToken);
        var login = $"{position}, POST {LoginPath}";
        if (IsRefusal(response.StatusCode))
            throw new SourceException($"{position}: {Refused} ({HokifyHttp.Name(response.StatusCode)} to POST {LoginPath}).");
        await RequireSuccessAsync(response, login, cancellationToken);

        await using var body = await PeekedBody.OpenAsync(response, cancellationToken);
        var answer = await HokifyHttp.SmallObjectAsync(body, cancellationToken);
        if (RefusalIn(answer, login) is { } refusal)
            throw refusal;
        return answer is { } session && HokifyHttp.Text(session, "sessionToken") is var token && HokifyHttp.FitsHeader(token)
            ? new IssuedToken(token, SessionLifetime)
            : throw new SourceException($"{position}: the answer to POST {LoginPath} holds no usable sessionToken.");
    }

    private async Task RequireSuccessAsync(HttpResponseMessage response, string position, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.BadRequest)
        {
            await using var body = await PeekedBody.OpenAsync(response, cancellationToken);
            if (RefusalIn(await HokifyHttp.SmallObjectAsync(body, cancellationToken), position) is { } refusal)
                throw refusal;
        }

        http.RequireSuccess(response);
    }

    // Only 401 is documented; 403 is what others of its time sent for a session that has ended.
    private static bool IsRefusal(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>A server may quote what it was sent, and at any length.</summary>
    private string Harmless(string message)
    {
        if (options.Token.Length > 0)
            message = message.Replace(options.Token, "(token)", StringComparison.Ordinal);
        var line = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= LongestMessage ? line : line[..LongestMessage];
    }
}
