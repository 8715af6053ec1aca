namespace HokifyMessaging.Telemetry;

/// <summary>What a figure is.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>A figure of the program, as the outside knows it.</summary>
/// <param name="Name">By the conventions of OpenTelemetry; never changes its meaning.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Unit">As UCUM writes it.</param>
/// <param name="Meaning">One line, without a full stop.</param>
/// <param name="Attributes">By what it is split. Each has few values: scopes, outcomes, states; never an id or a key of anybody.</param>
internal sealed record MetricName(string Name, MetricKind Kind, string Unit, string Meaning, params string[] Attributes);

/// <summary>A span of the program, as the outside knows it.</summary>
/// <param name="Name">With what differs in braces.</param>
/// <param name="Kind">Of OpenTelemetry.</param>
/// <param name="Meaning">One line, without a full stop.</param>
/// <param name="Attributes">What it says of itself, at most.</param>
internal sealed record SpanName(string Name, string Kind, string Meaning, params string[] Attributes);

/// <summary>
/// All names under which the program is measured and traced. Dashboards, alerts and whoever reads a trace rely on them: one that is changed is a
/// breaking change. <c>.config/monitoring/README.md</c> explains each, and tests hold both together.
/// </summary>
internal static class TelemetryNames
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Source = "HokifyMessaging";

    public const string ScopeId = "hokify.scope.id";
    public const string Element = "hokify.element";
    public const string Outcome = "hokify.outcome";
    public const string Mode = "hokify.import.mode";
    public const string Phase = "hokify.import.phase";
    public const string RetryOf = "hokify.retry.of";
    public const string SourceStatus = "hokify.source.status";
    public const string SourceKind = "hokify.source.kind";
    public const string LedgerState = "hokify.ledger.state";
    public const string RunState = "hokify.run.state";
    public const string Observed = "hokify.observed";
    public const string Retained = "hokify.retention.data";
    public const string Destination = "messaging.destination.name";
    public const string HttpMethod = "http.request.method";

    /// <summary>Of spans alone: they are kept one by one, so an id of a run makes none of them more.</summary>
    public const string RunId = "hokify.run.id";
    public const string RecordCount = "hokify.records";
    public const string HttpStatus = "http.response.status_code";
    public const string HttpRoute = "http.route";
    public const string UrlTemplate = "url.template";
    public const string ServerAddress = "server.address";
    public const string MessagingSystem = "messaging.system";
    public const string MessagingOperation = "messaging.operation.type";

    public static readonly MetricName Records = new(
        "hokify.import.records", MetricKind.Counter, "{record}", "Records that imports have committed, by what became of them; dry runs count none", ScopeId, Element, Outcome);

    public static readonly MetricName Runs = new(
        "hokify.import.runs", MetricKind.Counter, "{run}", "Runs that have ended, by how", ScopeId, Mode, Outcome);

    public static readonly MetricName RunDuration = new(
        "hokify.import.run.duration", MetricKind.Histogram, "s", "How long a completed run took, from its first worker to its end, pauses included", ScopeId, Mode);

    public static readonly MetricName BatchDuration = new(
        "hokify.import.batch.duration", MetricKind.Histogram, "s", "How long the database took for one batch, from the beginning of its transaction to its commit", ScopeId, Phase);

    public static readonly MetricName Retries = new(
        "hokify.import.retries", MetricKind.Counter, "{retry}", "What was tried again: kept records, calls to the source, transactions, whole runs", RetryOf);

    public static readonly MetricName Takeovers = new(
        "hokify.import.takeovers", MetricKind.Counter, "{takeover}", "Leases that this process has taken over from a worker that was silent for too long", ScopeId);

    public static readonly MetricName SourceCalls = new(
        "hokify.source.request.duration", MetricKind.Histogram, "s", "How long the source took to answer a call, up to the headers of its answer", ScopeId, HttpMethod, SourceStatus);

    public static readonly MetricName Throttled = new(
        "hokify.source.throttled.time", MetricKind.Counter, "s", "How long imports were told to wait by the source (429, 503, Retry-After)", ScopeId);

    public static readonly MetricName SourceWidth = new(
        "hokify.source.width", MetricKind.Gauge, "{call}", "How many calls may be under way at once, as found out while reading: as many as the source puts up with and the setting allows", ScopeId);

    public static readonly MetricName PeopleErased = new(
        "hokify.people.erased", MetricKind.Counter, "{record}", "People and applications that were erased on request, by element", ScopeId, Element);

    public static readonly MetricName PeopleExports = new(
        "hokify.people.exports", MetricKind.Counter, "{export}", "How often what is stored about somebody was handed out as a whole", ScopeId);

    public static readonly MetricName Lag = new(
        "hokify.scope.lag", MetricKind.Gauge, "s", "How far the scope is behind its source: the time since the end of its last complete read", ScopeId);

    public static readonly MetricName ScopeInfo = new(
        "hokify.scope.info", MetricKind.Gauge, "{scope}", "1 for each scope that is configured", ScopeId, SourceKind);

    public static readonly MetricName Ledger = new(
        "hokify.ledger.records", MetricKind.Gauge, "{record}", "Records that failed and are kept: waiting ones are tried again by themselves, parked ones wait for an operator", ScopeId, LedgerState);

    public static readonly MetricName OpenRuns = new(
        "hokify.runs.open", MetricKind.Gauge, "{run}", "Runs that are not completed, by where they stand", ScopeId, RunState);

    public static readonly MetricName Messages = new(
        "hokify.queue.messages", MetricKind.Gauge, "{message}", "Messages in the import's queues at the broker; in the error queue only those that still wait for an operator", Destination);

    public static readonly MetricName ObservationAge = new(
        "hokify.observation.age", MetricKind.Gauge, "s", "How old what the gauges say of the database and of the broker is; what is older than 5 minutes they say no more", Observed);

    public static readonly MetricName Forgotten = new(
        "hokify.retention.forgotten", MetricKind.Counter, "{row}", "What was forgotten because it had been kept long enough, by what it is; what belongs to no scope has none", ScopeId, Retained);

    public static readonly MetricName Due = new(
        "hokify.retention.due", MetricKind.Gauge, "{row}", "What was due to be forgotten when the daily job last looked, and was not: as long as the job only counts, all of it", ScopeId, Retained);

    public static readonly MetricName RetentionAge = new(
        "hokify.retention.age", MetricKind.Gauge, "s", "How long ago the daily job of retention last ended well; only of scopes that it has anything to do in", ScopeId);

    public static readonly SpanName Request = new(
        "{method} {route}", "SERVER", "A request over HTTP that asks for an import", HttpMethod, HttpRoute, HttpStatus);

    public static readonly SpanName Process = new(
        "process hokify-import", "CONSUMER", "One delivery of a request, from its arrival to what became of it", MessagingSystem, MessagingOperation, Destination, ScopeId, RunId, Outcome);

    public static readonly SpanName Command = new(
        "hokify import", "INTERNAL", "One import by command, from its request to its end", ScopeId, RunId, Outcome);

    public static readonly SpanName Page = new(
        "read page", "INTERNAL", "One page of the source, with its retries", ScopeId, RecordCount);

    public static readonly SpanName Call = new(
        "{method} {path}", "CLIENT", "One call to the source, up to the headers of its answer", HttpMethod, UrlTemplate, ServerAddress, HttpStatus, SourceStatus);

    public static readonly SpanName Batch = new(
        "write batch", "INTERNAL", "One transaction of a run, with its retries", ScopeId, Phase, RecordCount);

    public static readonly SpanName Publish = new(
        "publish {event}", "PRODUCER", "An event that is given to the broker", MessagingSystem, MessagingOperation, Destination, ScopeId);

    public static IReadOnlyList<MetricName> Metrics { get; } =
    [
        Records, Runs, RunDuration, BatchDuration, Retries, Takeovers, SourceCalls, Throttled, SourceWidth, PeopleErased, PeopleExports, Lag, ScopeInfo, Ledger, OpenRuns, Messages, ObservationAge,
        Forgotten, Due, RetentionAge,
    ];

    public static IReadOnlyList<SpanName> Spans { get; } = [Request, Process, Command, Page, Call, Batch, Publish];
}
