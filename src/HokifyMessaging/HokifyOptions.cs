using System.ComponentModel.DataAnnotations;

namespace HokifyMessaging;

/// <summary>Section <c>Hokify</c> of the configuration: which scopes there are and how imports behave.</summary>
internal sealed class HokifyOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Hokify";

    /// <summary>The scopes (tenants) that may be imported, by their number. A request for any other scope is refused.</summary>
    public Dictionary<int, ScopeOptions> Scopes { get; init; } = [];

    /// <summary>How an import reads, writes and slices.</summary>
    public ImportOptions Import { get; init; } = new();

    /// <summary>How much of what a source gives is taken at once.</summary>
    public ReadingOptions Reading { get; init; } = new();

    /// <summary>When a record that failed is tried again.</summary>
    public LedgerOptions Ledger { get; init; } = new();

    /// <summary>How interview answers reach columns.</summary>
    public MappingOptions Mapping { get; init; } = new();

    /// <summary>What is kept of people, and what they are told about it.</summary>
    public PrivacyOptions Privacy { get; init; } = new();

    /// <summary>When what has been kept long enough is forgotten.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>How the files of a run are written.</summary>
    public CsvOptions Csv { get; init; } = new();

    /// <summary>The time zone in which days and months are counted for what is kept.</summary>
    internal TimeZoneInfo RetentionZone => TimeZoneInfo.FindSystemTimeZoneById(Retention.TimeZone ?? Csv.TimeZone);

    /// <summary>A scope that is no longer configured goes by its id.</summary>
    internal string NameOf(int scopeId) => Scopes.GetValueOrDefault(scopeId)?.Name ?? scopeId.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Which kind of source a scope is read from.</summary>
internal enum SourceKind
{
    /// <summary>hokify's ATS API as it is today, or its 2019 form (<see cref="AtsApiOptions.Version"/>).</summary>
    AtsApi,

    /// <summary>hokify's "extern" API of 2018.</summary>
    ExternApi,

    /// <summary>Exported CSV files on disk.</summary>
    CsvFiles,
}

/// <summary>One scope: a tenant of the ATS with its own source and credentials.</summary>
internal sealed class ScopeOptions
{
    /// <summary>The scope's name as people know it; printed in the <c>Scope</c> column of the CSV. Required, at most 200 characters.</summary>
    [Required, StringLength(200)]
    public string Name { get; set; } = "";

    /// <summary>Where the applications come from. Default: <see cref="SourceKind.AtsApi"/>.</summary>
    public SourceKind Source { get; set; } = SourceKind.AtsApi;

    /// <summary>Settings of the ATS API; used when <see cref="Source"/> is <see cref="SourceKind.AtsApi"/>.</summary>
    [ValidateObjectMembers]
    public AtsApiOptions AtsApi { get; set; } = new();

    /// <summary>Settings of the 2018 API; used when <see cref="Source"/> is <see cref="SourceKind.ExternApi"/>.</summary>
    [ValidateObjectMembers]
    public ExternApiOptions ExternApi { get; set; } = new();

    /// <summary>Settings of CSV files; used when <see cref="Source"/> is <see cref="SourceKind.CsvFiles"/>.</summary>
    public CsvFilesOptions CsvFiles { get; set; } = new();

    /// <summary>For how long the scope's applications are kept.</summary>
    [ValidateObjectMembers]
    public ScopeRetentionOptions Retention { get; set; } = new();

    /// <summary>When the scope is imported without anybody asking for it, by names of letters, digits and <c>-</c>, at most 50.</summary>
    public Dictionary<string, ScheduleOptions> Schedules { get; init; } = [];
}

