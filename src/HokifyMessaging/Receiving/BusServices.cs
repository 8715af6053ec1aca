using HokifyMessaging.Privacy;
using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Receiving;

/// <summary>Registers the bus with a host.</summary>
internal static class BusServices
{
    /// <summary>
    /// Adds the bus that section <c>Transport</c> configures, with the import's consumer and its sweeper.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's configuration; the kind of transport must be known before options are.</param>
    /// <param name="ends">Whoever listens how imports end.</param>
    public static IServiceCollection AddHokifyBus(this IServiceCollection services, IConfiguration configuration, ImportEnds? ends = null) =>
        services.AddHokifyBus(configuration, bus => ends?.Subscribe(services, bus));

    /// <summary>The same with any other consumers.</summary>
    public static IServiceCollection AddHokifyBus(
        this IServiceCollection services, IConfiguration configuration, Action<IBusRegistrationConfigurator> configure)
    {
        services.AddSingleton<QueueDepths>();
        services.AddTransport(configuration, bus =>
        {
            bus.AddConsumer<HokifyImportConsumer, HokifyImportConsumerDefinition>();
            configure(bus);
        });
        services.AddSingleton<DeliveryLog>();
        if (KindOf(configuration) == TransportKind.RabbitMq)
        {
            services.AddSingleton<ChannelWatch>();
            services.PostConfigure<HealthCheckServiceOptions>(BusHealth.Around);
        }

        services.AddReceiveObserver<RefusalReport>();
        services.AddSingleton<RefusalAnnouncer>();
        services.AddHostedService<FailureAnnouncer>();
        services.AddSingleton<Nudges>();
        services.AddHostedService<RunSweeper>();
        services.AddHostedService<ErasureSweep>();
        services.AddHostedService<RetentionClock>();
        services.AddSingleton<ImportRequests>();
        return services;
    }

    /// <summary>Adds a bus that only publishes and subscribes: for programs that ask for imports and do none.</summary>
    public static IServiceCollection AddTransport(this IServiceCollection services, IConfiguration configuration, ImportEnds? ends) =>
        services.AddTransport(configuration, bus => ends?.Subscribe(services, bus));

    private static IServiceCollection AddTransport(
        this IServiceCollection services, IConfiguration configuration, Action<IBusRegistrationConfigurator> configure)
    {
        services.AddTransportOptions();
        services.AddOptions<MassTransitHostOptions>().Configure<IOptions<TransportOptions>>((host, transport) =>
        {
            // Consumers stop first, then the bus, then the host: the other way round an import is abandoned in the middle.
            host.WaitUntilStarted = true;
            host.ConsumerStopTimeout = transport.Value.StopTimeout;
            host.StopTimeout = transport.Value.StopTimeout + TimeSpan.FromSeconds(5);
        });
        services.AddOptions<HostOptions>().Configure<IOptions<TransportOptions>>((host, transport) =>
            host.ShutdownTimeout = transport.Value.StopTimeout + TimeSpan.FromSeconds(10));

        var kind = KindOf(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BusEnd>();
        services.AddBusObserver(provider => provider.GetRequiredService<BusEnd>());
        services.AddSingleton<MandatoryMessages>();
        services.AddSingleton<BusDepot>();
        services.AddSingleton<IBusDepot, PromptBusDepot>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.ConfigureHealthCheckOptions(health => health.Name = BusHealth.Name);
            configure(bus);
            switch (kind)
            {
                case TransportKind.InMemory:
                    bus.UsingInMemory((context, transport) => transport.ConfigureEndpoints(context));
                    break;
                case TransportKind.RabbitMq:
                    services.AddSingleton<BrokerLogin>();
                    services.AddSingleton<BrokerConnectionReport>();
                    services.AddReceiveEndpointObserver(provider => provider.GetRequiredService<BrokerConnectionReport>());
                    bus.UsingRabbitMq((context, transport) =>
                    {
                        transport.Configure(context.GetRequiredService<IOptions<TransportOptions>>().Value.RabbitMq);
                        transport.ConfigureEndpoints(context);
                    });
                    break;
                default:
                    throw new InvalidOperationException($"{TransportOptions.Section}:{nameof(TransportOptions.Kind)} is {kind}; it must be InMemory or RabbitMq.");
            }
        });
        return services;
    }

    /// <summary>Adds section <c>Transport</c> alone: for programs that look at the broker and use no bus.</summary>
    public static IServiceCollection AddTransportOptions(this IServiceCollection services)
    {
        services.AddOptions<TransportOptions>().BindKnown(TransportOptions.Section);
        services.AddSingleton<IValidateOptions<TransportOptions>, TransportOptionsValidator>();
        return services;
    }

    private static TransportKind KindOf(IConfiguration configuration) =>
        configuration.GetValue($"{TransportOptions.Section}:{nameof(TransportOptions.Kind)}", TransportKind.InMemory);
}
