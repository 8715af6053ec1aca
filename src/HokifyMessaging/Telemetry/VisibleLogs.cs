using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HokifyMessaging.Telemetry;

/// <summary>
/// Between all who log and all who write logs: what comes from outside into a line, as an argument, a scope or an error's text, stands there visibly. So a line
/// says what it says, whatever the name of a file is, and nobody who reads it has a terminal that does what hokify tells it.
/// </summary>
internal static class VisibleLogs
{
    /// <summary>Puts it in front of whatever factory of loggers the host has.</summary>
    public static IServiceCollection AddVisibleLogs(this IServiceCollection services)
    {
        services.AddLogging();
        var factory = services.Last(service => service.ServiceType == typeof(ILoggerFactory));
        if (factory.ImplementationType is { } type)
        {
            services.TryAddSingleton(type);
        }

        return services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider => new VisibleLoggerFactory(
            (ILoggerFactory)(factory.ImplementationInstance ?? factory.ImplementationFactory?.Invoke(provider) ?? provider.GetRequiredService(factory.ImplementationType!)))));
    }
}

internal sealed class VisibleLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new VisibleLogger(inner.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() => inner.Dispose();
}

internal sealed class VisibleLogger(ILogger inner) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        var (text, values) = (state.ToString() ?? "", state as IEnumerable<KeyValuePair<string, object?>>);
        return inner.BeginScope(new VisibleState(values is null ? VisibleText.Of(text) : text, values));
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
        {
            return;
        }

        var told = exception is null || ErrorTexts.IsSanitized(exception) ? exception : new LoggedException(exception);
        inner.Log(
            logLevel, eventId, new VisibleState(formatter(state, exception), state as IEnumerable<KeyValuePair<string, object?>>), told,
            static (visible, _) => visible.ToString());
    }
}

/// <summary>A line of the log, or a scope of lines: its text and the values in it.</summary>
internal sealed partial class VisibleState : IReadOnlyList<KeyValuePair<string, object?>>
{
    private const string Template = "{OriginalFormat}";

    /// <summary>Values of several lines, which come from nobody outside: places in the program, and statements.</summary>
    private static readonly HashSet<string> OfSeveralLines = new(StringComparer.OrdinalIgnoreCase) { "StackTrace", "commandText", "newLine" };

    private readonly string _text;
    private readonly List<KeyValuePair<string, object?>> _values = [];

    public VisibleState(string text, IEnumerable<KeyValuePair<string, object?>>? values)
    {
        foreach (var (name, value) in values ?? [])
        {
            var visible = name == Template ? value : Visible(name, value, ref text);
            _values.Add(new(name, visible));
        }

        _text = WithoutLinks(VisibleText.OfLines(text));
    }

    public int Count => _values.Count;

    public KeyValuePair<string, object?> this[int index] => _values[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;

    /// <summary>The value as it may be shown; where that is another one, the text has it instead.</summary>
    private static object? Visible(string name, object? value, ref string text)
    {
        switch (value)
        {
            case null:
                return value;
            case Exception exception when ErrorTexts.IsSanitized(exception):
                return value;
            case Exception exception:
                return Instead(exception.ToString(), ErrorTexts.Whole(exception), ref text);
            case IEnumerable several and not string:
                return several.Cast<object?>().Select(one => one?.ToString()).ToList() is var parts && parts.TrueForAll(IsVisible)
                    ? value
                    : Replaced(parts, ref text);
            default:
                var shown = value.ToString() ?? "";
                var visible = WithoutLinks(OfSeveralLines.Contains(name) ? VisibleText.OfLines(shown) : VisibleText.Of(shown));
                return visible == shown ? value : Instead(shown, visible, ref text);
        }
    }

    /// <summary>The server writes down what it is asked for, and whoever has a download link needs nothing else.</summary>
    private static string WithoutLinks(string text) => DownloadToken().Replace(text, "…");

    [GeneratedRegex("(?<=api/downloads/)[^/?#\\s\"']+", RegexOptions.IgnoreCase)]
    private static partial Regex DownloadToken();

    private static bool IsVisible(string? part) => part is null || VisibleText.IsVisible(part);

    private static List<string?> Replaced(List<string?> parts, ref string text)
    {
        var replaced = new List<string?>(parts.Count);
        foreach (var part in parts)
        {
            replaced.Add(IsVisible(part) ? part : Instead(part!, VisibleText.Of(part!), ref text));
        }

        return replaced;
    }

    private static string Instead(string shown, string visible, ref string text)
    {
        // A line break by itself is a template's own more often than anybody's name.
        text = shown is "" or "\n" or "\r\n" ? text : text.Replace(shown, visible, StringComparison.Ordinal);
        return visible;
    }
}

/// <summary>An error as the log may have it.</summary>
internal sealed class LoggedException(Exception told) : Exception(ErrorTexts.Sentence(told))
{
    private readonly string _whole = ErrorTexts.Whole(told);

    public override string? StackTrace => told.StackTrace;

    public override string ToString() => _whole;
}
