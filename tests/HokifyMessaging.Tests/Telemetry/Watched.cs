using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>
/// Whoever watches the program from within this process. Other tests import at the same time: a trace is told from theirs by its id, and figures by a scope
/// that no other test has.
/// </summary>
internal sealed class Watched : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ConcurrentQueue<Figure> _figures = new();
    private readonly ActivityListener _tracer;
    private readonly MeterListener _meters = new();

    public Watched()
    {
        _tracer = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> created) => created.TraceId == TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_tracer);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TelemetryNames.Source)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _figures.Enqueue(new Figure(instrument.Name, value, tags.ToArray())));
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => _figures.Enqueue(new Figure(instrument.Name, value, tags.ToArray())));
        _meters.Start();
    }

    /// <summary>The trace of this test.</summary>
    public ActivityTraceId TraceId { get; } = ActivityTraceId.CreateRandom();

    /// <summary>The publisher's span.</summary>
    public ActivitySpanId SpanId { get; } = ActivitySpanId.CreateRandom();

    /// <summary>What the publisher's request bears.</summary>
    public string TraceParent => $"00-{TraceId}-{SpanId}-01";

    /// <summary>The spans of this test's trace that have ended, in that order.</summary>
    public IReadOnlyList<Activity> Spans => [.. _spans.Where(span => span.TraceId == TraceId)];

    public IReadOnlyList<Activity> SpansNamed(string name) => [.. Spans.Where(span => span.DisplayName == name)];

    /// <summary>All that was measured of a scope, by every instrument that has scopes.</summary>
    public IReadOnlyList<Figure> Of(int scopeId) => [.. _figures.Where(figure => figure.Tag(TelemetryNames.ScopeId)?.Equals(scopeId) == true)];

    public IReadOnlyList<Figure> Of(MetricName metric, int scopeId) => [.. Of(scopeId).Where(figure => figure.Name == metric.Name)];

    /// <summary>The sum of what was counted of a scope, by the values of an attribute.</summary>
    public Dictionary<string, double> Sums(MetricName metric, int scopeId, string attribute) =>
        Of(metric, scopeId).GroupBy(figure => $"{figure.Tag(attribute)}").ToDictionary(figures => figures.Key, figures => figures.Sum(figure => figure.Value));

    /// <summary>The sum of what was counted by everybody.</summary>
    public double SumOfAll(MetricName metric, string attribute, string value) =>
        _figures.Where(figure => figure.Name == metric.Name && $"{figure.Tag(attribute)}" == value).Sum(figure => figure.Value);

    public void Dispose()
    {
        _tracer.Dispose();
        _meters.Dispose();
    }
}

/// <summary>Something that was measured.</summary>
internal sealed record Figure(string Name, double Value, KeyValuePair<string, object?>[] Tags)
{
    public object? Tag(string name) => Tags.FirstOrDefault(tag => tag.Key == name).Value;
}
