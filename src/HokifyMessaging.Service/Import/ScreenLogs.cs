using HokifyMessaging.Service.Monitoring;

namespace HokifyMessaging.Service.Import;

/// <summary>Warnings of the parts that nobody else speaks for, such as a hokify that asks to wait: what becomes of the import the verb says itself.</summary>
internal sealed class ScreenLogs(Action<string> say) : ILoggerProvider
{
    private static readonly string[] Heard = ["HokifyMessaging.Reading", "HokifyMessaging.Runs", "HokifyMessaging.Storage", typeof(CollectorReport).Namespace!];

    public ILogger CreateLogger(string categoryName) => new Lines(Heard.Any(heard => categoryName.StartsWith(heard, StringComparison.Ordinal)) ? say : null);

    public void Dispose()
    {
    }

    private sealed class Lines(Action<string>? say) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => say is not null && logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                say!(formatter(state, exception));
            }
        }
    }
}
