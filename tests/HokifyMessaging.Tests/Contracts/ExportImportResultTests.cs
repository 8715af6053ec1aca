using System.Reflection;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Contracts;
using MassTransit;

namespace HokifyMessaging.Tests.Contracts;

public sealed class ExportImportResultTests
{
    private static readonly string Seed = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samples", "seed-result.json"));

    private static readonly Gen<string> Names = Gen.OneOf(Gen.OneOfConst("Candidate", "CandidateProfile", "ActivityLog", "Fetched"), Gen.String[1, 12]);

    private static readonly Gen<IReadOnlyDictionary<string, int>> Counts = Gen.Dictionary(Names, Gen.Int)[0, 4].Select(IReadOnlyDictionary<string, int> (counts) => counts);

    private static readonly Gen<ImportException> Failures =
        from className in Gen.String
        from message in Gen.String.Null()
        from helpUrl in Gen.String.Null()
        from hResult in Gen.Int
        from source in Gen.String.Null()
        select new ImportException { ClassName = className, Message = message, HelpURL = helpUrl, HResult = hResult, Source = source };

    private static readonly Gen<ExportImportResult> Results =
        from created in Counts
        from updated in Counts
        from deleted in Counts
        from unchanged in Counts
        from exceptions in Gen.Dictionary(Names, Failures.List[0, 3].Select(IReadOnlyList<ImportException> (failures) => failures))[0, 3]
        from downloadUrl in Gen.String.Null()
        from ok in Gen.Int
        from errors in Gen.Int
        from stats in Counts
        select new ExportImportResult
        {
            CreatedCounts = created,
            UpdatedCounts = updated,
            DeletedCounts = deleted,
            UnchangedCounts = unchanged,
            Exceptions = exceptions,
            DownloadUrl = downloadUrl,
            OkCount = ok,
            ErrorCount = errors,
            StatsCounter = stats,
        };

    [Theory]
    [MemberData(nameof(Wire.Serializers), MemberType = typeof(Wire))]
    public void The_seeds_sample_is_written_again_byte_for_byte(string serializer)
    {
        var options = new JsonSerializerOptions(Wire.Options(serializer)) { WriteIndented = true, NewLine = "\n" };
        var result = JsonSerializer.Deserialize<ExportImportResult>(Seed, options);

        Assert.Equal(Seed, JsonSerializer.Serialize(result, options) + "\n");
        Assert.Equal(4, result!.StatsCounter["sample string 3"]);
        Assert.Equal(3, result.Exceptions["sample string 2"][1].HResult);
    }

