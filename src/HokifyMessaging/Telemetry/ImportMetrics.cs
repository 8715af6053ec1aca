using System.Diagnostics.Metrics;

namespace HokifyMessaging.Telemetry;

/// <summary>
/// What is counted where it is decided. As long as nobody listens, a figure costs a comparison. What is measured by looking at the database or the broker
/// is not here: that is looked at only where somebody scrapes.
/// </summary>
internal static class ImportMetrics
{
    /// <summary>Values of <see cref="TelemetryNames.RetryOf"/>.</summary>
    public const string OfRecord = "record";
    public const string OfCall = "source_call";
    public const string OfTransaction = "transaction";
    public const string OfRun = "run";

    /// <summary>Values of <see cref="TelemetryNames.Outcome"/> for runs.</summary>
    public const string Completed = "completed";
    public const string CompletedWithErrors = "completed_with_errors";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    /// <summary>Values of <see cref="TelemetryNames.Outcome"/> for records.</summary>
    public const string Created = "created";
    public const string Updated = "updated";
    public const string Deleted = "deleted";
    public const string Unchanged = "unchanged";
    public const string InError = "error";

    private static readonly Meter Meter = new(TelemetryNames.Source, ProductVersion.Text);

    private static readonly Counter<long> Records = Count(TelemetryNames.Records);
    private static readonly Counter<long> Runs = Count(TelemetryNames.Runs);
    private static readonly Counter<long> Retries = Count(TelemetryNames.Retries);
    private static readonly Counter<long> Takeovers = Count(TelemetryNames.Takeovers);
    private static readonly Counter<long> Forgotten = Count(TelemetryNames.Forgotten);
    private static readonly Counter<long> Erased = Count(TelemetryNames.PeopleErased);
    private static readonly Counter<long> Exports = Count(TelemetryNames.PeopleExports);
    private static readonly Counter<double> ThrottledTime = Meter.CreateCounter<double>(TelemetryNames.Throttled.Name, TelemetryNames.Throttled.Unit, TelemetryNames.Throttled.Meaning);
    private static readonly Gauge<int> Widths = Meter.CreateGauge<int>(TelemetryNames.SourceWidth.Name, TelemetryNames.SourceWidth.Unit, TelemetryNames.SourceWidth.Meaning);
    private static readonly Histogram<double> RunDurations = Time(TelemetryNames.RunDuration, [1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 86_400]);
    private static readonly Histogram<double> BatchDurations = Time(TelemetryNames.BatchDuration, [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]);
    private static readonly Histogram<double> Calls = Time(TelemetryNames.SourceCalls, [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);

    /// <summary>Whether anybody wants to know of records.</summary>
    public static bool CountsRecords => Records.Enabled;

    public static void RecordsBecame(int scopeId, string element, string outcome, int number)
    {
        if (number > 0)
        {
            Records.Add(number, Scope(scopeId), new(TelemetryNames.Element, element), new(TelemetryNames.Outcome, outcome));
        }
    }

    public static void RunEnded(int scopeId, ImportMode mode, string outcome) => Runs.Add(1, Scope(scopeId), Mode(mode), new(TelemetryNames.Outcome, outcome));

    public static void RunTook(int scopeId, ImportMode mode, TimeSpan duration) => RunDurations.Record(Math.Max(0, duration.TotalSeconds), Scope(scopeId), Mode(mode));

    public static void BatchTook(int scopeId, string phase, TimeSpan duration) => BatchDurations.Record(duration.TotalSeconds, Scope(scopeId), new(TelemetryNames.Phase, phase));

    public static void TriedAgain(string what, int number = 1)
    {
        if (number > 0)
        {
            Retries.Add(number, new KeyValuePair<string, object?>(TelemetryNames.RetryOf, what));
        }
    }

    /// <param name="scopeId">The scope; null for what belongs to none.</param>
    /// <param name="what">What it is.</param>
    /// <param name="number">How many; 0 begins the series.</param>
    public static void Forgot(int? scopeId, string what, long number)
    {
        var data = new KeyValuePair<string, object?>(TelemetryNames.Retained, what);
        if (scopeId is { } id)
        {
            Forgotten.Add(number, Scope(id), data);
        }
        else
        {
            Forgotten.Add(number, data);
        }
    }

    public static void TookOver(int scopeId) => Takeovers.Add(1, Scope(scopeId));

    /// <summary>A request for an erasure was carried out to its end.</summary>
    public static void PeopleErased(int scopeId, int people, int applications)
    {
        Erased.Add(people, Scope(scopeId), new(TelemetryNames.Element, ElementNames.Candidate));
        Erased.Add(applications, Scope(scopeId), new(TelemetryNames.Element, ElementNames.CandidateProfile));
    }

    public static void PeopleExported(int scopeId) => Exports.Add(1, Scope(scopeId));

    public static void Called(int scopeId, string method, string status, TimeSpan duration) =>
        Calls.Record(duration.TotalSeconds, Scope(scopeId), new(TelemetryNames.HttpMethod, method), new(TelemetryNames.SourceStatus, status));

    public static void Throttled(int scopeId, TimeSpan wait) => ThrottledTime.Add(Math.Max(0, wait.TotalSeconds), Scope(scopeId));

    public static void Widened(int scopeId, int width) => Widths.Record(width, Scope(scopeId));

    /// <summary>
    /// Begins the series that alerts look at: the first event of its kind would else be one that comes from nowhere, and no increase.
    /// </summary>
    /// <param name="scopeIds">The scopes that are configured.</param>
    public static void Begin(IEnumerable<int> scopeIds)
    {
        foreach (var scopeId in scopeIds)
        {
            foreach (var element in new[] { ElementNames.Candidate, ElementNames.CandidateProfile })
            {
                foreach (var outcome in new[] { Created, Updated, Deleted, Unchanged, InError })
                {
                    Records.Add(0, Scope(scopeId), new(TelemetryNames.Element, element), new(TelemetryNames.Outcome, outcome));
                }
            }

            foreach (var mode in Enum.GetValues<ImportMode>())
            {
                foreach (var outcome in new[] { Completed, CompletedWithErrors, Failed, Cancelled })
                {
                    Runs.Add(0, Scope(scopeId), Mode(mode), new(TelemetryNames.Outcome, outcome));
                }
            }

            PeopleErased(scopeId, 0, 0);
            Exports.Add(0, Scope(scopeId));
            Takeovers.Add(0, Scope(scopeId));
            ThrottledTime.Add(0, Scope(scopeId));
        }

        foreach (var what in new[] { OfRecord, OfCall, OfTransaction, OfRun })
        {
            Retries.Add(0, new KeyValuePair<string, object?>(TelemetryNames.RetryOf, what));
        }
    }

    public static KeyValuePair<string, object?> Scope(int scopeId) => new(TelemetryNames.ScopeId, scopeId);

    private static KeyValuePair<string, object?> Mode(ImportMode mode) => new(TelemetryNames.Mode, mode == ImportMode.Full ? "full" : "incremental");

    private static Counter<long> Count(MetricName metric) => Meter.CreateCounter<long>(metric.Name, metric.Unit, metric.Meaning);

    private static Histogram<double> Time(MetricName metric, double[] bounds) => Meter.CreateHistogram(
        metric.Name, metric.Unit, metric.Meaning, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
}
