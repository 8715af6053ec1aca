using HokifyMessaging.Service.Http;
using HokifyMessaging.Service.Http.Keys;
using HokifyMessaging.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>How the service is watched: what it measures at <c>/metrics</c>, and traces and metrics at a collector where one is named.</summary>
internal static class MonitoringServices
{
    /// <summary>Where metrics are scraped, on whatever port.</summary>
    public const string Path = "/metrics";

    /// <summary>How the service is called where several are watched, unless <c>OTEL_SERVICE_NAME</c> says otherwise.</summary>
    private const string ServiceName = "hokify";

    /// <summary>Adds it.</summary>
    /// <exception cref="OptionsValidationException">One of OpenTelemetry's variables is wrong.</exception>
    public static void AddMonitoring(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddCollector().WithMetrics(metrics => metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false));
        services.AddSingleton<Gauges>();
        services.AddJsonLogs();

        // Behind the providers, which begin with the host.
        services.AddHostedService<MonitoringStart>();
        services.AddHostedService<MetricsListener>();
    }

    /// <summary>Adds what sends traces and metrics to a collector, where one is named. Nothing is traced where nobody takes the traces.</summary>
    /// <exception cref="OptionsValidationException">One of OpenTelemetry's variables is wrong.</exception>
    public static OpenTelemetryBuilder AddCollector(this IHostApplicationBuilder builder)
    {
        var (services, collector) = (builder.Services, new Collector(builder.Configuration));
        collector.Require();
        services.AddSingleton(collector);
        services.AddSingleton<CollectorReport>();
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .Clear()
            .AddService(ServiceName, serviceVersion: ProductVersion.Text)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector());
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(TelemetryNames.Source);
            if (collector.Takes(Collector.Metrics))
            {
                metrics.AddOtlpExporter(exporter => collector.Configure(Collector.Metrics, exporter));
            }
        });
        if (collector.Takes(Collector.Traces))
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(TelemetryNames.Source)
                .AddOtlpExporter(exporter => collector.Configure(Collector.Traces, exporter)));
        }

        return telemetry;
    }

    /// <summary>Maps the page of metrics. It has the numbers of all scopes, so a key that sees some of them does not see it.</summary>
    public static void MapMetrics(this WebApplication application) =>
        application.MapPrometheusScrapingEndpoint(
            Path,
            application.Services.GetRequiredService<MeterProvider>(),
            pipeline =>
            {
                pipeline.Use((context, next) => context.Request.HasParameters() ? throw new ParameterException(context.Request.Query.Keys.First(), "This address takes no parameters.") : next(context));
                pipeline.UseFreshGauges(application.Services);
            },
            optionsName: null)
            .RequireAuthorization(Rights.Read)
            .RequireAuthorization(KeyServices.EveryScope);

    /// <summary>Has a look begun before the figures are read.</summary>
    public static void UseFreshGauges(this IApplicationBuilder pipeline, IServiceProvider services)
    {
        var gauges = services.GetRequiredService<Gauges>();
        pipeline.Use(async (context, next) =>
        {
            await gauges.LookAsync(context.RequestAborted);
            await next(context);
        });
    }

    /// <summary>Begins what is measured when the host starts.</summary>
    private sealed class MonitoringStart(MeterProvider meters, Gauges gauges, CollectorReport report, IOptions<HokifyOptions> hokify) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            // They are there for being there: who listens, and who is listened to.
            _ = (meters, gauges, report);
            ImportMetrics.Begin(hokify.Value.Scopes.Keys);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
