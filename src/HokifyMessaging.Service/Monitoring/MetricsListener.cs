using HokifyMessaging.Service.Commands;
using HokifyMessaging.Service.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Metrics;

namespace HokifyMessaging.Service.Monitoring;

/// <summary>
/// The page of metrics on an address of its own, where <c>Http:MetricsAddress</c> names one: a server of its own, which answers nothing else, so that whoever
/// may scrape reaches nothing but numbers.
/// </summary>
internal sealed class MetricsListener(IOptions<HttpOptions> http, MeterProvider meters, IServiceProvider services) : IHostedService, IAsyncDisposable
{
    /// <summary>Those who scrape are few.</summary>
    private const int MostConnections = 50;

    private WebApplication? _application;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (http.Value.MetricsAddress is not { Length: > 0 } address)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address).ConfigureKestrel(Limit);
        builder.Services.AddRoutingCore();
        _application = builder.Build();
        _application.UseRouting();
        _application.MapPrometheusScrapingEndpoint(MonitoringServices.Path, meters, pipeline => pipeline.UseFreshGauges(services), optionsName: null);
        try
        {
            await _application.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (ListenFault.Taken(exception, $"name another address with {HttpOptions.Section}:{nameof(HttpOptions.MetricsAddress)}, such as http://127.0.0.1:9465") is { } sentence)
        {
            throw new VerbException(sentence);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            throw new VerbException($"{HttpOptions.Section}:{nameof(HttpOptions.MetricsAddress)} is {address}, where this program cannot listen; it must be an address of this machine and a port from 1024 on, such as http://127.0.0.1:9464.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _application?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
    }

    private static void Limit(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        server.Limits.MaxConcurrentConnections = MostConnections;
        server.Limits.MaxRequestBodySize = 0;
    }
}