/// <summary>How an import reads, writes and slices.</summary>
internal sealed class ImportOptions
{
    /// <summary>How far before the watermark an incremental import begins, because hokify does not document whether it filters on creation or on change. Default: 1 hour; 0 to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Overlap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many records one database transaction writes, rounded up to whole pages, unless <see cref="ReadingOptions.LargestBatch"/> closes it before. Default: 500; 1 to 20,000.</summary>
    [Range(1, 20_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>How many changes of rows a dry run keeps as its plan. One that would change more counts them all, keeps as many, and its plan cannot be applied. Default: 200,000; 1 to 2,000,000.</summary>
    [Range(1, 2_000_000)]
    public int LargestPlan { get; set; } = 200_000;

    /// <summary>Whether requests of a scope that wait, have no key of their own (neither <c>idempotencyKey</c> nor a header <c>Idempotency-Key</c>) and ask for the same are answered by one import that begins after all of them were asked for: each has its own key and event. Default: true.</summary>
    public bool JoinRequests { get; set; } = true;

    /// <summary>How long the first record of a transaction waits for others from a slow source, before it is written without them. Default: 5 seconds; 100 milliseconds to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan StepDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one delivery works before it commits its checkpoint and sends the request again; stays well below the broker's <c>consumer_timeout</c> (30 minutes). Default: 2 minutes; 1 second to 20 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:20:00")]
    public TimeSpan SliceDuration { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a worker may be silent before another may take its scope over. Default: 1 minute; 2 seconds to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the sweeper looks for runs that nobody works on. Default: 30 seconds; 100 milliseconds to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many times the sweeper resumes a run that failed as a whole (hokify away, disk full), with growing pauses; after that it waits for an operator's replay. A failure by which hokify only asks to wait is not counted: the run waits for as long as hokify asks, at most a day. Default: 5; 0 to 100, where 0 resumes none.</summary>
    [Range(0, 100)]
    public int FailedRunRetries { get; set; } = 5;

    /// <summary>The pause before a run that failed is resumed for the first time; each further one is four times as long, up to <see cref="FailedRunLongestDelay"/>. Default: 5 seconds; 1 second to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FailedRunDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest of those pauses, the first included. Default: 1 hour; 1 second to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FailedRunLongestDelay { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The largest share of the scope's active applications that a full import may delete. Default: 0.2; 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double DeletionGuardShare { get; set; } = 0.2;

    /// <summary>How many deletions the guard always allows, however small the scope. Default: 10.</summary>
    [Range(0, int.MaxValue)]
    public int DeletionGuardMinimum { get; set; } = 10;

    /// <summary>For how long what the database failed for a transient reason (deadlock, timeout, lost connection, failover) is tried again, from its first try on, with pauses of 200 milliseconds to 5 seconds; then the run fails at its checkpoint. Default: 1 minute; 0 to 20 minutes, where 0 tries nothing again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:20:00")]
    public TimeSpan TransientRetryDuration { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>When a record that failed is tried again.</summary>
internal sealed class LedgerOptions
{
    /// <summary>The pause before the first retry of a failed record; it doubles with every failure, up to <see cref="LongestInterval"/>. Default: 1 minute; 0 to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FirstInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest of those pauses, the first included. Default: 1 day; 0 to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan LongestInterval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>After how many failed retries an entry is parked until an operator asks. Default: 10; 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int MaximumRetries { get; set; } = 10;
}

/// <summary>What is kept of people, and what they are told about it.</summary>
internal sealed class PrivacyOptions
{
    /// <summary>
    /// The key of the hashes that keep erased people out. Keep it for as long as the database: without it an old file could bring an
    /// erased person back, so without it, or with another one, the service does not start. A secret. To change it, stop the services, put the new key behind the old one
    /// with a comma between, and run <c>hokify erasures rekey --yes</c>; where the key is in a file, that makes the new one itself.
    /// Default: with SQLite the file <c>.erasure-key</c> beside the database, which is made when it is not there; base64 of at least 32 bytes.
    /// Required with SQL Server.
    /// </summary>
    public string? ErasureKey { get; set; }

    /// <summary>Who is responsible for the data, as a person is told in the export of what is stored about them: name, address, and how to reach the data protection officer. Default: none, and the export says so; at most 2,000 characters.</summary>
    public string Controller { get; set; } = "";

    /// <summary>What the data is stored for, as a person is told.</summary>
    public IList<ToldText> Purposes { get; init; } = [];

    /// <summary>Who receives the data, as a person is told.</summary>
    public IList<ToldText> Recipients { get; init; } = [];
}

/// <summary>A sentence that a person is told in the language of the export.</summary>
internal sealed class ToldText
{
    /// <summary>In German. Default: as in <see cref="English"/>; at most 2,000 characters. Required, unless <see cref="English"/> is given.</summary>
    public string? German { get; set; }

    /// <summary>In English. Default: as in <see cref="German"/>; at most 2,000 characters. Required, unless <see cref="German"/> is given.</summary>
    public string? English { get; set; }
}
