using System.Text.Json;
using System.Text.Json.Nodes;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>A request is what its body says, whatever its publisher calls it; and what is no request is refused in one sentence.</summary>
public sealed class EnvelopeOrRawTests(SharedBroker shared)
{
    private const string Good = """ A good body is {"scopeId": 1, "importMode": "Incremental", "idempotencyKey": "nightly-2026-03-01"}, or MassTransit's envelope around it.""";

    private static readonly string?[] ContentTypes =
    [
        null, "application/json", "application/vnd.masstransit+json", "text/plain", "application/octet-stream", "application/x-unknown", "no content type at all",
    ];

    [Fact]
    public async Task A_request_is_read_under_any_content_type_or_none_with_or_without_envelope_in_either_case()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 5);
        var keys = new List<string>();
        foreach (var contentType in ContentTypes)
        {
            foreach (var (form, body) in Forms())
            {
                var key = $"{form} as {contentType ?? "nothing"}";
                keys.Add(key);
                await way.Operator.PublishAsync(body.Replace("KEY", key, StringComparison.Ordinal), Properties(contentType));
            }
        }

        await way.UntilCompletionsAsync(keys.Count);

        Assert.Equal(keys.Order(), way.Outsider.Completions.Select(completion => completion.Event.IdempotencyKey).Order());
        Assert.All(way.Outsider.Completions, completion => Assert.Equal((true, "a test"), (completion.Event.DryRun, completion.Event.RequestedBy)));
        Assert.Empty(await way.Operator.ErrorsAsync());
    }

    [Fact]
    public async Task What_is_no_request_is_refused_with_the_same_sentence_in_the_error_queue_in_the_event_and_in_the_log()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 5);
        (string Body, string? ContentType, string Sentence)[] refusals =
        [
            ("", null, "The message body is empty."),
            ("", "application/vnd.masstransit+json", "The message body is empty."),
            ("null", "application/json", "The message body is null, not a JSON object."),
            ("[{}]", null, "The message body is an array, not a JSON object."),
            ("[{}]", "application/vnd.masstransit+json", "The message body is an array, not a JSON object."),
            ("Erika Mustermann", "text/plain", "The message body is not JSON from line 1, byte 1 on."),
            ("""{"requestedBy": "Erika Mustermann" """, "application/x-unknown", "The message body is not JSON from line 1, byte 36 on."),
            (
                """{"messageType": ["urn:message:Another.System:SomethingElse"], "message": {"name": "Erika Mustermann"}}""",
                "application/vnd.masstransit+json",
                "The message body is an envelope of another message; expected among its messageType is urn:message:hokify:import-requested:v1."),
            (
                """{"messageType": ["urn:message:hokify:import-completed:v1"], "message": {"requestedBy": "Erika Mustermann"}}""",
                null,
                "The message body is an envelope of another message; expected among its messageType is urn:message:hokify:import-requested:v1."),
        ];

        foreach (var refusal in refusals)
        {
            await way.Operator.PublishAsync(refusal.Body, Properties(refusal.ContentType));
        }

        var errors = await way.Operator.UntilErrorsAsync(refusals.Length);
        await way.Site.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count == refusals.Length), "a failure arrives for each");
        var service = Assert.Single(way.Site.Processes);

        var sentences = refusals.Select(refusal => refusal.Sentence + Good).Order().ToList();
        Assert.Equal(sentences, errors.Select(error => error.Header("MT-Fault-Message")).Order());
        Assert.Equal(sentences, way.Outsider.Failures.Select(failure => failure.Event.Reason).Order());
        foreach (var sentence in sentences.Distinct())
        {
            Assert.Equal(sentences.Count(other => other == sentence), service.Lines.Count(line => line.EndsWith($"goes to hokify-import_error: {sentence}", StringComparison.Ordinal)));
        }

        Assert.Equal(refusals.Select(refusal => refusal.Body).Order(StringComparer.Ordinal), errors.Select(error => error.Payload).Order(StringComparer.Ordinal));
        IsSilentOnPeople(way, errors);

        // What belongs to somebody else is refused as well, and never lost where only a debugger looks.
        Assert.DoesNotContain("hokify-import_skipped", await way.Operator.QueuesAsync());
    }

    [Fact]
    public async Task A_member_with_a_wrong_value_is_named_and_a_person_in_another_one_is_not()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 5);

        await way.Operator.PublishAsync("""{"importMode": "Sometimes", "requestedBy": "Erika Mustermann"}""");
        await way.Operator.PublishAsync("""{"scopeId": 7, "requestedBy": "Erika Mustermann"}""");
        var errors = await way.Operator.UntilErrorsAsync(2);
        await way.Site.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count == 2), "a failure arrives for each");

        const string UnknownScope = "ScopeId 7 is not configured; the configured scopes are 1.";
        var unread = Assert.Single(way.Outsider.Failures, failure => failure.Event.ScopeId == 1).Event.Reason;
        Assert.Contains("path $.importMode)", unread, StringComparison.Ordinal);
        Assert.Equal(UnknownScope, Assert.Single(way.Outsider.Failures, failure => failure.Event.ScopeId == 7).Event.Reason);
        Assert.Equal(new[] { unread, UnknownScope }.Order(), errors.Select(error => error.Header("MT-Fault-Message")).Order());
        var service = Assert.Single(way.Site.Processes);
        Assert.Single(service.Lines, line => line.EndsWith($"goes to hokify-import_error: {unread}", StringComparison.Ordinal));
        Assert.Single(service.Lines, line => line.EndsWith($"goes to hokify-import_error: {UnknownScope}", StringComparison.Ordinal));
        IsSilentOnPeople(way, errors);
    }

    private static void IsSilentOnPeople(Way way, IReadOnlyList<QueuedMessage> errors)
    {
        Assert.All(errors, error => Assert.DoesNotContain("Mustermann", error.Properties.GetRawText(), StringComparison.Ordinal));
        Assert.All(way.Outsider.Failures, failure => Assert.DoesNotContain("Mustermann", JsonSerializer.Serialize(failure.Event), StringComparison.Ordinal));
        foreach (var line in way.Site.Processes.SelectMany(process => process.Lines))
        {
            Assert.DoesNotContain("Mustermann", line, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<(string Form, string Body)> Forms()
    {
        const string Request = """{"dryRun": true, "idempotencyKey": "KEY", "requestedBy": "a test"}""";
        yield return ("camelCase", Request);
        yield return ("PascalCase", """{"DryRun": true, "IdempotencyKey": "KEY", "RequestedBy": "a test"}""");
        yield return ("envelope", new JsonObject
        {
            ["messageId"] = Guid.NewGuid().ToString(),
            ["messageType"] = new JsonArray("urn:message:hokify:import-requested:v1"),
            ["message"] = JsonNode.Parse(Request),
        }.ToJsonString());
    }

    private static object Properties(string? contentType) => contentType is null ? new { } : new { content_type = contentType };
}
