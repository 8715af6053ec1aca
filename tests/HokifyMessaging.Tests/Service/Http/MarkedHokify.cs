using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests.Reading;

namespace HokifyMessaging.Tests.Service.Http;

/// <summary>
/// A hokify whose people have an unmistakable word in whatever they have told: in every text of every field, also in fields that nobody knows, and in records that
/// cannot be stored. Under <c>/broken</c> it says the word where it fails.
/// </summary>
internal sealed class MarkedHokify : IAsyncDisposable
{
    public const string Mark = "Zirbelstrunz";

    /// <summary>The birthday of them all.</summary>
    private const string Birthday = "1987-06-05";

    /// <summary>What says who is meant, in which state an application is, or where a text belongs: without it nothing is imported.</summary>
    private static readonly HashSet<string> Structure = ["_id", "relationType", "relationId", "contactStage", "module", "type", "mode", "likeuser", "question", "id"];

    /// <summary>What has no room for more than the word.</summary>
    private static readonly HashSet<string> Short = ["language", "gender", "nationality", "phone", "code", "countryCode"];

    private readonly HokifyStub _stub;
    private readonly IReadOnlyList<string> _items;

    private MarkedHokify(HokifyStub stub, IReadOnlyList<string> items) => (_stub, _items) = (stub, items);

    public Uri Address => _stub.Address;

    public Uri Broken => new(_stub.Address, "broken");

