using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Receiving;

/// <summary>What a subscriber hears of an import.</summary>
/// <param name="ScopeId">The import's scope.</param>
/// <param name="Key">Its idempotency key.</param>
internal abstract record ImportEnd(int ScopeId, string? Key)
{
    /// <summary>It is completed.</summary>
    public sealed record Completed(Guid? MessageId, HokifyImportCompleted Event) : ImportEnd(Event.ScopeId, Event.IdempotencyKey);

    /// <summary>Its request was refused, or it failed as a whole; null for an importer that does not say why.</summary>
    public sealed record Refused(int ScopeId, string? Key, string? Reason) : ImportEnd(ScopeId, Key);
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
        bus.AddConsumer<FaultSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
    }

    private sealed class CompletionSubscriber(ImportEnds ends) : IConsumer<HokifyImportCompleted>
    {
        public async Task Consume(ConsumeContext<HokifyImportCompleted> context) =>
            await ends._heard.Writer.WriteAsync(new ImportEnd.Completed(context.MessageId, context.Message), context.CancellationToken);
    }

    private sealed class FaultSubscriber(ImportEnds ends) : IConsumer<Fault<HokifyImportRequested>>
    {
        public async Task Consume(ConsumeContext<Fault<HokifyImportRequested>> context)
        {
            var (request, reason) = (context.Message.Message, context.Message.Exceptions.Select(e => e.Message).FirstOrDefault());
            await ends._heard.Writer.WriteAsync(new ImportEnd.Refused(request.ScopeId, request.IdempotencyKey, reason), context.CancellationToken);
        }
    }
}
