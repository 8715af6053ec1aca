using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using HokifyMessaging.Sandbox;
using static HokifyMessaging.Tests.Sandbox.Reader;

namespace HokifyMessaging.Tests.Sandbox;

public sealed class OlderApisTests
{
    [Fact]
    public async Task The_API_of_2019_delivers_every_application_at_once_and_always_with_a_job()
    {
        var (sandbox, reader) = await LoggedInAsync(new SandboxOptions { Applications = 150 });
        await using var _ = sandbox;
        using var __ = reader;

        var matches = await reader.MatchesAsync();

        Assert.Equal(sandbox.ApplicationIds().Order(), Ids(matches).Order());
        Assert.All(matches, match => Assert.NotNull(match["job"]!["company"]));
    }

    [Fact]
    public async Task The_session_of_2018_opens_only_the_API_of_2018()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 3 }, Cancellation);
        using var reader = new Reader(sandbox);

        using var before = await reader.GetAsync("api/get-all-applications-extern");
        await reader.LogInExternAsync();
        using var after = await reader.GetAsync("api/get-all-applications-extern");
        using var elsewhere = await reader.GetAsync("ats-api/application/getAllApplications");

        Assert.Equal(HttpStatusCode.Unauthorized, before.StatusCode);
        Assert.False((bool)(await before.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["success"]!);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    [Fact]
    public async Task A_refused_login_of_2018_is_no_success_and_says_why()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 0 }, Cancellation);
        using var reader = new Reader(sandbox);

        using var answer = await reader.PostAsync("api/api-login", new { mandator = "demo", token = "wrong" });
        using var nonsense = await reader.PostAsync("api/api-login", new[] { 1 });
        var login = await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation);

        Assert.False((bool)login!["success"]!);
        Assert.NotEmpty((string?)login["info"]!["message"] ?? "");
        Assert.Null(login["sessionToken"]);
        Assert.Equal(HttpStatusCode.BadRequest, nonsense.StatusCode);
    }

    [Fact]
    public async Task A_form_logs_in_to_the_API_of_2018_as_well()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 0 }, Cancellation);
        using var reader = new Reader(sandbox);
        using var form = new FormUrlEncodedContent([new("mandator", "demo"), new("token", "demo-token")]);

        using var answer = await reader.SendAsync(new HttpRequestMessage(HttpMethod.Post, "api/api-login") { Content = form });

        Assert.True((bool)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["success"]!);
    }

    [Fact]
    public async Task CSV_and_JSON_of_2018_say_the_same()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 500 }, Cancellation);
        using var reader = new Reader(sandbox);
        await reader.LogInExternAsync();

        var json = await reader.ListAsync("api/get-all-applications-extern");
        var text = await reader.TextAsync("api/get-all-applications-extern?csv=true");
        using var csv = new CsvReader(new StringReader(text), CultureInfo.InvariantCulture);
        var rows = csv.GetRecords<dynamic>().Select(row => (IDictionary<string, object>)row).ToList();

        Assert.Equal(500, rows.Count);
        foreach (var (expected, row) in json.Zip(rows))
        {
            foreach (var (name, value) in row)
            {
                var same = expected[name] switch
                {
                    null => "" == (string)value,
                    JsonArray files => JsonNode.DeepEquals(files, JsonNode.Parse((string)value)),
                    var single => (string?)single == (string)value,
                };
                Assert.True(same, $"{name} differs");
            }
        }

        Assert.Contains(rows, row => ((string)row["phone"]).Contains('\n', StringComparison.Ordinal));
        Assert.Contains(rows, row => ((string)row["name"]).Contains('"', StringComparison.Ordinal));
        Assert.Contains(json, row => row["additionalFiles"]!.AsArray().Count > 1);
    }

    [Fact]
    public async Task A_bad_window_is_a_bad_request_in_2018_too()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 1 }, Cancellation);
        using var reader = new Reader(sandbox);
        await reader.LogInExternAsync();

        using var date = await reader.GetAsync("api/get-all-applications-extern?startTime=soon");
        using var csv = await reader.GetAsync("api/get-all-applications-extern?csv=perhaps");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (date.StatusCode, csv.StatusCode));
        var body = await date.Content.ReadFromJsonAsync<JsonObject>(Cancellation);
        Assert.False((bool)body!["success"]!);
        Assert.NotEmpty((string?)body["msg"] ?? "");
    }

    [Fact]
    public async Task A_window_of_time_narrows_the_list_of_2018()
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 50, Clock = ClockAtNoon() }, Cancellation);
        using var reader = new Reader(sandbox);
        await reader.LogInExternAsync();
        var advance = sandbox.Advance(@new: 4);

        var late = await reader.ListAsync("api/get-all-applications-extern?startTime=2026-02-14T12:00:00.000Z");

        Assert.Equal(advance.New.Order(), late.Select(row => (string)row["matchId"]!).Order());
    }
}
