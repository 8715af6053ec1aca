using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>What the service says of its own API.</summary>
public sealed class ApiDescriptionTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>After a change that is meant: run this test with <c>HOKIFY_UPDATE_OPENAPI</c> set to the committed file's path, and look at the difference.</summary>
    [Fact]
    public async Task The_committed_description_is_what_the_service_serves()
    {
        await using var service = await HttpService.StartAsync(applications: 0);

        var served = Text(JsonNode.Parse(await service.Client.GetStringAsync("/openapi/v1.json", Cancel))!);
        if (Environment.GetEnvironmentVariable("HOKIFY_UPDATE_OPENAPI") is { Length: > 0 } path)
        {
            await File.WriteAllTextAsync(path, served, Cancel);
        }

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Service", "openapi.json"), Cancel), served);
    }

    [Fact]
    public async Task Everything_in_it_is_described_and_every_type_is_known()
    {
        await using var service = await HttpService.StartAsync(applications: 0);

        var document = JsonNode.Parse(await service.Client.GetStringAsync("/openapi/v1.json", Cancel))!;

        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in methods!.AsObject())
            {
                Assert.False(string.IsNullOrWhiteSpace(operation!["summary"]?.GetValue<string>()), $"{method} {path} has no summary");
                Assert.All(operation["parameters"]?.AsArray() ?? [], parameter =>
                    Assert.True(parameter!["description"] is not null && parameter["schema"]!["type"] is not null, $"{parameter["name"]} of {method} {path} is not described"));
            }
        }

        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            foreach (var (member, type) in schema!["properties"]?.AsObject() ?? [])
            {
                Assert.True(type!.AsObject().ContainsKey("type") || type.AsObject().ContainsKey("$ref") || type.AsObject().ContainsKey("oneOf") || type.AsObject().ContainsKey("enum"), $"{name}.{member} has no type: {type}");
                Assert.True(type.AsObject().ContainsKey("description") || name.StartsWith("ProblemDetails", StringComparison.Ordinal), $"{name}.{member} has no description");
            }
        }
    }

    [Fact]
    public async Task The_reference_page_is_served_with_all_that_it_needs()
    {
        await using var service = await HttpService.StartAsync(applications: 0);

        using var moved = await service.GetAsync("/reference");
        using var page = await service.GetAsync("/reference/");

        Assert.Contains(moved.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.Found, HttpStatusCode.Redirect });
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("https://", html.Replace("https://scalar.com", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static string Text(JsonNode document) => document.ToJsonString(Indented) + "\n";
}
