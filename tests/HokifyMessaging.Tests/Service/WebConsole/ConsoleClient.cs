using System.Net;
using System.Text.RegularExpressions;
using HokifyMessaging.Tests.Service.Http;

namespace HokifyMessaging.Tests.Service.WebConsole;

/// <summary>A browser without script, as far as the server can tell: it keeps cookies, sends forms with what they hold, and does not follow.</summary>
internal sealed partial class ConsoleClient : IDisposable
{
    private readonly HttpClient _http;

    private ConsoleClient(Uri address, CookieContainer cookies)
    {
        Cookies = cookies;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = address };
        _http.DefaultRequestHeaders.Add("Accept", "text/html");
    }

    public CookieContainer Cookies { get; }

    public HttpClient Http => _http;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static ConsoleClient At(HttpService service) => new(service.Address, new CookieContainer());

    public static async Task<ConsoleClient> SignedInAsync(HttpService service, string key)
    {
        var client = At(service);
        using var answer = await client.SendFormAsync("/console/sign-in", ("key", key));
        Assert.Equal((HttpStatusCode.Found, "/console"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        return client;
    }

    public Task<HttpResponseMessage> GetAsync(string address) => _http.GetAsync(address, Cancel);

    /// <summary>A page that is there, as text.</summary>
    public async Task<string> PageAsync(string address, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await GetAsync(address);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == status, $"{address}: {answer.StatusCode}\n{text}");
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        return WebUtility.HtmlDecode(text);
    }

    /// <summary>Opens the page on which a form is, and sends it from there.</summary>
    public async Task<HttpResponseMessage> SendFormAsync(string page, params (string Name, string Value)[] fields) => await SendFormToAsync(page, page, fields);

    public async Task<HttpResponseMessage> SendFormToAsync(string page, string address, params (string Name, string Value)[] fields)
    {
        var token = FormToken().Match(await _http.GetStringAsync(page, Cancel)).Groups[1].Value;
        Assert.NotEmpty(token);
        using var form = new FormUrlEncodedContent(fields.Append(("form", token)).ToDictionary(field => field.Item1, field => field.Item2));
        return await _http.PostAsync(address, form, Cancel);
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"form\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
