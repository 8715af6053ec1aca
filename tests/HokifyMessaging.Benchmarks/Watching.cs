using System.Diagnostics;
using HokifyMessaging.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace HokifyMessaging.Benchmarks;

/// <summary>Whoever traces and measures an import as the service does for a collector, and sends it nowhere.</summary>
internal sealed class Watching : IDisposable
{
    private const int EachMilliseconds = 1_000;

    private readonly TracerProvider _traces = Sdk.CreateTracerProviderBuilder()
        .AddSource(TelemetryNames.Source).AddProcessor(new BatchActivityExportProcessor(new Nowhere<Activity>())).Build();

    private readonly MeterProvider _metrics = Sdk.CreateMeterProviderBuilder()
        .AddMeter(TelemetryNames.Source).AddReader(new PeriodicExportingMetricReader(new Nowhere<Metric>(), EachMilliseconds)).Build();

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
    }

    private sealed class Nowhere<T> : BaseExporter<T>
        where T : class
    {
        public override ExportResult Export(in Batch<T> batch) => ExportResult.Success;
    }
}
