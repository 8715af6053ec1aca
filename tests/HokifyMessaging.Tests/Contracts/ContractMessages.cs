using System.Globalization;
using CsCheck;
using HokifyMessaging.Contracts;

namespace HokifyMessaging.Tests.Contracts;

/// <summary>Messages as they may travel, and bodies as publishers may write them.</summary>
internal static class ContractMessages
{
    private static readonly Gen<decimal> Seconds = Gen.Long[946_684_800_000, 1_772_330_400_000].Select(milliseconds => milliseconds / 1000m);

    private static readonly Gen<string> Key = Gen.String[Gen.Char.AlphaNumeric, 1, 200];

    private static readonly Gen<IReadOnlyDictionary<string, int>> Counts =
        Gen.Dictionary(Gen.OneOfConst("Candidate", "CandidateProfile", "ActivityLog", "Fetched"), Gen.Int[0, int.MaxValue])[0, 4]
            .Select(IReadOnlyDictionary<string, int> (counts) => counts);

    private static readonly Gen<ImportException> Failures =
        from className in Gen.String
        from message in Gen.String.Null()
        from helpUrl in Gen.String.Null()
        from hResult in Gen.Int
        from source in Gen.String.Null()
        select new ImportException { ClassName = className, Message = message, HelpURL = helpUrl, HResult = hResult, Source = source };

    private static readonly Gen<ExportImportResult> Results =
        from counts in Counts.Array[5]
        from exceptions in Gen.Dictionary(Gen.String, Failures.List[0, 3].Select(IReadOnlyList<ImportException> (failures) => failures))[0, 3]
        from downloadUrl in Gen.String.Null()
        from ok in Gen.Int[0, int.MaxValue]
        from errors in Gen.Int[0, int.MaxValue]
        select new ExportImportResult
        {
            CreatedCounts = counts[0],
            UpdatedCounts = counts[1],
            DeletedCounts = counts[2],
            UnchangedCounts = counts[3],
            StatsCounter = counts[4],
            Exceptions = exceptions,
            DownloadUrl = downloadUrl,
            OkCount = ok,
            ErrorCount = errors,
        };