    [Theory]
    [MemberData(nameof(Wire.Serializers), MemberType = typeof(Wire))]
    public void An_empty_result_has_all_members_of_the_seed(string serializer)
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(new ExportImportResult(), Wire.Options(serializer)));

        Assert.Equal(
            """{"CreatedCounts":{},"UpdatedCounts":{},"DeletedCounts":{},"UnchangedCounts":{},"Exceptions":{},"DownloadUrl":null,"OkCount":0,"ErrorCount":0,"StatsCounter":{}}""",
            JsonSerializer.Serialize(json));
    }

    [Theory]
    [MemberData(nameof(Wire.Serializers), MemberType = typeof(Wire))]
    public void Element_names_and_an_empty_failure_keep_the_seeds_spelling(string serializer)
    {
        var result = new ExportImportResult
        {
            CreatedCounts = new Dictionary<string, int> { ["CandidateProfile"] = 1 },
            Exceptions = new Dictionary<string, IReadOnlyList<ImportException>> { ["Candidate"] = [new ImportException()] },
            StatsCounter = new Dictionary<string, int> { ["UnknownFields"] = 2 },
        };
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(result, Wire.Options(serializer)));

        Assert.Equal("""{"CandidateProfile":1}""", JsonSerializer.Serialize(json.RootElement.GetProperty("CreatedCounts")));
        Assert.Equal("""{"UnknownFields":2}""", JsonSerializer.Serialize(json.RootElement.GetProperty("StatsCounter")));
        Assert.Equal(
            """{"Candidate":[{"ClassName":"System.Exception","Message":null,"Data":null,"InnerException":null,"HelpURL":null,"StackTraceString":null,"RemoteStackTraceString":null,"RemoteStackIndex":0,"ExceptionMethod":null,"HResult":0,"Source":null,"WatsonBuckets":null}]}""",
            JsonSerializer.Serialize(json.RootElement.GetProperty("Exceptions")));
    }

    [Fact]
    public void The_completion_travels_with_camel_case_members_around_the_seeds_result()
    {
        var completed = new HokifyImportCompleted
        {
            RunId = Guid.Parse("0198c0de-0000-7000-8000-000000000001"),
            IdempotencyKey = "k",
            ScopeId = 2,
            ImportMode = ImportMode.Full,
            UnixSecondsFrom = 1.5m,
            StartedAt = new DateTimeOffset(2026, 2, 14, 14, 2, 42, TimeSpan.Zero),
            CompletedAt = new DateTimeOffset(2026, 2, 14, 14, 2, 43, TimeSpan.Zero),
            Result = JsonSerializer.Deserialize<ExportImportResult>(Seed)!,
        };

        var text = Wire.ToEnvelope(completed);
        using var envelope = JsonDocument.Parse(text);
        var message = envelope.RootElement.GetProperty("message");

        Assert.Equal(
            ["runId", "idempotencyKey", "scopeId", "importMode", "unixSecondsFrom", "dryRun", "planDigest", "requestedBy", "startedAt", "completedAt", "result"],
            message.EnumerateObject().Select(member => member.Name));
        Assert.Equal("1.5", message.GetProperty("unixSecondsFrom").GetRawText());
        Assert.Equal("\"Full\"", message.GetProperty("importMode").GetRawText());
        using var seed = JsonDocument.Parse(Seed);
        Assert.Equal(JsonSerializer.Serialize(seed), JsonSerializer.Serialize(message.GetProperty("result")));
        Assert.Equal(JsonSerializer.Serialize(completed), JsonSerializer.Serialize(Wire.FromEnvelope<HokifyImportCompleted>(text)));
    }

    [Fact]
    public void Every_result_survives_every_serializer_and_the_envelope()
        => Results.Sample(result =>
        {
            var expected = JsonSerializer.Serialize(result);
            foreach (var serializer in Wire.Serializers)
            {
                var options = Wire.Options(serializer.Data);
                var again = JsonSerializer.Deserialize<ExportImportResult>(JsonSerializer.Serialize(result, options), options);
                Assert.Equal(expected, JsonSerializer.Serialize(again));
            }

            var completed = Wire.FromEnvelope<HokifyImportCompleted>(Wire.ToEnvelope(new HokifyImportCompleted { Result = result }));
            Assert.Equal(expected, JsonSerializer.Serialize(completed.Result));
        });

    [Theory]
    [InlineData("""{"CreatedCounts":[]}""")]
    [InlineData("""{"StatsCounter":{"Fetched":"many"}}""")]
    [InlineData("""{"Exceptions":{"Candidate":null}}""")]
    [InlineData("""{"CreatedCounts":{"Candidate":1""")]
    public void A_result_that_is_none_is_refused(string json)
        => Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<ExportImportResult>(json));

    [Theory]
    [InlineData(typeof(HokifyImportRequested), "hokify.import-requested", "urn:message:hokify:import-requested:v1")]
    [InlineData(typeof(HokifyImportCompleted), "hokify.import-completed", "urn:message:hokify:import-completed:v1")]
    public void Exchange_and_urn_of_a_message_never_change(Type message, string exchange, string urn)
    {
        Assert.Equal(exchange, message.GetCustomAttribute<EntityNameAttribute>()!.EntityName);
        Assert.Equal(urn, MessageUrn.ForTypeString(message));
    }
}
