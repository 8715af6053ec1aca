using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CsCheck;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs;
using MassTransit;
using MassTransit.Serialization;
using NJsonSchema;

namespace HokifyMessaging.Tests.Contracts;

/// <summary>asyncapi.yaml says what the types say, what the serializer writes and what the importer accepts: no more and no less.</summary>
public sealed class AsyncApiTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);

    public static TheoryData<Type, bool> MessageTypes => new()
    {
        // Publishers may leave out everything, and the importer leaves out nothing.
        { typeof(HokifyImportRequested), false },
        { typeof(HokifyImportCompleted), true },
        { typeof(HokifyImportFailed), true },
        { typeof(ExportImportResult), true },
        { typeof(ImportException), true },
    };

    public static TheoryData<string, string> Requests
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var example in Examples(nameof(HokifyImportRequested)))
            {
                rows.Add(example["name"]!.GetValue<string>(), example["payload"]!.ToJsonString());
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void A_schema_has_the_members_of_its_type_and_no_others(Type type, bool allRequired)
    {
        var schema = AsyncApi.Schemas[type.Name]!;
        var members = Members(type).ToList();
        var names = members.Select(member => member.Name).ToList();

        Assert.Equal(names, schema["properties"]!.AsObject().Select(property => property.Key));
        Assert.Equal(allRequired ? names : [], Strings(schema["required"]));
        Assert.All(members, member => Assert.Equal(
            (member.Name, member.Nullable),
            (member.Name, Types(schema["properties"]![member.Name]!).Contains("null"))));
        Assert.All(members, member => Assert.Subset(new HashSet<string>([.. Expected(member.Type), "null"]), Types(schema["properties"]![member.Name]!)));
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void Every_member_is_described(Type type, bool allRequired)
    {
        _ = allRequired;
        Assert.All(AsyncApi.Schemas[type.Name]!["properties"]!.AsObject(), property => Assert.False(string.IsNullOrWhiteSpace(
            (property.Value!["description"] ?? AsyncApi.Resolve(property.Value)["description"])?.GetValue<string>()), property.Key));
    }

    [Fact]
    public void Modes_channels_and_urns_are_those_of_the_types()
    {
        Assert.Equal(Enum.GetNames<ImportMode>(), Strings(AsyncApi.Schemas[nameof(ImportMode)]!["enum"]));
        Assert.Equal(Enum.GetNames<FailureKind>(), Strings(AsyncApi.Schemas[nameof(FailureKind)]!["enum"]));
        Assert.Equal(
            [Exchange<HokifyImportRequested>(), ImportQueues.Requests, Exchange<HokifyImportCompleted>(), Exchange<HokifyImportFailed>()],
            AsyncApi.Document["channels"]!.AsObject().Select(channel => channel.Value!["address"]!.GetValue<string>()));
        Assert.Equal(
            [Exchange<HokifyImportRequested>(), ImportQueues.Requests, Exchange<HokifyImportCompleted>(), Exchange<HokifyImportFailed>()],
            AsyncApi.Document["channels"]!.AsObject().Select(channel => channel.Value!["bindings"]!["amqp"]!)
                .Select(amqp => (amqp["exchange"] ?? amqp["queue"])!["name"]!.GetValue<string>()));
        Assert.Contains(
            MessageKey.Header, AsyncApi.Schemas["RequestHeaders"]!["properties"]!.AsObject().Select(header => header.Key));
        AssertUrn<HokifyImportRequested>();
        AssertUrn<HokifyImportCompleted>();
        AssertUrn<HokifyImportFailed>();
    }

    [Fact]
    public void What_is_left_out_has_the_default_that_the_document_gives()
    {
        var properties = AsyncApi.Schemas[nameof(HokifyImportRequested)]!["properties"]!.AsObject();
        var defaults = new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, property.Value!["default"]?.DeepClone())));

        Assert.Equal(JsonSerializer.Serialize(new HokifyImportRequested()), defaults.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task An_example_of_a_request_is_valid_and_accepted(string name, string payload)
    {
        Assert.Empty((await AsyncApi.SchemaAsync("HokifyImportRequestedBody")).Validate(payload));
        Assert.True(IsAccepted(payload), name);
    }

    [Fact]
    public async Task The_example_of_a_completion_is_valid_and_read_by_a_subscriber()
    {
        var example = Assert.Single(Examples(nameof(HokifyImportCompleted)));
        var payload = example["payload"]!.ToJsonString();

        Assert.Empty((await AsyncApi.SchemaAsync("HokifyImportCompletedEnvelope")).Validate(payload));
        var completed = Wire.FromEnvelope<HokifyImportCompleted>(payload);
        Assert.Equal(example["payload"]!["message"]!["idempotencyKey"]!.GetValue<string>(), completed.IdempotencyKey);
        Accounting.Closes(completed.Result);
        Assert.Equal(completed.Result.ErrorCount, completed.Result.Exceptions.Values.Sum(failures => failures.Count));
    }

    [Fact]
    public async Task The_examples_of_failures_are_valid_and_read_by_a_subscriber()
    {
        var schema = await AsyncApi.SchemaAsync("HokifyImportFailedEnvelope");
        var failures = Examples(nameof(HokifyImportFailed)).Select(example => example["payload"]!.ToJsonString()).ToList();

        Assert.All(failures, payload => Assert.Empty(schema.Validate(payload)));
        Assert.Equal([FailureKind.Refused, FailureKind.Failed], failures.Select(payload => Wire.FromEnvelope<HokifyImportFailed>(payload).Kind));
    }

    [Theory]
    [MemberData(nameof(MessageTypes))]
    public void An_example_of_a_member_is_accepted(Type type, bool allRequired)
    {
        _ = allRequired;
        Assert.All(AsyncApi.Schemas[type.Name]!["properties"]!.AsObject(), property => Assert.All(
            property.Value!["examples"]?.AsArray() ?? [],
            example => Assert.True(IsAccepted(With(property.Key, example!).ToJsonString()), $"{property.Key}: {example}")));

        // What goes with a full import alone stands beside one.
        static JsonObject With(string name, JsonNode example) =>
            name == "allowDeletions" ? new JsonObject { ["importMode"] = "Full", [name] = example.DeepClone() } : new JsonObject { [name] = example.DeepClone() };
    }

    [Fact]
    public async Task Every_request_that_is_written_is_valid_with_and_without_its_envelope()
    {
        var body = await AsyncApi.SchemaAsync("HokifyImportRequestedBody");

        ContractMessages.Requests.Sample(request =>
        {
            AssertValid(body, JsonSerializer.Serialize(request, Wire.MassTransit));
            AssertValid(body, JsonSerializer.Serialize(request, Wire.Plain));
            AssertValid(body, Wire.ToEnvelope(request));
        });
    }

    [Fact]
    public async Task Every_completion_that_is_written_is_valid()
    {
        var envelope = await AsyncApi.SchemaAsync("HokifyImportCompletedEnvelope");

        ContractMessages.Completions.Sample(completed => AssertValid(envelope, Wire.ToEnvelope(completed)), iter: 50);
    }

    [Fact]
    public async Task Every_failure_that_is_written_is_valid()
    {
        var envelope = await AsyncApi.SchemaAsync("HokifyImportFailedEnvelope");

        ContractMessages.FailedImports.Sample(failed => AssertValid(envelope, Wire.ToEnvelope(failed)), iter: 50);
    }

    [Fact]
    public async Task No_member_of_a_completion_goes_without_saying()
    {
        var envelope = await AsyncApi.SchemaAsync("HokifyImportCompletedEnvelope");
        var example = Examples(nameof(HokifyImportCompleted)).Single()["payload"]!;

        foreach (var name in Members(typeof(HokifyImportCompleted)).Select(member => member.Name))
        {
            var without = example.DeepClone();
            without["message"]!.AsObject().Remove(name);
            Assert.NotEmpty(envelope.Validate(without.ToJsonString()));
        }

        foreach (var name in Members(typeof(ExportImportResult)).Select(member => member.Name))
        {
            var without = example.DeepClone();
            without["message"]!["result"]!.AsObject().Remove(name);
            Assert.NotEmpty(envelope.Validate(without.ToJsonString()));
        }
    }

    [Fact]
    public async Task A_body_is_valid_exactly_when_the_importer_accepts_it()
    {
        var body = await AsyncApi.SchemaAsync("HokifyImportRequestedBody");

        ContractMessages.Bodies.Sample(
            json => Assert.True(
                IsAccepted(json) == (body.Validate(json).Count == 0),
                $"{json} is {(IsAccepted(json) ? "accepted" : "refused")}, and the schema says: {string.Join("; ", body.Validate(json))}"),
            iter: 2_000);
    }

    /// <summary>Whether the importer would carry the body out, at an instant and with a scope for each number.</summary>
    private static bool IsAccepted(string json)
    {
        try
        {
            var context = new RequestDeserializer().Deserialize(new BytesMessageBody(Encoding.UTF8.GetBytes(json)), EmptyHeaders.Instance);
            Assert.True(context.TryGetMessage<HokifyImportRequested>(out var message));
            ImportRequest.From(message!, string.IsNullOrWhiteSpace(message!.IdempotencyKey) ? "fresh" : message.IdempotencyKey, [message.ScopeId], Now);
            return true;
        }
        catch (Exception exception) when (exception is SerializationException or RequestRefusedException)
        {
            return false;
        }
    }

    private static void AssertValid(JsonSchema schema, string json)
    {
        var errors = schema.Validate(json);
        Assert.True(errors.Count == 0, $"{string.Join("; ", errors)} in {json}");
    }

    private static void AssertUrn<T>()
        where T : class
    {
        var urn = MessageUrn.ForTypeString<T>();
        Assert.Equal(urn, AsyncApi.Document["components"]!["messages"]![typeof(T).Name]!["bindings"]!["amqp"]!["messageType"]!.GetValue<string>());
        Assert.Equal(urn, AsyncApi.Schemas[$"{typeof(T).Name}Envelope"]!["properties"]!["messageType"]!["contains"]!["const"]!.GetValue<string>());
        Assert.Contains(Examples(typeof(T).Name), example => Strings(example["payload"]!["messageType"]).SequenceEqual([urn]));
    }

    private static string Exchange<T>() => typeof(T).GetCustomAttribute<EntityNameAttribute>()!.EntityName;

    private static List<JsonNode> Examples(string message) =>
        [.. AsyncApi.Document["components"]!["messages"]![message]!["examples"]!.AsArray().Select(example => example!)];

    private static IEnumerable<string> Strings(JsonNode? array) => array is null ? [] : array.AsArray().Select(text => text!.GetValue<string>());

    private static IEnumerable<(string Name, Type Type, bool Nullable)> Members(Type type)
    {
        var nullability = new NullabilityInfoContext();
        return
            from property in type.GetProperties()
            let name = property.GetCustomAttribute<JsonPropertyNameAttribute>()!.Name
            select (name, property.PropertyType, nullability.Create(property).WriteState == NullabilityState.Nullable);
    }

    /// <summary>The JSON types that a schema allows, through its alternatives and references.</summary>
    private static HashSet<string> Types(JsonNode schema)
    {
        if (schema["$ref"] is not null)
        {
            return Types(AsyncApi.Resolve(schema));
        }

        if ((schema["anyOf"] ?? schema["allOf"]) is JsonArray parts)
        {
            return [.. parts.SelectMany(part => Types(part!))];
        }

        return schema["type"] is JsonArray types ? [.. Strings(types)] : [schema["type"]!.GetValue<string>()];
    }

    /// <summary>What a CLR type may look like in JSON; numbers may be quoted, and modes may be numbers.</summary>
    private static string[] Expected(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { } text when text == typeof(string) || text == typeof(Guid) || text == typeof(DateTimeOffset) => ["string"],
        { } flag when flag == typeof(bool) => ["boolean"],
        { } number when number == typeof(int) || number.IsEnum => ["integer", "string"],
        { } number when number == typeof(decimal) => ["number", "string"],
        _ => ["object"],
    };
}
