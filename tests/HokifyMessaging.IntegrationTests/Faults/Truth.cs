using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.IntegrationTests.Faults;

/// <summary>What hokify says at this moment, read without any of the code that is tested.</summary>
internal static class Truth
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The applications by their ids.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonObject>> OfAsync(HokifySandbox sandbox, string mandator)
    {
        using var http = new HttpClient { BaseAddress = sandbox.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{mandator}:demo-token")));
        using var login = await http.PostAsync(new Uri("ats-api/auth/token", UriKind.Relative), null, Cancel);
        var token = await login.Content.ReadFromJsonAsync<JsonObject>(Cancel);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string?)token!["access_token"]);

        var applications = new Dictionary<string, JsonObject>();
        while (true)
        {
            var page = await http.GetFromJsonAsync<JsonArray>(new Uri($"ats-api/application/getAllApplications?offset={applications.Count}&limit=100", UriKind.Relative), Cancel);
            if (page!.Count == 0)
            {
                return applications;
            }

            foreach (var application in page.SelectMany(item => ApplicationsIn(item!)))
            {
                applications.Add((string)application["_id"]!, application);
            }
        }
    }

    /// <summary>Those of an item, whatever holds them.</summary>
    public static IEnumerable<JsonObject> ApplicationsIn(JsonNode item) => (item["application"] ?? item["applications"]) switch
    {
        JsonArray several => several.Select(one => one!.AsObject()),
        JsonObject one => [one],
        _ => [],
    };
}
