using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Tests.Service.Screens;

/// <summary>Runs of all kinds, the same each time.</summary>
internal static class SampleRuns
{
    public const string Application = "5f1d7f0b2c3e4a5b6c7d8e9f";

    public static readonly DateTimeOffset Night = new(2026, 2, 15, 2, 0, 0, TimeSpan.Zero);

    public static readonly RunSummary Completed = new()
    {
        RunId = Guid.Parse("019c60a5-7c00-7000-8000-5a64ed47e597"),
        IdempotencyKey = "nightly-2026-02-15",
        ScopeId = 1,
        ImportMode = ImportMode.Incremental,
        DryRun = false,
        RequestedBy = "scheduler",
        State = RunState.Completed,
        Phase = "Concluding",
        CreatedAt = Night,
        StartedAt = Night,
        CompletedAt = Night.AddSeconds(12.34),
        DurationMilliseconds = 12_340,
        Fetched = 1200,
        OkCount = 2399,
        ErrorCount = 1,
    };

    public static readonly RunSummary Failed = Completed with
    {
        RunId = Guid.Parse("019c60a5-8d00-7000-8000-0c1d2e3f4a5b"),
        IdempotencyKey = "crm-7c0f6a2e-5b1d-4a53-9a58-0f7f3c1f2a10-of-a-long-name",
        RequestedBy = "crm (on behalf of recruiting)",
        ImportMode = ImportMode.Full,
        State = RunState.Failed,
        Phase = "Reading",
        CompletedAt = null,
        DurationMilliseconds = 252_000,
        Fetched = 300,
        OkCount = 600,
        ErrorCount = 0,
        Failure = "AtsApi offset 300 cannot be read: hokify answered 500 five times within 00:02:00; the run resumes at its checkpoint.",
    };

    public static readonly RunSummary Unattended = Completed with
    {
        RunId = Guid.Parse("019c60a5-9e00-7000-8000-1122334455aa"),
        IdempotencyKey = "request-2026-02-15",
        RequestedBy = null,
        ScopeId = 2,
        DryRun = true,
        State = RunState.Running,
        Phase = "Reading",
        CompletedAt = null,
        DurationMilliseconds = 7_380_000,
        UnattendedSince = Night.AddHours(2),
    };

    public static readonly RunSummary Queued = Completed with
    {
        RunId = Guid.Parse("019c60a5-af00-7000-8000-1122334455bb"),
        IdempotencyKey = "next",
        State = RunState.Queued,
        Phase = "Retrying",
        StartedAt = null,
        CompletedAt = null,
        DurationMilliseconds = null,
        Fetched = 0,
        OkCount = 0,
        ErrorCount = 0,
    };

    public static readonly ExportImportResult Result = new()
    {
        CreatedCounts = new Dictionary<string, int> { ["Candidate"] = 4, ["CandidateProfile"] = 5 },
        UpdatedCounts = new Dictionary<string, int> { ["Candidate"] = 1, ["CandidateProfile"] = 3 },
        DeletedCounts = new Dictionary<string, int> { ["Candidate"] = 0, ["CandidateProfile"] = 0 },
        UnchangedCounts = new Dictionary<string, int> { ["Candidate"] = 1190, ["CandidateProfile"] = 1191 },
        Exceptions = new Dictionary<string, IReadOnlyList<ImportException>>
        {
            ["CandidateProfile"] =
            [
                new ImportException
                {
                    Message = $"AtsApi offset 0, item 7, application {Application}, user.general.birthday is not a date; expected is ISO 8601, dd.MM.yyyy or Unix seconds or milliseconds, between the years 1900 and 2200.",
                },
            ],
        },
        OkCount = 2394,
        ErrorCount = 1,
        StatsCounter = new Dictionary<string, int> { ["Batches"] = 3, ["DurationMilliseconds"] = 12_340, ["Fetched"] = 1200, ["Pages"] = 12, ["Rejected"] = 1, ["Retried"] = 0 },
    };

    public static RunDetails Details(RunSummary summary) => new()
    {
        Summary = summary,
        WindowFrom = Night.AddDays(-1),
        WindowTo = Night,
        AnnouncedAt = summary.CompletedAt,
        NudgedAt = summary.CreatedAt.AddMinutes(5),
        Fence = 7,
        IsAtWork = false,
        Failures = summary.Failure is null ? 0 : 2,
        ResumeAt = summary.Failure is null ? null : Night.AddMinutes(20),
        SourceSaid = summary.Failure is null ? null : "upstream connect error or disconnect/reset before headers",
        Result = Result,
        WaitingCount = 3,
        Waiting =
        [
            new WaitingRecord(Application, "CandidateProfile", false, Result.Exceptions["CandidateProfile"][0].Message, 0, Night.AddMinutes(1)),
            new WaitingRecord("payload:0f3a5b7c9d1e2f405162738495a6b7c8", "CandidateProfile", true, "applications.csv line 42, matchId is missing; every record needs it.", 10, null),
        ],
    };
}
