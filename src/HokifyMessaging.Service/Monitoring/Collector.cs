using OpenTelemetry.Exporter;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>
/// Where traces and metrics are sent, by the variables that OpenTelemetry gives every program (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and so on), each also for
/// one signal alone. Nothing is sent where none of them names a place.
/// </summary>
internal sealed class Collector(IConfiguration configuration)
{
    public const string Traces = "TRACES";
    public const string Metrics = "METRICS";

    private const string Prefix = "OTEL_EXPORTER_OTLP_";
    private const string Grpc = "grpc";
    private const string HttpProtobuf = "http/protobuf";

    /// <summary>Whether a signal is sent anywhere.</summary>
    public bool Takes(string signal) => Value(signal, "ENDPOINT") is not null && !"none".Equals(configuration[$"OTEL_{signal}_EXPORTER"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Where a signal is sent, without anything that might be a secret.</summary>
    public string PlaceOf(string signal) => Uri.TryCreate(Value(signal, "ENDPOINT")?.Text, UriKind.Absolute, out var place)
        ? place.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)
        : "";

    /// <summary>Refuses what would be overlooked, or fail with every export.</summary>
    /// <exception cref="OptionsValidationException">A sentence for each variable that is wrong.</exception>
    public void Require()
    {
        if (new[] { Traces, Metrics }.SelectMany(Problems).Distinct().ToList() is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(Prefix, typeof(OtlpExporterOptions), problems);
        }
    }

    /// <summary>What a variable for one signal says counts for that one; the exporter itself reads those for all.</summary>
    public void Configure(string signal, OtlpExporterOptions options)
    {
        if (configuration[$"{Prefix}{signal}_ENDPOINT"] is { Length: > 0 } endpoint)
        {
            options.Endpoint = new Uri(endpoint);
        }

        if (configuration[$"{Prefix}{signal}_PROTOCOL"] is { Length: > 0 } protocol)
        {
#pragma warning disable CS0618 // gRPC is what the specification has as one of two.
            options.Protocol = protocol == Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
#pragma warning restore CS0618
        }

        if (configuration[$"{Prefix}{signal}_HEADERS"] is { Length: > 0 } headers)
        {
            options.Headers = headers;
        }

        if (configuration[$"{Prefix}{signal}_TIMEOUT"] is { Length: > 0 } timeout)
        {
            options.TimeoutMilliseconds = int.Parse(timeout, NumberStyles.None, CultureInfo.InvariantCulture);
        }
    }

    private IEnumerable<string> Problems(string signal)
    {
        if (!Takes(signal))
        {
            yield break;
        }

        if (Value(signal, "ENDPOINT") is { } endpoint && !(Uri.TryCreate(endpoint.Text, UriKind.Absolute, out var place) && place.Scheme is "http" or "https"))
        {
            yield return $"{endpoint.Name} is '{endpoint.Text}'; it must be the address of a collector, such as http://127.0.0.1:4317.";
        }

        if (Value(signal, "PROTOCOL") is { Text: not (Grpc or HttpProtobuf) } protocol)
        {
            yield return $"{protocol.Name} is '{protocol.Text}'; it must be {Grpc} or {HttpProtobuf}.";
        }

        if (Value(signal, "TIMEOUT") is { } timeout && !(int.TryParse(timeout.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0))
        {
            yield return $"{timeout.Name} is '{timeout.Text}'; it must be a number of milliseconds, such as 10000.";
        }
    }

    /// <summary>What is said for the signal, else for all.</summary>
    private (string Name, string Text)? Value(string signal, string what) =>
        new[] { $"{Prefix}{signal}_{what}", $"{Prefix}{what}" }.Select(name => (Name: name, Text: configuration[name] ?? "")).Where(value => value.Text.Length > 0).Select(value => ((string, string)?)value).FirstOrDefault();
}
