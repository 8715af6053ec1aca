using HokifyMessaging.Receiving;

namespace HokifyMessaging.Service.Commands;

/// <summary>The configured broker, for as long as a verb takes that sends one message and perhaps hears what comes of it.</summary>
internal sealed class BrokerVisit : IAsyncDisposable
{
    /// <summary>How long the bus may take to leave the broker.</summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly HostApplicationBuilder _builder = CommandHost.CreateBuilder();
    private readonly TransportOptions _transport;
    private IHost? _host;

    /// <exception cref="VerbException">No broker is configured.</exception>
    public BrokerVisit()
    {
        _transport = _builder.Configuration.GetSection(TransportOptions.Section).Get<TransportOptions>() ?? new TransportOptions();
        if (_transport.Kind == TransportKind.InMemory)
        {
            throw new VerbException(
                "The configured transport is InMemory, a bus that lives inside one process and that no request from here can reach; "
                + "set Transport__Kind=RabbitMq (and Transport__RabbitMq__Host, __Port, __VirtualHost, __Username, __Password) for this program and for 'hokify serve', or try 'hokify demo'; "
                + $"{SettingFiles.WereRead(_builder.Configuration)}.");
        }
    }

    /// <summary>The broker's address, for sentences.</summary>
    public string Broker => _transport.RabbitMq.Address();

    /// <summary>Connects, and listens for the answer before anything is asked.</summary>
    public async Task BeginAsync(AwaitedImport? awaited, CancellationToken cancellationToken)
    {
        _builder.Services.AddTransport(_builder.Configuration, awaited?.Heard);
        var host = _builder.Build();
        _host = host;
        host.Services.GetRequiredService<IStartupValidator>().Validate();
        await TimeLimit.WithinAsync(
            _transport.PublishTimeout,
            TimeProvider.System,
            host.StartAsync,
            cancellationToken,
            otherwise: () => new VerbException(
                $"The broker at {Broker} did not answer within {TimeLimit.InSeconds(_transport.PublishTimeout)} (Transport:PublishTimeout); check Transport:RabbitMq and whether the broker runs."));
    }

    /// <param name="send">Sends a message.</param>
    /// <param name="returned">The sentence for a message that no queue gets.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(Func<MandatoryMessages, CancellationToken, Task> send, string returned, CancellationToken cancellationToken)
    {
        try
        {
            await TimeLimit.WithinAsync(
                _transport.PublishTimeout,
                TimeProvider.System,
                limit => send(_host!.Services.GetRequiredService<MandatoryMessages>(), limit),
                cancellationToken,
                otherwise: () => new VerbException(
                    $"The broker at {Broker} did not take the message within {TimeLimit.InSeconds(_transport.PublishTimeout)} (Transport:PublishTimeout)."));
        }
        catch (NoQueueException)
        {
            throw new VerbException(returned);
        }
    }

    /// <summary>The sentence for a request that no importer would get.</summary>
    public string NoImporter =>
        $"The broker at {Broker} has no queue for the request, because no importer has connected to it yet; start 'hokify serve' with the same Transport settings first.";

    public async ValueTask DisposeAsync()
    {
        if (_host is not { } host)
        {
            return;
        }

        using var stop = new CancellationTokenSource(StopTimeout);
        await host.StopAsync(stop.Token);
        host.Dispose();
    }
}
