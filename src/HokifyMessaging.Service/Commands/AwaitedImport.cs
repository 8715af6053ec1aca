using System.CommandLine;
using System.Threading.Channels;
using HokifyMessaging.Contracts;
using MassTransit;

namespace HokifyMessaging.Service.Commands;

/// <summary>The import of one scope under one key, for a verb that waits until it is completed, refused or failed.</summary>
internal sealed class AwaitedImport(int scopeId, string key)
{
    public static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the completion event." };

    public static readonly Option<double> Timeout = new Option<double>("--timeout")
    {
        Description = "How many seconds --wait waits, 1 to 86400.",
        DefaultValueFactory = _ => 600,
    }.Between(1, 86_400);

    private readonly Channel<Answer> _answers = Channel.CreateUnbounded<Answer>();

    /// <summary>How long to wait; null when nobody asked to.</summary>
    public static TimeSpan? Limit(ParseResult parsed) => parsed.GetValue(Wait) ? TimeSpan.FromSeconds(parsed.GetValue(Timeout)) : null;

    /// <summary>Listens on a queue of its own that goes with this process: the event reaches every subscriber, this one among them.</summary>
    public void Subscribe(IServiceCollection services, IBusRegistrationConfigurator bus)
    {
        services.AddSingleton(this);
        var queue = $"hokify-request-{Guid.NewGuid():N}";
        bus.AddConsumer<CompletionSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
        bus.AddConsumer<FaultSubscriber>().Endpoint(endpoint => (endpoint.Name, endpoint.Temporary) = (queue, true));
    }

    /// <summary>Waits, prints what came of the import and tells it by the exit code.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="again">What to call to wait on.</param>
    /// <param name="json">Print the event as JSON.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="VerbException">It was refused, failed, or takes longer than the limit.</exception>
    public async Task<int> FinishAsync(TimeSpan limit, string again, bool json, CancellationToken cancellationToken)
    {
        var answer = await TimeLimit.WithinAsync(
            limit,
            TimeProvider.System,
            async token => await _answers.Reader.ReadAsync(token),
            cancellationToken,
            otherwise: () => new VerbException($"The import under the key {key} did not complete within {TimeLimit.Seconds(limit)} seconds; it goes on all the same, and {again} waits on."));
        if (answer is not Answer.Completed(var completed))
        {
            throw new VerbException(((Answer.Refused)answer).Sentence);
        }

        if (json)
        {
            CommandHost.WriteJson(completed);
        }
        else
        {
            Terminal.Out.WriteLine($"Completed: run {completed.RunId}{(completed.DryRun ? ", a dry run" : "")}");
            ResultTable.Write(Terminal.Screen(), completed.Result);
        }

        return completed.Result.ErrorCount == 0 ? ExitCode.Done : ExitCode.CompletedWithErrors;
    }

    private void Hear(int ofScope, string? ofKey, Answer answer)
    {
        if (ofScope == scopeId && ofKey == key)
        {
            _answers.Writer.TryWrite(answer);
        }
    }

    private abstract record Answer
    {
        public sealed record Completed(HokifyImportCompleted Event) : Answer;

        public sealed record Refused(string Sentence) : Answer;
    }

    private sealed class CompletionSubscriber(AwaitedImport import) : IConsumer<HokifyImportCompleted>
    {
        public Task Consume(ConsumeContext<HokifyImportCompleted> context)
        {
            import.Hear(context.Message.ScopeId, context.Message.IdempotencyKey, new Answer.Completed(context.Message));
            return Task.CompletedTask;
        }
    }

    private sealed class FaultSubscriber(AwaitedImport import) : IConsumer<Fault<HokifyImportRequested>>
    {
        public Task Consume(ConsumeContext<Fault<HokifyImportRequested>> context)
        {
            var sentence = context.Message.Exceptions.Select(e => e.Message).FirstOrDefault() ?? "The importer refused the request without a reason.";
            import.Hear(context.Message.Message.ScopeId, context.Message.Message.IdempotencyKey, new Answer.Refused(sentence));
            return Task.CompletedTask;
        }
    }
}
