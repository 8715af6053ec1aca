using System.Globalization;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Contracts;

namespace HokifyMessaging.Tests.Contracts;

public sealed class HokifyImportRequestedTests
{
    public static TheoryData<string> Readers => [.. Wire.Serializers.Select(row => row.Data), "Envelope"];

    public static MatrixTheoryData<string, string> RefusedModes => new(
        [.. Readers.Select(row => row.Data)],
        ["2", "-1", "1.0", "1e0", "\"2\"", "\"Incremental, Full\"", "\"complete\"", "\"\"", "\" \"", "null", "true", "[]", "{}"]);

    public static MatrixTheoryData<string, string> RefusedSeconds => new(
        [.. Readers.Select(row => row.Data)],
        ["\"\"", "\" \"", "\"soon\"", "\"1,5\"", "\"1,700,000,000\"", "\" 5\"", "\"NaN\"", "\"2026-02-14\"", "1e400", "true", "[1]", "{}"]);

    public static MatrixTheoryData<string, string> RefusedScopes => new(
        [.. Readers.Select(row => row.Data)],
        ["\"\"", "\"one\"", "1.5", "1.0", "3000000000", "\"1,000\"", "null", "true", "[]"]);

    public static MatrixTheoryData<string, string> RefusedDeletions => new(
        [.. Readers.Select(row => row.Data)],
        ["\"\"", "\"all\"", "1.5", "1.0", "3000000000", "\"1,000\"", "true", "[]"]);

    private static readonly Gen<HokifyImportRequested> Requests =
        from scopeId in Gen.Int
        from mode in Gen.Enum<ImportMode>()
        from seconds in Gen.Decimal.Nullable()
        from key in Gen.String.Null()
        from dryRun in Gen.Bool
        from requestedBy in Gen.String.Null()
        from deletions in Gen.Int.Nullable()
        select new HokifyImportRequested
        {
            ScopeId = scopeId,
            ImportMode = mode,
            UnixSecondsFrom = seconds,
            IdempotencyKey = key,
            DryRun = dryRun,
            RequestedBy = requestedBy,
            AllowDeletions = deletions,
        };

    [Theory]
    [MemberData(nameof(Readers))]
    public void An_empty_object_asks_for_an_incremental_import_of_scope_1(string reader)
        => Assert.Equal(new HokifyImportRequested { ScopeId = 1, ImportMode = ImportMode.Incremental }, Wire.ReadRequest(reader, "{}"));

    [Theory]
    [MemberData(nameof(Readers))]
    public void Members_that_are_not_known_are_ignored(string reader)
        => Assert.Equal(new HokifyImportRequested { ScopeId = 3 }, Wire.ReadRequest(reader, """{"someday":{"a":[1]},"scopeId":3,"new":null}"""));

    [Theory]
    [InlineData("Web")]
    [InlineData("MassTransit")]
    [InlineData("Envelope")]
    public void Members_are_read_in_either_case(string reader)
        => Assert.Equal(
            new HokifyImportRequested { ScopeId = 3, ImportMode = ImportMode.Full, UnixSecondsFrom = 5, IdempotencyKey = "k", DryRun = true, RequestedBy = "cron" },
            Wire.ReadRequest(reader, """{"ScopeId":3,"IMPORTMODE":"Full","unixSecondsFrom":5,"IdempotencyKey":"k","DryRun":true,"requestedby":"cron"}"""));

    [Theory]
    [MemberData(nameof(Wire.Serializers), MemberType = typeof(Wire))]
    public void Every_serializer_writes_the_same_names_a_mode_by_name_and_seconds_as_a_number(string serializer)
    {
        var request = new HokifyImportRequested { ScopeId = 2, ImportMode = ImportMode.Full, UnixSecondsFrom = 1771077762.25m, IdempotencyKey = "k", DryRun = true, RequestedBy = "cron", AllowDeletions = 120, PlanDigest = "d" };
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(request, Wire.Options(serializer)));

