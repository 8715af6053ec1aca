using System.Runtime.Serialization;
using HokifyMessaging.Importing;
using HokifyMessaging.Runs;
using MassTransit;

namespace HokifyMessaging.Receiving;

/// <summary>
/// Says in the log what became of a message that no import came of, in the sentence that its publisher reads, too. The bus
/// would print it with a stack trace, which only an error of our own deserves.
/// </summary>
internal sealed partial class RefusalReport(ILogger<RefusalReport> logger) : IReceiveObserver
{
    public Task ReceiveFault(ReceiveContext context, Exception exception) => FaultAsync(context, exception);

    public Task ConsumeFault<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class => FaultAsync(context.ReceiveContext, exception);

    public Task PreReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostReceive(ReceiveContext context) => Task.CompletedTask;

    public Task PostConsume<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class => Task.CompletedTask;

    private Task FaultAsync(ReceiveContext context, Exception exception)
    {
        // The broker delivers again what was interrupted because its connection is gone.
        if (!context.CancellationToken.IsCancellationRequested)
        {
            if (exception is SerializationException or RequestRefusedException or IdempotencyKeyReusedException or ImportFailedException)
            {
                LogRefused(logger, Name(context), ImportQueues.Error, exception.Message);
            }
            else
            {
                LogFailed(logger, exception, Name(context), ImportQueues.Error);
            }
        }

        return Task.CompletedTask;
    }

    private static string Name(ReceiveContext context) => context.GetMessageId() is { } id ? $"Message {id}" : "A message without an id of the bus's form";

    [LoggerMessage(LogLevel.Error, "{Message} goes to {Queue}: {Sentence}")]
    private static partial void LogRefused(ILogger logger, string message, string queue, string sentence);

    [LoggerMessage(LogLevel.Error, "{Message} goes to {Queue}, because of an error of the program's own")]
    private static partial void LogFailed(ILogger logger, Exception exception, string message, string queue);
}
