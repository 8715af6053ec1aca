using System.Diagnostics;

namespace HokifyMessaging.Telemetry;

/// <summary>
/// The program's spans, and the trace that goes on in what it sends. As long as nobody listens there are no spans: then the trace that a request has
/// brought is passed on as it came, so that a publisher's trace does not end here.
/// </summary>
internal static class Traces
{
    /// <summary>A trace's header by W3C, and that of its state.</summary>
    public const string Parent = "traceparent";
    public const string State = "tracestate";

    /// <summary>Of the first version of W3C's <c>traceparent</c>.</summary>
    private const int Length = 55;

    /// <summary>Longer ones may be left out, says W3C.</summary>
    private const int LongestState = 512;

    private static readonly ActivitySource Source = new(TelemetryNames.Source, ProductVersion.Text);

    private static readonly AsyncLocal<string?> Brought = new();

    /// <summary>In what whatever is told or sent from here goes on, as a <c>traceparent</c>; null for nothing.</summary>
    public static string? Current => Own?.Id ?? Brought.Value;

    /// <summary>The <c>tracestate</c> beside it.</summary>
    public static string? CurrentState => Own?.TraceStateString is { Length: > 0 and <= LongestState } state ? state : null;

    /// <summary>The span of ours that we are in; somebody else's may be inside it.</summary>
    private static Activity? Own
    {
        get
        {
            var activity = Activity.Current;
            while (activity is not null && !ReferenceEquals(activity.Source, Source))
            {
                activity = activity.Parent;
            }

            return activity;
        }
    }

    /// <summary>A <c>traceparent</c> in the one form that is stored and sent: hexadecimal digits, and nothing that anybody could have written into it. Null where the text is none.</summary>
    public static string? Written(string? text)
    {
        // What a version after the first one has behind those numbers is to be passed over.
        var first = text is { Length: > Length } && text[Length] == '-' && !text.StartsWith("00", StringComparison.Ordinal) ? text[..Length] : text;
        return Context(first) is { } context ? $"00-{context.TraceId}-{context.SpanId}-{(byte)context.TraceFlags:x2}" : null;
    }

    /// <summary>Remembers, for all that the caller does from here on, in what trace it was asked.</summary>
    /// <param name="parent">A <c>traceparent</c> in our form.</param>
    public static void Bring(string? parent) => Brought.Value = parent;

    /// <summary>A request over HTTP.</summary>
    public static Activity? Request(string method, string route, string? parent, string? state)
    {
        if (Source.HasListeners())
        {
            // The server makes an activity of its own that nobody exports: a span below it would hang in the air.
            Activity.Current = null;
        }

        var span = Source.StartActivity($"{method} {route}", ActivityKind.Server, Context(parent, state) ?? default);
        return span?.SetTag(TelemetryNames.HttpMethod, method).SetTag(TelemetryNames.HttpRoute, route);
    }

    /// <summary>One delivery of a request.</summary>
    public static Activity? Process(string system, string queue, string? parent, string? state) => Source
        .StartActivity($"process {queue}", ActivityKind.Consumer, Context(parent, state) ?? default)
        ?.SetTag(TelemetryNames.MessagingSystem, system).SetTag(TelemetryNames.MessagingOperation, "process").SetTag(TelemetryNames.Destination, queue);

    /// <summary>One import by command.</summary>
    public static Activity? Command(int scopeId) => Source.StartActivity(TelemetryNames.Command.Name)?.SetTag(TelemetryNames.ScopeId, scopeId);

    public static Activity? Page(int scopeId) => Source.StartActivity(TelemetryNames.Page.Name)?.SetTag(TelemetryNames.ScopeId, scopeId);

    /// <summary>One call to the source.</summary>
    public static Activity? Call(string method, string path, string host) => Source.StartActivity($"{method} {path}", ActivityKind.Client)
        ?.SetTag(TelemetryNames.HttpMethod, method).SetTag(TelemetryNames.UrlTemplate, path).SetTag(TelemetryNames.ServerAddress, host);

    public static Activity? Batch(int scopeId, string phase) => Source.StartActivity(TelemetryNames.Batch.Name)?.SetTag(TelemetryNames.ScopeId, scopeId).SetTag(TelemetryNames.Phase, phase);

    /// <summary>An event that is given to the broker, in the trace that we are in, else in that of the request.</summary>
    public static Activity? Publish(string system, string exchange, int? scopeId, string? asked)
    {
        var context = Own is null && Context(asked) is { } parent ? parent : default;
        var span = Source.StartActivity($"publish {exchange}", ActivityKind.Producer, context)
            ?.SetTag(TelemetryNames.MessagingSystem, system).SetTag(TelemetryNames.MessagingOperation, "send").SetTag(TelemetryNames.Destination, exchange);
        return scopeId is { } scope ? span?.SetTag(TelemetryNames.ScopeId, scope) : span;
    }

    /// <summary>Says something of the span that we are in.</summary>
    public static void Tag(string name, object? value) => Own?.SetTag(name, value);

    /// <summary>Says of the span that we are in what came of it.</summary>
    public static void End(string outcome, bool isError = false)
    {
        if (Own is { } span)
        {
            span.SetTag(TelemetryNames.Outcome, outcome);
            Fail(span, isError);
        }
    }

    /// <summary>Leaves a span what it may have, whoever has added something else.</summary>
    public static void Keep(Activity? span, SpanName name)
    {
        foreach (var (other, _) in span?.TagObjects.Where(tag => !name.Attributes.Contains(tag.Key)).ToList() ?? [])
        {
            span!.SetTag(other, null);
        }
    }

    /// <summary>Marks a span as failed. Why, the log says: what errors say is not for everybody who reads traces.</summary>
    public static void Fail(Activity? span, bool isError = true)
    {
        if (isError)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>What a state says is between tracers; it is passed on where it is text that cannot harm anybody.</summary>
    private static ActivityContext? Context(string? parent, string? state = null)
    {
        var passed = state is { Length: > 0 and <= LongestState } && state.All(c => c is >= ' ' and <= '~') ? state : null;
        return ActivityContext.TryParse(parent, passed, isRemote: true, out var context) ? context : null;
    }
}
