using HokifyMessaging.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>An import by command, which ends as soon as it is done, as a collector sees it: where one is named, it hears of it before the program ends.</summary>
internal sealed class WatchedImport : IDisposable
{
    /// <summary>How long the end waits for a collector that takes its time, for traces and for metrics each.</summary>
    private const int PatienceMilliseconds = 2_000;

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    /// <param name="services">The import's.</param>
    public WatchedImport(IServiceProvider services)
    {
        var collector = services.GetRequiredService<Collector>();
        _traces = collector.Takes(Collector.Traces) ? services.GetRequiredService<TracerProvider>() : null;
        _metrics = collector.Takes(Collector.Metrics) ? services.GetRequiredService<MeterProvider>() : null;
        _ = services.GetRequiredService<CollectorReport>();
        ImportMetrics.Begin(services.GetRequiredService<IOptions<HokifyOptions>>().Value.Scopes.Keys);
    }

    public void Dispose()
    {
        _traces?.Shutdown(PatienceMilliseconds);
        _metrics?.Shutdown(PatienceMilliseconds);
    }
}
