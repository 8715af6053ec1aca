using System.Net;
using System.Net.Mime;
using HokifyMessaging.Reading.Http;

namespace HokifyMessaging.Reading.ExternApi;

/// <summary>Sends requests within the scope's session of 24 hours. One attempt each; retrying is the page's business.</summary>
internal sealed class ExternApiClient(ExternApiOptions options, HokifyHttp http, TokenCache sessions, ReadingOptions reading)
{
    private const string LoginPath = "api-login";
    private const string SessionHeader = "x-session-token";
    private const string Refused = "hokify refused the scope's credentials; ExternApi:Mandator and ExternApi:Token must be those that hokify issued";

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
            {
                var why = await HokifyHttp.WhyAsync(response, options.Token, cancellationToken);
                throw new SourceException($"{position}: {Refused} ({HokifyHttp.Name(response.StatusCode)}{why.WithCode} even with a fresh session).") { Said = why.Said };
            }

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

    /// <summary>The failure, if this is an object that says so: <c>{"success": false, "msg": "…"}</c>. What it says is no part of the sentence: hokify may quote anything.</summary>
    public SourceException? RefusalIn(JsonElement? answer, HttpResponseMessage response, string position) =>
        answer is { } said && said.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.False
            ? Refusal(SourceAnswer.Of(said, response, options.Token), response, position)
            : null;

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
        {
            var why = await HokifyHttp.WhyAsync(response, options.Token, cancellationToken);
            throw new SourceException($"{position}: {Refused} ({HokifyHttp.Name(response.StatusCode)}{why.WithCode} to POST {LoginPath}).") { Said = why.Said };
        }

        await RequireSuccessAsync(response, login, cancellationToken);

        await using var body = await PeekedBody.OpenAsync(response, new BodyLimit(login, reading), cancellationToken);
        var answer = await HokifyHttp.SmallObjectAsync(body, cancellationToken);
        if (RefusalIn(answer, response, login) is { } refusal)
        {
            throw refusal;
        }

        return answer is { } session && HokifyHttp.Text(session, "sessionToken") is var token && HokifyHttp.FitsHeader(token)
            ? new IssuedToken(token, SessionLifetime)
            : throw new SourceException($"{position}: the answer to POST {LoginPath} holds no usable sessionToken.");
    }

    private async Task RequireSuccessAsync(HttpResponseMessage response, string position, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var why = await HokifyHttp.WhyAsync(response, options.Token, cancellationToken);
        throw response.StatusCode == HttpStatusCode.BadRequest && why.IsWithoutSuccess ? Refusal(why, response, position) : http.Fault(response, why);
    }

    private static SourceException Refusal(SourceAnswer why, HttpResponseMessage response, string position) =>
        new($"{position}: hokify answered {HokifyHttp.Name(response.StatusCode)} without success{why.WithCode}{(why.Said is null ? "" : "; the run's details have its words")}.")
        {
            Said = why.Said,
        };

    // Only 401 is documented; 403 is what others of its time sent for a session that has ended.
    private static bool IsRefusal(HttpStatusCode status) => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
}
