using HokifyMessaging.Telemetry;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>How figures are called at Prometheus.</summary>
internal static class Prometheus
{
    public static string LabelOf(string attribute) => attribute.Replace('.', '_');

    public static string NameOf(MetricName metric) =>
        LabelOf(metric.Name) + (metric.Unit == "s" ? "_seconds" : "") + (metric.Kind == MetricKind.Counter ? "_total" : "");

    public static IReadOnlyList<string> SeriesOf(MetricName metric) => metric.Kind == MetricKind.Histogram
        ? [$"{NameOf(metric)}_bucket", $"{NameOf(metric)}_sum", $"{NameOf(metric)}_count"]
        : [NameOf(metric)];
}
