using System.Text.Json.Nodes;
using NJsonSchema;

namespace HokifyMessaging.Tests.Contracts;

/// <summary>The document that publishers and subscribers of other platforms read.</summary>
internal static class AsyncApi
{
    public static JsonObject Document { get; } = Yaml.Read(Path.Combine(AppContext.BaseDirectory, "Contracts", "asyncapi.yaml"));

    public static JsonObject Schemas { get; } = Document["components"]!["schemas"]!.AsObject();

    /// <summary>One of the document's schemas, ready to validate.</summary>
    public static async Task<JsonSchema> SchemaAsync(string name)
    {
        var definitions = JsonNode.Parse(Schemas.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal))!;
        var root = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/definitions/{name}" }),
            ["definitions"] = definitions,
        };
        return await JsonSchema.FromJsonAsync(root.ToJsonString(), TestContext.Current.CancellationToken);
    }

    /// <summary>What is behind <c>{$ref: "#/a/b"}</c>.</summary>
    public static JsonObject Resolve(JsonNode reference) =>
        reference["$ref"]!.GetValue<string>().Split('/')[1..].Aggregate((JsonNode)Document, (node, name) => node[name]!).AsObject();
}
