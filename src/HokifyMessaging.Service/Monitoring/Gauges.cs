using System.Diagnostics.Metrics;
using HokifyMessaging.Privacy;
using HokifyMessaging.Receiving;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Service.Commands;
using HokifyMessaging.Storage;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>
/// What is known by looking at the database and the broker. Whoever scrapes has a look begun and waits for it no longer than a moment; who exports gets what
/// was seen last. Neither waits for a lock, and neither fails: how old what it gets is, is one of the figures.
/// </summary>
internal sealed partial class Gauges : IDisposable
{
    /// <summary>Longer than any transaction of ours, and shorter than those have patience who scrape.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly Observed<DatabaseFigures> _database;
    private readonly Observed<IReadOnlyDictionary<string, long>>? _queues;
    private readonly IReadOnlyDictionary<int, ScopeOptions> _configured;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _disposed = new();
    private readonly CancellationToken _end;
    private string? _saidOfDatabase;
    private string? _saidOfBroker;

    public Gauges(
        ScopeFigures figures, RetentionQueries retention, QueueDepths depths, IOptions<HokifyOptions> hokify, IOptions<TransportOptions> transport, IMeterFactory meters, TimeProvider clock, ILogger<Gauges> logger)
    {
        (_configured, _clock, _logger, _end) = (hokify.Value.Scopes, clock, logger, _disposed.Token);
        _database = new Observed<DatabaseFigures>(
            async token =>
            {
                using var patience = DatabasePatience.Begin(Moment, clock);
                return new DatabaseFigures(await figures.CountAsync(token), await retention.LastAsync(token));
            },
            clock);
        _queues = transport.Value.Kind == TransportKind.InMemory ? null : new Observed<IReadOnlyDictionary<string, long>>(token => CountAsync(depths, token), clock);

        var meter = meters.Create(new MeterOptions(TelemetryNames.Source) { Version = ProductVersion.Text });
        Gauge(meter, TelemetryNames.Lag, Lags);
        Gauge(meter, TelemetryNames.ScopeInfo, Infos);
        Gauge(meter, TelemetryNames.Ledger, () => Numbers(_database.Value?.Scopes.Ledger, TelemetryNames.LedgerState));
        Gauge(meter, TelemetryNames.OpenRuns, () => Numbers(_database.Value?.Scopes.OpenRuns, TelemetryNames.RunState));
        Gauge(meter, TelemetryNames.Messages, Messages);
        Gauge(meter, TelemetryNames.Due, Due);
        Gauge(meter, TelemetryNames.RetentionAge, RetentionAges);
        Gauge(meter, TelemetryNames.ObservationAge, Ages);
    }

    /// <summary>Looks, for whoever is about to read; at most for a moment.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Look().WaitAsync(Moment, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What was seen before is told, with its age.
        }
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private static void Gauge(Meter meter, MetricName metric, Func<IEnumerable<Measurement<double>>> measure) =>
        meter.CreateObservableGauge(metric.Name, measure, metric.Unit, metric.Meaning);

    private Task Look() => Task.WhenAll(
        _database.LookAsync(exception => Tell(exception, ref _saidOfDatabase, "database"), _end),
        _queues?.LookAsync(exception => Tell(exception, ref _saidOfBroker, "broker"), _end) ?? Task.CompletedTask);

    private static async Task<IReadOnlyDictionary<string, long>> CountAsync(QueueDepths depths, CancellationToken cancellationToken)
    {
        if (await depths.CountAsync(cancellationToken) is not QueueCount.Counted counted)
        {
            throw new InvalidOperationException("the bus is not connected, or the broker does not answer");
        }

        var messages = new Dictionary<string, long>(counted.Messages);
        if (await depths.CountRequestsAsync(cancellationToken) is { } requests)
        {
            messages[ImportQueues.Requests] = requests;
        }

        return messages;
    }

    private IEnumerable<Measurement<double>> Lags()
    {
        var now = _clock.GetUtcNow();
        return (_database.Value?.Scopes.Watermarks ?? new Dictionary<int, DateTimeOffset>()).Select(scope =>
            new Measurement<double>(Math.Max(0, (now - scope.Value).TotalSeconds), ImportMetrics.Scope(scope.Key)));
    }

    private IEnumerable<Measurement<double>> Infos() => _configured.Select(scope =>
        new Measurement<double>(1, ImportMetrics.Scope(scope.Key), new KeyValuePair<string, object?>(TelemetryNames.SourceKind, $"{scope.Value.Source}")));

    private static IEnumerable<Measurement<double>> Numbers(IReadOnlyList<ScopeNumber>? numbers, string attribute) => (numbers ?? []).Select(one =>
        new Measurement<double>(one.Number, ImportMetrics.Scope(one.ScopeId), new KeyValuePair<string, object?>(attribute, one.State)));

    private IEnumerable<Measurement<double>> Due() => (_database.Value?.Retention ?? []).SelectMany(scope => scope.Counts.Select(count =>
        new Measurement<double>(count.Due - count.Forgotten, [.. ScopeOf(scope.ScopeId), new KeyValuePair<string, object?>(TelemetryNames.Retained, count.What)])));

    private IEnumerable<Measurement<double>> RetentionAges()
    {
        var now = _clock.GetUtcNow();
        return (_database.Value?.Retention ?? []).Select(scope => new Measurement<double>(Math.Max(0, (now - scope.EndedAt).TotalSeconds), ScopeOf(scope.ScopeId)));
    }

    /// <summary>What belongs to no scope has none.</summary>
    private static KeyValuePair<string, object?>[] ScopeOf(int scopeId) => scopeId == RetentionRound.OfInstallation ? [] : [ImportMetrics.Scope(scopeId)];

    private IEnumerable<Measurement<double>> Messages() => (_queues?.Value ?? new Dictionary<string, long>()).Select(queue =>
        new Measurement<double>(queue.Value, new KeyValuePair<string, object?>(TelemetryNames.Destination, queue.Key)));

    private IEnumerable<Measurement<double>> Ages()
    {
        // Asked for with every collection, so whoever exports has the next one see what is new.
        if (!_end.IsCancellationRequested)
        {
            _ = Look();
        }

        yield return Age("database", _database.Age);
        if (_queues is { } queues)
        {
            yield return Age("broker", queues.Age);
        }

        static Measurement<double> Age(string what, TimeSpan age) => new(Math.Max(0, age.TotalSeconds), new KeyValuePair<string, object?>(TelemetryNames.Observed, what));
    }

    /// <summary>Said once for each reason, however often somebody scrapes.</summary>
    private void Tell(Exception? exception, ref string? said, string what)
    {
        var reason = exception is null ? null : CommandErrors.Sentences(exception)[0].TrimEnd('.');
        if (Interlocked.Exchange(ref said, reason) != reason && reason is not null && !_end.IsCancellationRequested)
        {
            LogUnseen(_logger, what, reason);
        }
    }

    /// <summary>What was seen in the database.</summary>
    private sealed record DatabaseFigures(ScopeNumbers Scopes, IReadOnlyList<(int ScopeId, DateTimeOffset EndedAt, IReadOnlyList<RetentionCount> Counts)> Retention);

    [LoggerMessage(LogLevel.Warning, "The figures of the {What} are not up to date, and their age says by how much: {Reason}")]
    private static partial void LogUnseen(ILogger logger, string what, string reason);
}
