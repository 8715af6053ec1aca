using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Results;

/// <summary>
/// One of the seed's columns, and what it holds in each kind of row. What the seed fills and the database does not have
/// stays empty.
/// </summary>
internal sealed record RunCsvColumn(string Name)
{
    private static readonly Dictionary<string, Func<ProfileColumns, object?>> Mapped = ProfileColumns.All.ToDictionary(c => c.Name, c => c.Value);

    private static readonly MarkedTable Profiles = DataMap.Of(nameof(CandidateProfile));
    private static readonly MarkedTable Activities = DataMap.Of(nameof(ActivityLog));

    /// <summary>What the result has of people are sentences that a run keeps.</summary>
    private static readonly DataMark Counted = DataMap.Of(nameof(ImportRun)).ColumnOf(nameof(ImportRun.CompletedEvent));

    /// <summary>What is made for the file: of nobody, or decided about member by member.</summary>
    public static readonly IReadOnlyList<string> MadeForTheFile = ["Scope", "RowNumber", ActivityLogs];

    /// <summary>What an application's row tells of the activity logs that the run wrote of it.</summary>
    private static readonly (DataMark Mark, Func<ActivityLog, object?> Value)[] OfActivity =
    [
        Member(nameof(ActivityLog.Id), l => l.Id),
        Member(nameof(ActivityLog.Name), l => l.Name),
        Member(nameof(ActivityLog.Status), l => l.Status),
        Member(nameof(ActivityLog.Command), l => l.Command),
        Member(nameof(ActivityLog.Date), l => l.Date),
        Member(nameof(ActivityLog.DateExecuted), l => l.DateExecuted),
        Member(nameof(ActivityLog.ResultCode), l => l.ResultCode),
        Member(nameof(ActivityLog.ResultData), l => l.ResultData),
        Member(nameof(ActivityLog.RetryCount), l => l.RetryCount),
        Member(nameof(ActivityLog.RetryInterval), l => l.RetryInterval),
    ];

    private const string ActivityLogs = "_ActivityLogs";

    /// <summary>It may open what this file does not show.</summary>
    private const string Link = "DownloadUrl";

    private Func<RunCsvRow.Profile, object?>? OfProfile { get; init; }

    private Func<RunCsvRow.Log, object?>? OfLog { get; init; }

    private Func<RunCsvRow.Result, object?>? OfResult { get; init; }

