using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace HokifyMessaging.IntegrationTests.Privacy;

/// <summary>Every page of the console that somebody comes to who signs in with a key and follows each link, downloads among them, and asks about each id.</summary>
internal sealed partial class MarkedPages : IDisposable
{
    private const string Root = "/console";
    private const string Explain = $"{Root}/explain";

    /// <summary>Lists and runs lead to each other without end.</summary>
    private const int Most = 250;

    private readonly HttpClient _http;

    private MarkedPages(Uri address) => _http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = true }) { BaseAddress = address };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<MarkedPages> SignedInAsync(Uri address, string key)
    {
        var pages = new MarkedPages(address);
        var (status, _) = await pages.SendAsync($"{Root}/sign-in", ("key", key));
        Assert.Equal(HttpStatusCode.OK, status);
        return pages;
    }

    /// <summary>All of them, as they are.</summary>
    public async Task<List<(string Place, byte[] Written)>> ShownAsync()
    {
        var (shown, seen, open) = (new List<(string, byte[])>(), new HashSet<string>(StringComparer.Ordinal) { Root }, new Queue<string>([Root]));
        while (open.TryDequeue(out var page))
        {
            using var answer = await _http.GetAsync(page, Cancel);
            var body = await answer.Content.ReadAsByteArrayAsync(Cancel);
            Assert.True(answer.IsSuccessStatusCode, $"{page}: {answer.StatusCode}\n{Encoding.UTF8.GetString(body)}");
            shown.Add((page, body));
            foreach (var link in Links(answer, body).Where(link => seen.Count < Most && seen.Add(link)))
            {
                open.Enqueue(link);
            }
        }

        Assert.All(["/runs", "/waiting", "/scopes", "/queues", "/audit", "/schedules"], part => Assert.Contains($"{Root}{part}", seen));
        return shown;
    }

    /// <summary>What the console tells about ids and addresses.</summary>
    public async Task<List<(string Place, byte[] Written)>> ExplainedAsync(IEnumerable<string> asked)
    {
        var shown = new List<(string, byte[])>();
        foreach (var one in asked)
        {
            var (status, body) = await SendAsync(Explain, ("asked", one));
            Assert.Equal(HttpStatusCode.OK, status);

            // What was asked for is said again.
            shown.Add((Explain, Encoding.UTF8.GetBytes(WebUtility.HtmlDecode(body).Replace(one, "", StringComparison.OrdinalIgnoreCase))));
        }

        return shown;
    }

    public void Dispose() => _http.Dispose();

    private static IEnumerable<string> Links(HttpResponseMessage answer, byte[] body) => answer.Content.Headers.ContentType?.MediaType != "text/html" ? []
        : Link().Matches(Encoding.UTF8.GetString(body)).Select(link => WebUtility.HtmlDecode(link.Groups[1].Value)).Where(link => !link.Contains("sign-", StringComparison.Ordinal) && !link.StartsWith($"{Root}/assets", StringComparison.Ordinal));

    private async Task<(HttpStatusCode Status, string Body)> SendAsync(string page, params (string Name, string Value)[] fields)
    {
        var token = FormToken().Match(await _http.GetStringAsync(page, Cancel)).Groups[1].Value;
        using var form = new FormUrlEncodedContent(fields.Append(("form", token)).Select(field => KeyValuePair.Create(field.Item1, field.Item2)));
        using var answer = await _http.PostAsync(page, form, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    [GeneratedRegex("href=\"(/console[^\"#]*)\"")]
    private static partial Regex Link();

    [GeneratedRegex("name=\"form\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
