using System.Net;
using HokifyMessaging.Tests;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The service as a process, with the keys that its own verb makes.</summary>
public sealed class ServeWithKeysTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_key_opens_the_service_to_other_machines()
    {
        var made = await VerbProcess.RunAsync(_folder.Path, [], "keys", "new", "--name", "crm", "--scopes", "2,1", "--rights", "READ", "--expires", "2999-01-01", "--json");
        var key = made.Json.GetProperty("key").GetString()!;
        var settings = made.Json.GetProperty("environment").EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!);
        Assert.Equal(
            ("1,2", "read", "2999-01-01T00:00:00+00:00"),
            (settings["Http__Keys__crm__Scopes"], settings["Http__Keys__crm__Rights"], settings["Http__Keys__crm__ExpiresAt"]));
        Assert.DoesNotContain(key, string.Join('\n', settings.Values), StringComparison.Ordinal);
        settings["ASPNETCORE_URLS"] = "http://0.0.0.0:0";
        settings["Http__PublicBaseAddress"] = "https://ats.example.at";

        await using var serve = VerbProcess.Start(_folder.Path, settings, "serve");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{(await AddressAsync(serve)).Port}") };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "health/ready"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "nowhere"));
        http.DefaultRequestHeaders.Add("X-Api-Key", key);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "nowhere"));
        Assert.Contains("API key crm: may read in scopes 1,2", serve.Output, StringComparison.Ordinal);
        Assert.Contains("HTTP: http://0.0.0.0:0 is open to other machines without https", serve.Output, StringComparison.Ordinal);
        var ended = await serve.InterruptAsync();
        Assert.Equal((0, ""), (ended.ExitCode, ended.Error));
        Assert.DoesNotContain(key, ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(settings["Http__Keys__crm__Hash"], ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_this_machine_is_answered_over_IPv6_too()
    {
        await using var serve = VerbProcess.Start(_folder.Path, [new("ASPNETCORE_URLS", "http://[::1]:0")], "serve");
        using var http = new HttpClient { BaseAddress = await AddressAsync(serve) };

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (await StatusAsync(http, "health/ready"), await StatusAsync(http, "nowhere")));
        Assert.Contains("HTTP: no API key is configured, so only this machine is answered", serve.Output, StringComparison.Ordinal);
        http.DefaultRequestHeaders.Host = "hokify.evil.example";
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (await StatusAsync(http, "health/ready"), await StatusAsync(http, "nowhere")));
    }

    private static async Task<Uri> AddressAsync(VerbProcess serve)
    {
        const string Start = "Now listening on: ";
        var line = await serve.LineAsync(line => line.Contains(Start, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(Start, StringComparison.Ordinal) + Start.Length)..]);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return response.StatusCode;
    }
}