    /// <summary>All 71, in the seed's order and with its misspellings.</summary>
    public static IReadOnlyList<RunCsvColumn> All { get; } =
    [
        new("Id") { OfProfile = p => p.Stored.Id, OfLog = l => l.Stored.Id },
        new("ScopeId") { OfProfile = p => p.Stored.ScopeId, OfLog = l => l.Stored.ScopeId },
        OfApplication("Name") with { OfLog = l => l.Stored.Name },
        new("CandidateId") { OfProfile = p => p.Stored.CandidateId },
        OfApplication("PreferredKind"),
        OfApplication("PreferredTypes"),
        OfApplication("PreferredCategories"),
        OfApplication("PreferredPositions"),
        OfApplication("PreferredEmloyerSelectionMode"),
        OfApplication("PreferredOrganisationIds"),
        OfApplication("PreferredRegions"),
        OfApplication("PreferredSallery"),
        OfApplication("PreferredStartDate"),
        OfApplication("PreferredDurance"),
        OfApplication("PreferredText"),
        OfApplication("CurrentStatus"),
        OfApplication("CurrentJobHuntingSince"),
        OfApplication("CurrentEmployer"),
        OfApplication("CurrentKind"),
        OfApplication("CurrentType"),
        OfApplication("CurrentCategory"),
        OfApplication("CurrentPosition"),
        OfApplication("CurrentSallery"),
        OfApplication("CurrentChangeReason"),
        OfApplication("CurrentNoticePeriod"),
        OfApplication("CurrentEndOfEducation"),
        OfApplication("CurrentEarliestEntryDate"),
        OfApplication("CurrentExpectations"),
        OfApplication("CoverLetter"),
        OfApplication("VideoUrl"),
        OfApplication("Consent"),
        OfApplication("ConsentGDPR"),
        OfApplication("Status") with { OfLog = l => l.Stored.Status },
        new("ReferenceId") { OfProfile = p => p.Stored.ReferenceId, OfLog = l => l.Stored.ReferenceId },
        OfApplication("IsActive"),
        OfApplication("Sort"),
        OfApplication("Comment"),
        OfApplication("DatePublish"),
        OfApplication("DateExpires"),
        new("Version") { OfProfile = p => p.Stored.Version, OfLog = l => l.Stored.Version },
        new("IsDeleted") { OfProfile = p => p.Stored.IsDeleted },
        new("History") { OfProfile = p => p.Stored.History },
        new("Candidate"),
        new("Scope") { OfProfile = p => p.Scope, OfLog = l => l.Scope },
        new("RowNumber") { OfProfile = p => p.Number, OfLog = l => l.Number },
        OfApplication("CoverLetterFile"),
        OfApplication("CandidateName"),
        new("_Messages"),
        new(ActivityLogs),
        new("ElementDisplayName") { OfLog = l => l.Stored.ElementDisplayName },
        new("Command") { OfLog = l => l.Stored.Command },
        new("Date") { OfLog = l => l.Stored.Date },
        new("DateExecuted") { OfLog = l => l.Stored.DateExecuted },
        new("ElementName") { OfLog = l => l.Stored.ElementName },
        new("ElementId") { OfLog = l => l.Stored.ElementId },
        new("Data") { OfLog = l => l.Stored.Data },
        new("ResultCode") { OfLog = l => l.Stored.ResultCode },
        new("ResultData") { OfLog = l => l.Stored.ResultData },
        new("RetryCount") { OfLog = l => l.Stored.RetryCount },
        new("RetryInterval") { OfLog = l => l.Stored.RetryInterval },
        new("CreatedCounts") { OfResult = r => r.Counted.CreatedCounts },
        new("UpdatedCounts") { OfResult = r => r.Counted.UpdatedCounts },
        new("DeletedCounts") { OfResult = r => r.Counted.DeletedCounts },
        new("UnchangedCounts") { OfResult = r => r.Counted.UnchangedCounts },
        new("Exceptions") { OfResult = r => r.Counted.Exceptions },
        new(Link) { OfResult = r => r.Counted.DownloadUrl },
        new("OkCount") { OfResult = r => r.Counted.OkCount },
        new("ErrorCount") { OfResult = r => r.Counted.ErrorCount },
        new("StatsCounter") { OfResult = r => r.Counted.StatsCounter },
        new("Logs") { OfResult = r => r.Logs },
        new("ExceptionLogs") { OfResult = r => r.ExceptionLogs },
    ];

    /// <summary>Whether a row of an application or of an activity log has anything in it.</summary>
    public bool IsOfRow => OfProfile is not null || OfLog is not null;

    /// <summary>What stands in a row's cell; null leaves it empty.</summary>
    public object? Of(RunCsvRow row, PeopleValues values) => row switch
    {
        RunCsvRow.Profile profile when Name == ActivityLogs => profile.Logs.Select(log => OfActivity.ToDictionary(member => member.Mark.Name, member => Mask.Over(values, member.Mark, member.Value(log)))),
        RunCsvRow.Profile profile => Shown(OfProfile, profile, ProfileMark, values),
        RunCsvRow.Log log => Shown(OfLog, log, LogMark, values),
        RunCsvRow.Result result when OfResult is not null => Mask.Over(values, Name == Link ? null : Counted, OfResult(result)),
        RunCsvRow.Result => null,
        _ => throw new InvalidOperationException($"{row.GetType()} is no row of a run's CSV."),
    };

    /// <summary>The marks of a table's column that a cell shows; null where it shows none, and is hidden unless it is made for the file.</summary>
    private DataMark? ProfileMark { get; } = Profiles.Columns.FirstOrDefault(column => column.Name == Name);

    private DataMark? LogMark { get; } = Activities.Columns.FirstOrDefault(column => column.Name == Name);

    private object? Shown<TRow>(Func<TRow, object?>? value, TRow row, DataMark? mark, PeopleValues values) =>
        value is null ? null : values == PeopleValues.Shown || MadeForTheFile.Contains(Name) ? value(row) : Mask.Over(values, mark, value(row));

    private static (DataMark Mark, Func<ActivityLog, object?> Value) Member(string name, Func<ActivityLog, object?> value) => (Activities.ColumnOf(name), value);

    private static RunCsvColumn OfApplication(string name)
    {
        var value = Mapped[name];
        return new RunCsvColumn(name) { OfProfile = p => value(p.Stored.Columns) };
    }
}
