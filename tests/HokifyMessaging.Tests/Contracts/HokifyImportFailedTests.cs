using System.Reflection;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Contracts;
using MassTransit;

namespace HokifyMessaging.Tests.Contracts;

public sealed class HokifyImportFailedTests
{
    private static readonly HokifyImportFailed Failed = new()
    {
        RunId = Guid.Parse("0198c0de-0000-7000-8000-000000000001"),
        IdempotencyKey = "k",
        ScopeId = 2,
        Kind = FailureKind.Failed,
        Reason = "hokify is away.",
        At = new DateTimeOffset(2026, 3, 1, 2, 1, 12, 500, TimeSpan.Zero),
        ResumesAt = new DateTimeOffset(2026, 3, 1, 2, 1, 17, 500, TimeSpan.Zero),
    };

    [Fact]
    public void Exchange_and_urn_never_change()
    {
        Assert.Equal("hokify.import-failed", typeof(HokifyImportFailed).GetCustomAttribute<EntityNameAttribute>()!.EntityName);
        Assert.Equal("urn:message:hokify:import-failed:v1", MessageUrn.ForTypeString<HokifyImportFailed>());
    }

    [Theory]
    [MemberData(nameof(Wire.Serializers), MemberType = typeof(Wire))]
    public void Every_serializer_writes_these_bytes(string serializer) => Assert.Equal(
        """{"runId":"0198c0de-0000-7000-8000-000000000001","idempotencyKey":"k","scopeId":2,"kind":"Failed","reason":"hokify is away.","at":"2026-03-01T02:01:12.5+00:00","resumesAt":"2026-03-01T02:01:17.5+00:00"}""",
        Compact(JsonSerializer.Serialize(Failed, Wire.Options(serializer))));

    [Fact]
    public void The_envelope_has_the_same_bytes_and_says_null_where_nothing_is_known()
    {
        Assert.Equal(Compact(JsonSerializer.Serialize(Failed)), Message(Failed));
        Assert.Equal(
            """{"runId":null,"idempotencyKey":null,"scopeId":null,"kind":"Refused","reason":"The message body is empty.","at":"2026-03-01T02:01:12+00:00","resumesAt":null}""",
            Message(new HokifyImportFailed { Kind = FailureKind.Refused, Reason = "The message body is empty.", At = new DateTimeOffset(2026, 3, 1, 2, 1, 12, TimeSpan.Zero) }));
    }

    [Fact]
    public void Every_failure_survives_every_serializer_and_the_envelope() => ContractMessages.FailedImports.Sample(failed =>
    {
        foreach (var serializer in Wire.Serializers)
        {
            var options = Wire.Options(serializer.Data);
            Assert.Equal(failed, JsonSerializer.Deserialize<HokifyImportFailed>(JsonSerializer.Serialize(failed, options), options));
        }

        Assert.Equal(failed, Wire.FromEnvelope<HokifyImportFailed>(Wire.ToEnvelope(failed)));
    });

    [Theory]
    [InlineData("\"gaveup\"", FailureKind.GaveUp)]
    [InlineData("\"Cancelled\"", FailureKind.Cancelled)]
    [InlineData("0", FailureKind.Refused)]
    [InlineData("\"1\"", FailureKind.Failed)]
    public void A_kind_is_read_from_its_name_in_any_case_or_from_its_number(string json, FailureKind kind) =>
        Assert.Equal(kind, JsonSerializer.Deserialize<HokifyImportFailed>($$"""{"kind":{{json}}}""")!.Kind);

    [Theory]
    [InlineData("4")]
    [InlineData("\"Refused, Failed\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    public void Another_kind_is_refused_with_those_that_there_are(string json)
    {
        var error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<HokifyImportFailed>($$"""{"kind":{{json}}}"""));

        Assert.StartsWith("kind must be \"Refused\" (0) or \"Failed\" (1) or \"GaveUp\" (2) or \"Cancelled\" (3).", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_that_is_not_defined_is_not_written_either() => Assert.Equal(
        "kind 7 is not defined; it must be Refused or Failed or GaveUp or Cancelled.",
        Assert.Throws<JsonException>(() => JsonSerializer.Serialize(new HokifyImportFailed { Kind = (FailureKind)7 })).Message);

    [Fact]
    public void Members_that_are_not_known_are_ignored() =>
        Assert.Equal("k", JsonSerializer.Deserialize<HokifyImportFailed>("""{"someday":{"a":[1]},"idempotencyKey":"k"}""")!.IdempotencyKey);

    private static string Message(HokifyImportFailed failed)
    {
        using var envelope = JsonDocument.Parse(Wire.ToEnvelope(failed));
        return Compact(envelope.RootElement.GetProperty("message").GetRawText());
    }

    /// <summary>Without blanks between members, and with its values as they were written.</summary>
    private static string Compact(string json)
    {
        using var document = JsonDocument.Parse(json);
        return "{" + string.Join(',', document.RootElement.EnumerateObject().Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}")) + "}";
    }
}
