using System.Diagnostics;
using System.Net;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>The service as a process: what it says when it starts, whom it answers, how it ends.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A configuration with one scope, at a hokify that is not there.</summary>
    internal static Dictionary<string, string> Scope => new()
    {
        ["Hokify__Scopes__1__Name"] = "Gasthaus",
        ["Hokify__Scopes__1__AtsApi__BaseAddress"] = "https://api.example/ats-api",
        ["Hokify__Scopes__1__AtsApi__Mandator"] = "mandator",
        ["Hokify__Scopes__1__AtsApi__Token"] = "geheim-4711",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serve_says_what_it_works_with_answers_for_its_health_and_ends_on_Ctrl_C()
    {
        var settings = Scope;
        settings["Database__ConnectionString"] = "Data Source=applicants.db;Pooling=False";
        await using var verb = await HokifyProcess.StartAsync(_folder.Path, settings);
        using var http = new HttpClient { BaseAddress = await verb.AddressAsync() };
        await verb.UntilStartedAsync();

        Assert.Contains("Transport: InMemory", verb.Output, StringComparison.Ordinal);
        Assert.Contains($"Database: Sqlite, the file {Path.Combine(_folder.Path, "applicants.db")}", verb.Output, StringComparison.Ordinal);
        Assert.Contains("Scope 1: Gasthaus, read from AtsApi at https://api.example/ats-api", verb.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warn:", verb.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim-4711", verb.Output, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await StatusAsync(http, "health/live"), await StatusAsync(http, "health/ready")));
        Assert.Equal(
            """{"status":"Healthy","checks":{"bus":{"status":"Healthy"},"database":{"status":"Healthy"},"queues":{"status":"Healthy"},"schedules":{"status":"Healthy"}}}""",
            await http.GetStringAsync(new Uri("health/ready", UriKind.Relative), Cancel));

        await ExecuteAsync("applicants.db", "DELETE FROM __EFMigrationsHistory");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (await StatusAsync(http, "health/live"), await StatusAsync(http, "health/ready")));

        var outcome = await verb.InterruptAsync();
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task Serve_prints_a_request_that_can_be_tried_as_it_stands_and_keeps_its_token()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The request is written for a shell of Unix.");
        var tokens = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            await using var verb = await HokifyProcess.StartAsync(_folder.Path, Scope);
            const string Try = "Try it: ";
            var line = await verb.UntilLineAsync(Try);
            tokens.Add(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "hokify.db.local-token"), Cancel));

            using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{line[(line.IndexOf(Try, StringComparison.Ordinal) + Try.Length)..]} --silent --show-error --fail"]) { RedirectStandardOutput = true })!;
            var answer = await shell.StandardOutput.ReadToEndAsync(Cancel);
            await shell.WaitForExitAsync(Cancel);

            Assert.Equal((0, 0), (shell.ExitCode, JsonDocument.Parse(answer).RootElement.GetProperty("total").GetInt32()));
            Assert.DoesNotContain(tokens[0], verb.Output, StringComparison.Ordinal);
            await verb.InterruptAsync();
        }

        Assert.Single(tokens.Distinct());
    }

    [Fact]
    public async Task Serve_lives_but_is_not_ready_while_the_broker_is_away()
    {
        var settings = Scope;
        (settings["Transport__Kind"], settings["Transport__RabbitMq__Port"]) = ("RabbitMq", "1");
        await using var verb = await HokifyProcess.StartAsync(_folder.Path, settings, "serve");
        using var http = new HttpClient { BaseAddress = await verb.AddressAsync() };

        Assert.Contains("Transport: RabbitMq at amqp://localhost:1/", verb.Output, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (await StatusAsync(http, "health/live"), await StatusAsync(http, "health/ready")));
        using var ready = await http.GetAsync(new Uri("health/ready", UriKind.Relative), Cancel);
        Assert.Contains(
            ""","queues":{"status":"Degraded","messages":{"hokify-import_error":"unknown","hokify-import_skipped":"unknown","hokify-import_dead":"unknown"},"healed":"unknown"}""",
            await ready.Content.ReadAsStringAsync(Cancel),
            StringComparison.Ordinal);
        var outcome = await verb.InterruptAsync();
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
    }

    [Fact]
    public async Task Serve_warns_when_no_scope_is_configured_and_says_when_its_address_is_taken()
    {
        await using var first = await HokifyProcess.StartAsync(_folder.Path, [new("ASPNETCORE_URLS", "http://127.0.0.1:0")], "serve");
        var address = await first.AddressAsync();
        Assert.Contains("warn: HokifyMessaging.Service.StartUpReport", first.Output, StringComparison.Ordinal);

        var second = await HokifyProcess.RunAsync(_folder.Path, [new("Urls", address.GetLeftPart(UriPartial.Authority))], "serve");

        Assert.Equal(1, second.ExitCode);
        Assert.StartsWith($"Another program listens on {address.GetLeftPart(UriPartial.Authority)} already; stop it, or ", Assert.Single(second.Error.Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_opens_the_service_to_other_machines()
    {
        var made = await HokifyProcess.RunAsync(_folder.Path, [], "keys", "new", "--name", "crm", "--scopes", "2,1", "--rights", "READ", "--expires", "2999-01-01", "--json");
        var key = made.Json.GetProperty("key").GetString()!;
        var settings = made.Json.GetProperty("environment").EnumerateObject().ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!);
        Assert.Equal(
            ("1,2", "read", "2999-01-01T00:00:00+00:00"),
            (settings["Http__Keys__crm__Scopes"], settings["Http__Keys__crm__Rights"], settings["Http__Keys__crm__ExpiresAt"]));
        Assert.DoesNotContain(key, string.Join('\n', settings.Values), StringComparison.Ordinal);
        settings["ASPNETCORE_URLS"] = "http://0.0.0.0:0";
        settings["Http__PublicBaseAddress"] = "https://ats.example.at";

        await using var serve = await HokifyProcess.StartAsync(_folder.Path, settings, "serve");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{(await serve.AddressAsync()).Port}") };

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
        await using var serve = await HokifyProcess.StartAsync(_folder.Path, [new("ASPNETCORE_URLS", "http://[::1]:0")], "serve");
        using var http = new HttpClient { BaseAddress = await serve.AddressAsync() };
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "nowhere"));
        await serve.UntilLineAsync("Try it: ");
        http.DefaultRequestHeaders.Add("X-Api-Key", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "hokify.db.local-token"), Cancel));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (await StatusAsync(http, "health/ready"), await StatusAsync(http, "nowhere")));
        Assert.Contains("HTTP: no API key is configured, so only this machine is answered", serve.Output, StringComparison.Ordinal);
        http.DefaultRequestHeaders.Host = "hokify.evil.example";
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (await StatusAsync(http, "health/ready"), await StatusAsync(http, "nowhere")));
    }

    [Fact]
    public async Task Secrets_come_from_files_that_are_named_like_their_settings_and_outrank_the_environment()
    {
        var secrets = Directory.CreateDirectory(Path.Combine(_folder.Path, "secrets")).FullName;
        await File.WriteAllTextAsync(Path.Combine(secrets, "Hokify__Scopes__1__AtsApi__Mandator"), "mandator-of-the-file\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(secrets, "Hokify__Scopes__1__Name"), "Of the file\n", Cancel);
        var settings = Scope;
        settings["SecretsFolder"] = secrets;

        await using (var serve = await HokifyProcess.StartAsync(_folder.Path, settings, "serve"))
        {
            await serve.UntilLineAsync("Scope 1: Of the file, read from AtsApi");
        }

        await File.WriteAllTextAsync(Path.Combine(secrets, "Database__Password"), "geheim", Cancel);
        var wrong = await HokifyProcess.RunAsync(_folder.Path, settings, "migrate");
        Assert.Equal((1, "Database:Password is set, and SQLite knows none; it is for SQL Server (Database:Provider)."), (wrong.ExitCode, wrong.Error));

        settings["SecretsFolder"] = Path.Combine(_folder.Path, "nowhere");
        var missing = await HokifyProcess.RunAsync(_folder.Path, settings, "serve");
        Assert.Equal(
            (1, $"SecretsFolder is '{settings["SecretsFolder"]}'; it must be a folder with a file for each secret, such as Transport__RabbitMq__Password."),
            (missing.ExitCode, missing.Error));
    }

    private Task ExecuteAsync(string file, string sql) => SqliteText.ExecuteAsync(Path.Combine(_folder.Path, file), sql);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        return response.StatusCode;
    }
}
