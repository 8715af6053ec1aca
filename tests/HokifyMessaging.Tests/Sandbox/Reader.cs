using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Sandbox;

/// <summary>Reads a sandbox as any client of hokify would: over HTTP, knowing nothing but hokify's documentation.</summary>
internal sealed class Reader : IDisposable
{
    private readonly HttpClient _http;

    public Reader(HokifySandbox sandbox) => _http = new HttpClient { BaseAddress = sandbox.BaseAddress, Timeout = TimeSpan.FromSeconds(30) };

    public static DateTimeOffset Noon { get; } = new(2026, 2, 14, 12, 0, 0, TimeSpan.Zero);

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static FakeTimeProvider ClockAtNoon() => new(Noon);

    public static async Task<(HokifySandbox Sandbox, Reader Reader)> LoggedInAsync(SandboxOptions options)
    {
        var sandbox = await HokifySandbox.StartAsync(options, Cancellation);
        var reader = new Reader(sandbox);
        await reader.LogInAsync();
        return (sandbox, reader);
    }

    public async Task LogInAsync(string mandator = "demo", string token = "demo-token")
    {
        using var answer = await TokenAsync("ats-api/auth/token", mandator, token);
        answer.EnsureSuccessStatusCode();
        var access = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string?)access!["access_token"]);
    }

    public async Task LogInExternAsync()
    {
        using var answer = await PostAsync("api/api-login", new { mandator = "demo", token = "demo-token" });
        var login = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        _http.DefaultRequestHeaders.Remove("x-session-token");
        _http.DefaultRequestHeaders.Add("x-session-token", (string?)login!["sessionToken"]);
    }

    public Task<HttpResponseMessage> TokenAsync(string path, string mandator, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{mandator}:{token}")));
        return _http.SendAsync(request, Cancellation);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

    /// <summary>An answer whose body has not been read yet.</summary>
    public Task<HttpResponseMessage> GetHeadersAsync(string path) =>
        _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancellation);

    public Task<HttpResponseMessage> PostAsync(string path, object? body = null) => _http.PostAsJsonAsync(path, body ?? new { }, Cancellation);

    public Task<HttpResponseMessage> DeleteAsync(string path) => _http.DeleteAsync(new Uri(path, UriKind.Relative), Cancellation);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, Cancellation);

    public Task<byte[]> BytesAsync(string path) => _http.GetByteArrayAsync(new Uri(path, UriKind.Relative), Cancellation);

    public Task<string> TextAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation);

    /// <summary>A list, item by item.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path) => Objects(JsonNode.Parse(await TextAsync(path)));

    /// <summary>The matches of 2019.</summary>
    public async Task<IReadOnlyList<JsonObject>> MatchesAsync()
    {
        using var answer = await _http.PostAsync(new Uri("ats-api/v1/application/getApplications", UriKind.Relative), null, Cancellation);
        answer.EnsureSuccessStatusCode();
        return Objects(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    /// <summary>The applications of one of today's lists, out of their items.</summary>
    public async Task<IReadOnlyList<JsonObject>> ApplicationsAsync(string query = "", string endpoint = "getAllApplications") =>
        [.. (await ListAsync($"ats-api/application/{endpoint}?{query}")).SelectMany(Inner)];

    /// <summary>All pages of today's list.</summary>
    public async Task<IReadOnlyList<JsonObject>> AllApplicationsAsync(string query = "", int limit = 100)
    {
        var all = new List<JsonObject>();
        while (true)
        {
            var page = await ApplicationsAsync($"{query}&offset={all.Count}&limit={limit}");
            if (page.Count == 0)
            {
                return all;
            }

            all.AddRange(page);
        }
    }

    public static IEnumerable<JsonObject> Inner(JsonObject item) => (item["application"] ?? item["applications"]) switch
    {
        JsonArray several => Objects(several),
        JsonObject one => [one],
        _ => throw new JsonException("The item holds no application."),
    };

    public static string Id(JsonObject application) => (string?)application["_id"] ?? "(none)";

    public static IReadOnlyList<string> Ids(IEnumerable<JsonObject> applications) => [.. applications.Select(Id)];

    public static DateTimeOffset Date(JsonObject application, string name) => application[name]!.GetValue<DateTimeOffset>();

    public void Dispose() => _http.Dispose();

    private static JsonObject[] Objects(JsonNode? list) => [.. list!.AsArray().Select(item => item!.AsObject())];
}
