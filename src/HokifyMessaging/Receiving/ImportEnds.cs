using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Receiving;

/// <summary>What a subscriber hears of an import.</summary>
/// <param name="ScopeId">The import's scope; null for a message of which that cannot be made out.</param>
/// <param name="Key">Its idempotency key; null likewise.</param>
internal abstract record ImportEnd(int? ScopeId, string? Key)
{
    /// <summary>It is completed.</summary>
    public sealed record Completed(Guid? MessageId, HokifyImportCompleted Event) : ImportEnd(Event.ScopeId, Event.IdempotencyKey);

    /// <summary>Its request was refused, or its run stopped.</summary>
    public sealed record Failed(Guid? MessageId, HokifyImportFailed Event) : ImportEnd(Event.ScopeId, Event.IdempotencyKey);
}

/// <summary>
/// Hears how imports end, on a queue of its own that goes with this process: an event reaches every subscriber, this one among them.
/// </summary>
internal sealed class ImportEnds
{
    private readonly Channel<ImportEnd> _heard = Channel.CreateUnbounded<ImportEnd>();

    /// <summary>The next one that is heard.</summary>
    public async Task<ImportEnd> NextAsync(CancellationToken cancellationToken) => await _heard.Reader.ReadAsync(cancellationToken);

    /// <summary>The next one of this scope and key.</summary>
    public async Task<ImportEnd> NextOfAsync(int scopeId, string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = await NextAsync(cancellationToken);
            if (end.ScopeId == scopeId && end.Key == key)
            {
                return end;
            }
        }
    }

    /// <summary>Has the bus listen from its start on.</summary>
    public void Subscribe(IServiceCollection services, IBusRegistrationConfigurator bus)
    {
        services.AddSingleton(this);
        var queue = $"hokify-request-{Guid.NewGuid():N}";
        bus.AddConsumer<CompletionSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
        bus.AddConsumer<FailureSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
    }

    private sealed class CompletionSubscriber(ImportEnds ends) : IConsumer<HokifyImportCompleted>
    {
        public async Task Consume(ConsumeContext<HokifyImportCompleted> context) =>
            await ends._heard.Writer.WriteAsync(new ImportEnd.Completed(context.MessageId, context.Message), context.CancellationToken);
    }

    private sealed class FailureSubscriber(ImportEnds ends) : IConsumer<HokifyImportFailed>
    {
        public async Task Consume(ConsumeContext<HokifyImportFailed> context) =>
            await ends._heard.Writer.WriteAsync(new ImportEnd.Failed(context.MessageId, context.Message), context.CancellationToken);
    }
}