        Assert.Equal(
            """{"scopeId":2,"importMode":"Full","unixSecondsFrom":1771077762.25,"idempotencyKey":"k","dryRun":true,"requestedBy":"cron","allowDeletions":120,"planDigest":"d"}""",
            JsonSerializer.Serialize(json));
    }

    [Fact]
    public void MassTransits_envelope_holds_a_mode_by_name_and_seconds_as_a_number()
    {
        using var envelope = JsonDocument.Parse(Wire.ToEnvelope(new HokifyImportRequested { ImportMode = ImportMode.Full, UnixSecondsFrom = 0.5m }));

        Assert.Equal(
            """{"scopeId":1,"importMode":"Full","unixSecondsFrom":0.5,"idempotencyKey":null,"dryRun":false,"requestedBy":null,"allowDeletions":null,"planDigest":null}""",
            JsonSerializer.Serialize(envelope.RootElement.GetProperty("message")));
        Assert.Equal("urn:message:hokify:import-requested:v1", envelope.RootElement.GetProperty("messageType")[0].GetString());
    }

    [Fact]
    public void A_decimal_without_our_converter_would_travel_through_MassTransit_as_a_string()
        => Assert.Equal("\"0.5\"", JsonSerializer.Serialize(0.5m, Wire.MassTransit));

    [Theory]
    [InlineData("\"Incremental\"", ImportMode.Incremental)]
    [InlineData("\"full\"", ImportMode.Full)]
    [InlineData("\"FULL\"", ImportMode.Full)]
    [InlineData("0", ImportMode.Incremental)]
    [InlineData("1", ImportMode.Full)]
    [InlineData("\"1\"", ImportMode.Full)]
    public void A_mode_is_read_from_its_name_in_any_case_or_its_number(string json, ImportMode mode)
        => Assert.All(Readers, reader => Assert.Equal(mode, Wire.ReadRequest(reader.Data, $$"""{"importMode":{{json}}}""").ImportMode));

    [Theory]
    [MemberData(nameof(RefusedModes))]
    public void Another_mode_is_refused_with_what_would_be_right(string reader, string json)
        => Assert.Equal(
            "importMode must be \"Incremental\" (0) or \"Full\" (1); leave it out for \"Incremental\".",
            Wire.Refuse(reader, $$"""{"importMode":{{json}}}""").Message);

    [Fact]
    public void A_mode_that_is_not_defined_is_not_written_either()
        => Assert.Equal(
            "importMode 7 is not defined; it must be Incremental or Full.",
            Assert.Throws<JsonException>(() => JsonSerializer.Serialize(new HokifyImportRequested { ImportMode = (ImportMode)7 })).Message);

    [Theory]
    [InlineData("1771077762", "1771077762")]
    [InlineData("1771077762.125", "1771077762.125")]
    [InlineData("\"1771077762.125\"", "1771077762.125")]
    [InlineData("1.5e3", "1500")]
    [InlineData("\"1.5E3\"", "1500")]
    [InlineData("\"-1\"", "-1")]
    [InlineData("0", "0")]
    public void Seconds_are_read_from_a_number_or_a_numeric_string(string json, string seconds)
        => Assert.All(Readers, reader => Assert.Equal(
            decimal.Parse(seconds, CultureInfo.InvariantCulture),
            Wire.ReadRequest(reader.Data, $$"""{"unixSecondsFrom":{{json}}}""").UnixSecondsFrom));

    [Fact]
    public void Seconds_are_read_alike_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-AT");
        try
        {
            Assert.Equal(1.5m, Wire.ReadRequest("Plain", """{"unixSecondsFrom":"1.5"}""").UnixSecondsFrom);
            Assert.Equal("1.5", JsonDocument.Parse(JsonSerializer.Serialize(new HokifyImportRequested { UnixSecondsFrom = 1.5m })).RootElement.GetProperty("unixSecondsFrom").GetRawText());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void No_seconds_are_read_from_null(string reader)
        => Assert.Null(Wire.ReadRequest(reader, """{"unixSecondsFrom":null}""").UnixSecondsFrom);

    [Theory]
    [MemberData(nameof(RefusedSeconds))]
    public void Other_seconds_are_refused_and_never_read_as_1970(string reader, string json)
        => Assert.Equal(
            "unixSecondsFrom must be a number of seconds since 1970-01-01 UTC such as 1771077762.5, or the same as a string; leave it out to import since the watermark.",
            Wire.Refuse(reader, $$"""{"unixSecondsFrom":{{json}}}""").Message);

    [Theory]
    [InlineData("120", 120)]
    [InlineData("\"120\"", 120)]
    [InlineData("null", null)]
    public void Accepted_deletions_are_read_from_a_number_or_a_numeric_string(string json, int? deletions)
        => Assert.All(Readers, reader => Assert.Equal(deletions, Wire.ReadRequest(reader.Data, $$"""{"allowDeletions":{{json}}}""").AllowDeletions));

    [Theory]
    [MemberData(nameof(RefusedDeletions))]
    public void Other_deletions_are_refused_with_what_would_be_right(string reader, string json)
        => Assert.Equal(
            "allowDeletions must be a whole number of applications such as 120, or the same as a string; leave it out to have the deletion guard decide.",
            Wire.Refuse(reader, $$"""{"allowDeletions":{{json}}}""").Message);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("\"7\"", 7)]
    [InlineData("-2147483648", int.MinValue)]
    [InlineData("\"2147483647\"", int.MaxValue)]
    public void A_scope_is_read_from_a_number_or_a_numeric_string(string json, int scopeId)
        => Assert.All(Readers, reader => Assert.Equal(scopeId, Wire.ReadRequest(reader.Data, $$"""{"scopeId":{{json}}}""").ScopeId));

    [Theory]
    [MemberData(nameof(RefusedScopes))]
    public void Another_scope_is_refused_with_what_would_be_right(string reader, string json)
        => Assert.Equal(
            "scopeId must be a whole number such as 1, or the same as a string; leave it out for scope 1.",
            Wire.Refuse(reader, $$"""{"scopeId":{{json}}}""").Message);

    [Fact]
    public void Every_request_survives_every_serializer_and_the_envelope()
        => Requests.Sample(request =>
        {
            foreach (var serializer in Wire.Serializers)
            {
                var options = Wire.Options(serializer.Data);
                Assert.Equal(request, JsonSerializer.Deserialize<HokifyImportRequested>(JsonSerializer.Serialize(request, options), options));
            }

            Assert.Equal(request, Wire.FromEnvelope<HokifyImportRequested>(Wire.ToEnvelope(request)));
        });
}