    public static async Task<MarkedHokify> StartAsync(CancellationToken cancellationToken)
    {
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 6 }, cancellationToken);
        var items = (await ApplicationsAsync(sandbox, cancellationToken)).Select((item, number) => Marked(item, number)).ToList();
        var texts = items.Select(item => item.ToJsonString()).Concat(Refused(items[0])).ToList();
        MarkedHokify? hokify = null;
        var stub = await HokifyStub.StartAsync((context, _) => context.Request.Path.Value switch
        {
            "/auth/token" or "/broken/auth/token" => context.JsonAsync("""{"access_token":"t0ken","expires_in":86400}"""),
            "/application/getAllApplications" or "/application/latestApplications" => context.JsonAsync(hokify!.Page(context.Request.Query["offset"], context.Request.Query["limit"])),
            _ => context.JsonAsync($$"""{"message":"no {{Mark}} here"}""", 404),
        });
        return hokify = new MarkedHokify(stub, texts);
    }

    /// <summary>Where the word, or the birthday, stands in a text; null where it does not.</summary>
    public static string? FoundIn(string text)
    {
        foreach (var mark in new[] { Mark, Birthday, "05.06.1987", "5.6.1987" })
        {
            var at = text.IndexOf(mark, StringComparison.OrdinalIgnoreCase);
            if (at >= 0)
            {
                return text.Substring(Math.Max(0, at - 60), Math.Min(120, text.Length - Math.Max(0, at - 60)));
            }
        }

        return null;
    }

    /// <summary>An answer as a text, with its headers; of a workbook all that is packed in it, and of a stream of events the first of it.</summary>
    public static async Task<string> TextOfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var headers = string.Join('\n', answer.Headers.Concat(answer.Content.Headers).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"));
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream")
        {
            var first = new byte[4096];
            return headers + Encoding.UTF8.GetString(first, 0, await body.ReadAsync(first, cancellationToken));
        }

        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, cancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType?.EndsWith(".sheet", StringComparison.Ordinal) != true)
        {
            return headers + Encoding.UTF8.GetString(bytes.ToArray());
        }

        using var archive = new ZipArchive(bytes);
        var parts = new StringBuilder(headers);
        foreach (var entry in archive.Entries)
        {
            using var part = new StreamReader(await entry.OpenAsync(cancellationToken));
            parts.Append(await part.ReadToEndAsync(cancellationToken));
        }

        return parts.ToString();
    }

    public ValueTask DisposeAsync() => _stub.DisposeAsync();

    private string Page(string? offset, string? limit)
    {
        var (from, most) = (int.Parse(offset ?? "0", CultureInfo.InvariantCulture), int.Parse(limit ?? "100", CultureInfo.InvariantCulture));
        return $"[{string.Join(',', _items.Skip(from).Take(most))}]";
    }

    /// <summary>Each application as an item of its own, as the sandbox has them.</summary>
    private static async Task<IReadOnlyList<JsonObject>> ApplicationsAsync(HokifySandbox sandbox, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var asksToken = new HttpRequestMessage(HttpMethod.Post, $"{sandbox.AtsApi.AbsoluteUri.TrimEnd('/')}/auth/token");
        asksToken.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("demo:demo-token"u8));
        using var token = await http.SendAsync(asksToken, cancellationToken);
        using var asks = new HttpRequestMessage(HttpMethod.Get, $"{sandbox.AtsApi.AbsoluteUri.TrimEnd('/')}/application/getAllApplications?limit=100&offset=0");
        asks.Headers.Authorization = new AuthenticationHeaderValue("Bearer", JsonNode.Parse(await token.Content.ReadAsStringAsync(cancellationToken))!["access_token"]!.GetValue<string>());
        using var answer = await http.SendAsync(asks, cancellationToken);
        return
        [
            .. from item in JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsArray()
               let inner = item["application"] ?? item["applications"]
               from application in inner is JsonArray several ? several.ToList() : [inner]
               select new JsonObject { ["relationType"] = item["relationType"]!.DeepClone(), ["relationId"] = item["relationId"]!.DeepClone(), ["application"] = application!.DeepClone() },
        ];
    }

    private static JsonObject Marked(JsonObject item, int number)
    {
        var user = item["application"]!["user"]!.AsObject();
        var general = user["general"]!.AsObject();
        general["gender"] = "female";
        general["nationality"] = "AT";
        var next = 0;
        Cover(item);
        general["birthday"] = $"{Birthday}T00:00:00.000Z";
        general["email"] = $"{Mark}.{number}@example.at";
        user["favourite" + Mark] = new JsonArray(Mark, new JsonObject { [Mark] = Mark });
        return item;

        void Cover(JsonNode node)
        {
            switch (node)
            {
                case JsonObject parent:
                    foreach (var (name, child) in parent.ToList())
                    {
                        if (child is JsonValue value && value.TryGetValue<string>(out var text))
                        {
                            if (!Structure.Contains(name) && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _))
                            {
                                parent[name] = Uri.IsWellFormedUriString(text, UriKind.Absolute) ? $"https://{Mark}.example/{number}/{next++}" : Short.Contains(name) ? Mark : $"{Mark} {name} {number}.{next++}";
                            }
                        }
                        else if (child is not null)
                        {
                            Cover(child);
                        }
                    }

                    break;
                case JsonArray list:
                    foreach (var child in list.OfType<JsonNode>())
                    {
                        Cover(child);
                    }

                    break;
            }
        }
    }

    /// <summary>Records that are refused or cannot be stored, each for a reason of its own.</summary>
    private static IEnumerable<string> Refused(JsonObject good)
    {
        Action<JsonObject>[] flaws =
        [
            application => application["lastupdate"] = $"{Mark} vorgestern",
            application => application["user"]!["general"]!["birthday"] = $"31.02.1987 {Mark}",
            application => application["user"]!["general"]!["firstName"] = string.Concat(Enumerable.Repeat(Mark, 2_000)),
            application => application["user"]!["displayName"] = $"{Mark}\u0000\uFFFE\u202E",
            application => application["user"] = $"{Mark} himself",
            application => application["user"]!["general"]!["email"] = new JsonArray(Mark),
            application => application.Remove("_id"),
        ];
        foreach (var (number, flaw) in flaws.Index())
        {
            var item = good.DeepClone().AsObject();
            var application = item["application"]!.AsObject();
            application["_id"] = $"{number + 1:d2}{new string('e', 22)}";
            application["user"]!["_id"] = $"{number + 1:d2}{new string('f', 22)}";
            flaw(application);
            yield return item.ToJsonString();
        }
    }
}
