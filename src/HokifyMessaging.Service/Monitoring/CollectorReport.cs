using System.Diagnostics.Tracing;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>
/// Says once that the collector is not reached, and once when it is again. The exporter keeps what goes wrong to itself, and tries with each batch; nothing
/// else waits for it.
/// </summary>
internal sealed partial class CollectorReport : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private readonly ILogger _logger;
    private readonly string _place;
    private EventSource? _source;
    private int _isAway;

    public CollectorReport(Collector collector, ILogger<CollectorReport> logger)
    {
        _logger = logger;
        _place = string.Join(" and ", new[] { Collector.Traces, Collector.Metrics }.Where(collector.Takes).Select(collector.PlaceOf).Distinct());

        // The base class has told of the sources that are there before this could know where to look.
        if (_place.Length > 0 && _source is { } source)
        {
            EnableEvents(source, EventLevel.Informational);
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
        {
            _source = eventSource;
            if (_place is { Length: > 0 })
            {
                EnableEvents(eventSource, EventLevel.Informational);
            }
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        switch (eventData.EventName)
        {
            case "ExportSuccess":
                if (Interlocked.Exchange(ref _isAway, 0) == 1)
                {
                    LogBack(_logger, _place);
                }

                break;
            case "FailedToReachCollector" or "TransientHttpError" or "HttpRequestFailed" or "OperationUnexpectedlyCanceled" or "RequestTimedOut" or "GrpcStatusWarning" or "ExportFailure" or "ExportMethodException":
                if (Interlocked.Exchange(ref _isAway, 1) == 0)
                {
                    LogAway(_logger, _place, Reason(eventData.EventName));
                }

                break;
        }
    }

    private static string Reason(string happened) => happened switch
    {
        "RequestTimedOut" or "OperationUnexpectedlyCanceled" => "it does not answer in time",
        "HttpRequestFailed" or "GrpcStatusWarning" or "ExportFailure" => "it refuses what it is sent, or cannot be reached",
        _ => "it cannot be reached",
    };

    [LoggerMessage(LogLevel.Warning, "Traces and metrics do not reach the collector at {Place}: {Reason}. What it misses is lost to it; imports do not wait for it")]
    private static partial void LogAway(ILogger logger, string place, string reason);

    [LoggerMessage(LogLevel.Information, "The collector at {Place} takes traces and metrics again")]
    private static partial void LogBack(ILogger logger, string place);
}