    /// <summary>What .NET publishers send.</summary>
    public static readonly Gen<HokifyImportRequested> Requests =
        from scopeId in Gen.Int
        from mode in Gen.Enum<ImportMode>()
        from seconds in Seconds.Nullable()
        from key in Key.Null()
        from dryRun in Gen.Bool
        from requestedBy in Key.Null()
        from deletions in Gen.Int[0, int.MaxValue].Nullable()
        select new HokifyImportRequested
        {
            ScopeId = scopeId,
            ImportMode = mode,
            UnixSecondsFrom = mode == ImportMode.Full ? null : seconds,
            IdempotencyKey = key,
            DryRun = dryRun,
            RequestedBy = requestedBy,
            AllowDeletions = mode == ImportMode.Full ? deletions : null,
            PlanDigest = dryRun || key is not { Length: > 3 } ? null : "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        };

    /// <summary>What the importer sends where there is no result.</summary>
    public static readonly Gen<HokifyImportFailed> FailedImports =
        from runId in Gen.Guid.Nullable()
        from key in Key.Null()
        from scopeId in Gen.Int.Nullable()
        from kind in Gen.Enum<FailureKind>()
        from reason in Gen.String[Gen.Char.AlphaNumeric, 1, 1_000]
        from at in Seconds
        from pause in Gen.Long[0, 10_000_000].Nullable()
        let happened = DateTimeOffset.UnixEpoch.AddSeconds((double)at)
        select new HokifyImportFailed
        {
            RunId = runId,
            IdempotencyKey = key,
            ScopeId = scopeId,
            Kind = kind,
            Reason = reason,
            At = happened,
            ResumesAt = pause is { } milliseconds ? happened.AddMilliseconds(milliseconds) : null,
        };

    /// <summary>What the importer sends.</summary>
    public static readonly Gen<HokifyImportCompleted> Completions =
        from runId in Gen.Guid
        from key in Key
        from scopeId in Gen.Int
        from mode in Gen.Enum<ImportMode>()
        from seconds in Seconds.Nullable()
        from dryRun in Gen.Bool
        from requestedBy in Key.Null()
        from started in Seconds
        from took in Gen.Long[0, 10_000_000]
        from result in Results
        let startedAt = DateTimeOffset.UnixEpoch.AddSeconds((double)started)
        select new HokifyImportCompleted
        {
            RunId = runId,
            IdempotencyKey = key,
            ScopeId = scopeId,
            ImportMode = mode,
            UnixSecondsFrom = seconds,
            DryRun = dryRun,
            RequestedBy = requestedBy,
            StartedAt = startedAt,
            CompletedAt = startedAt.AddMilliseconds(took),
            Result = result,
        };

    /// <summary>
    /// JSON texts, right and wrong, as far as a schema can tell them apart. It sees a quoted number as a text without a
    /// value, and knows no clock: here no quoted number is out of range, and no start lies in the future. Nor has an
    /// integer a fraction of zero, which is the same number in JSON and not in .NET.
    /// </summary>
    public static readonly Gen<string> Bodies = BodyTexts();

    private static Gen<string> BodyTexts()
    {
        Gen<string> Member(string name, Gen<string> value) => Gen.Frequency(
            (1, Gen.Const("")), (3, value.Select(text => $"\"{name}\":{text}")));

        var wrong = Gen.OneOfConst("null", "[]", "{}", "true", "1.5", "-1", "\"\"", "\" \"", "\"one\"", "\"1,5\"", "2");
        Gen<string> Or(Gen<string> right) => Gen.Frequency((12, right), (1, wrong));

        var number = Gen.Int.Select(value => value.ToString(CultureInfo.InvariantCulture));
        var seconds = Seconds.Select(value => value.ToString(CultureInfo.InvariantCulture));
        var text = Gen.String[Gen.Char.AlphaNumeric, 0, 201].Select(value => $"\"{value}\"");
        var request = Gen.Select(
            Member("scopeId", Or(Gen.OneOf(number, number.Select(value => $"\"{value}\""), Gen.Const("3000000000")))),
            Member("importMode", Or(Gen.OneOfConst("\"Incremental\"", "\"Full\"", "\"full\"", "\"INCREMENTAL\"", "0", "1", "\"0\"", "\"1\""))),
            Member("unixSecondsFrom", Or(Gen.OneOf(seconds, seconds.Select(value => $"\"{value}\""), Gen.Const("null"), Gen.Const("\"1.7e9\"")))),
            Member("idempotencyKey", Or(text)),
            Member("dryRun", Or(Gen.OneOfConst("true", "false"))),
            Member("requestedBy", Or(text)),
            Gen.Frequency((5, Gen.Const("")), (2, Or(Gen.OneOfConst("0", "120", "\"120\"", "\"+5\"", "null", "-3")).Select(value => $"\"allowDeletions\":{value}"))),
            Member("later", Gen.OneOfConst("null", "1", "{\"a\":[1]}")),
            (scopeId, mode, from, key, dryRun, requestedBy, deletions, later) =>
                $"{{{string.Join(',', new[] { scopeId, mode, from, key, dryRun, requestedBy, deletions, later }.Where(member => member.Length > 0))}}}");
        var envelope = request.Select(message => Wire.Envelope("urn:message:hokify:import-requested:v1", message));
        var halfAnEnvelope = request.Select(message => $$"""{"messageType":"request","message":{{message}}}""");
        return Gen.Frequency((8, request), (3, envelope), (1, halfAnEnvelope), (1, Gen.OneOfConst("null", "[]", "[{}]", "1", "\"{}\"", "true")));
    }
}
