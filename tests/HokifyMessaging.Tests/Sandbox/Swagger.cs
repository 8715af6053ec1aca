using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HokifyMessaging.Tests.Sandbox;

/// <summary>One of hokify's public Swagger files, and what it has to say about a value.</summary>
internal sealed class Swagger(string file)
{
    private readonly JsonObject _definitions = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", file)))!["definitions"]!.AsObject();

    /// <summary>Everything in which the value departs from the definition; unknown members count where <paramref name="strict"/>.</summary>
    public IReadOnlyList<string> Objections(string definition, JsonNode? value, bool strict = true)
    {
        var objections = new List<string>();
        Check(Definition(definition), value, definition, strict, objections);
        return objections;
    }

    private JsonObject Definition(string name) => _definitions[name]!.AsObject();

    private void Check(JsonObject schema, JsonNode? value, string path, bool strict, List<string> objections)
    {
        var nullable = (bool?)schema["x-nullable"] ?? false;
        if (value is null)
        {
            if (!nullable)
            {
                objections.Add($"{path} is null");
            }

            return;
        }

        if ((string?)schema["$ref"] is { } reference)
        {
            var name = reference["#/definitions/".Length..];

            // The generator of the file knew MongoDB's ids as objects without members; on the wire they are texts.
            if (name.StartsWith("TypeObjectId", StringComparison.Ordinal))
            {
                if (value.GetValueKind() != JsonValueKind.String || ((string)value!).Length != 24)
                {
                    objections.Add($"{path} is not an id");
                }

                return;
            }

            Check(Definition(name), value, path, strict, objections);
            return;
        }

        if (schema["enum"] is JsonArray choices && !choices.Any(choice => (string?)choice == (string?)value))
        {
            objections.Add($"{path} is not one of the enumerated values");
        }

        CheckType(schema, value, path, objections);
        if (value is JsonArray array && schema["items"] is JsonObject items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                Check(items, array[i], $"{path}[]", strict, objections);
            }
        }

        if (value is JsonObject members && schema["properties"] is JsonObject properties)
        {
            CheckMembers(schema, members, properties, path, strict, objections);
        }
    }

    private void CheckMembers(JsonObject schema, JsonObject members, JsonObject properties, string path, bool strict, List<string> objections)
    {
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            if (!members.ContainsKey((string)required!))
            {
                objections.Add($"{path}.{required} is missing");
            }
        }

        foreach (var (name, member) in members)
        {
            if (properties[name] is JsonObject property)
            {
                Check(property, member, $"{path}.{name}", strict, objections);
            }
            else if (strict)
            {
                objections.Add($"{path}.{name} is unknown");
            }
        }
    }

    private static void CheckType(JsonObject schema, JsonNode value, string path, List<string> objections)
    {
        var kind = value.GetValueKind();
        var fits = (string?)schema["type"] switch
        {
            "string" => kind == JsonValueKind.String,
            "number" => kind == JsonValueKind.Number,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "array" => kind == JsonValueKind.Array,
            "object" => kind == JsonValueKind.Object,
            _ => false,
        };
        if (!fits)
        {
            objections.Add($"{path} is a {kind}, not a {schema["type"]}");
        }
        else if ((string?)schema["format"] == "date-time"
            && !DateTimeOffset.TryParseExact((string)value!, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
        {
            objections.Add($"{path} is not a date");
        }
    }
}
