using System.Data.Common;
using HokifyMessaging.Telemetry;
using HokifyMessaging.Tests.Service.Http;
using HokifyMessaging.Wording;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HokifyMessaging.Tests.Telemetry;

/// <summary>Whoever logs, whatever the argument, and whoever writes the log: a line is one line and people see all of it.</summary>
public sealed partial class VisibleLogsTests
{
    private const string Person = "Erika Mustermann";

    public static TheoryData<string> Kinds => [.. HostileTexts.All.Select(hostile => hostile.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_from_outside_is_visible_wherever_it_comes_into_a_line(string kind)
    {
        var text = HostileTexts.All.Single(hostile => hostile.Kind == kind).Text;
        using var log = new Log();

        LogFile(log.Logger, text);
        LogFiles(log.Logger, [text, "b.csv"]);
        LogFault(log.Logger, new InvalidDataException(text));
        LogUnreadable(log.Logger, new IOException(text, new InvalidDataException(text)), text);
        LogRefused(log.Logger, new AggregateException(new IOException(text), new InvalidDataException(text)));
        using (log.Logger.BeginScope(text))
        using (log.Logger.BeginScope(new Dictionary<string, object> { ["path"] = text }))
        {
            LogFile(log.Logger, text);
        }

        var lines = log.Lines.Text;
        HostileTexts.AreVisibleIn(lines, "the log");
        Assert.DoesNotContain(text, lines, StringComparison.Ordinal);
        Assert.Contains($"Reading {VisibleText.Of(text)} now", lines, StringComparison.Ordinal);
        Assert.Contains(VisibleText.Of(text), lines.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_line_breaks_of_the_program_itself_stay()
    {
        using var log = new Log();

        LogPlace(log.Logger, typeof(InvalidDataException), "   at First()\n   at Second()");

        Assert.Contains("met System.IO.InvalidDataException:\n   at First()\n   at Second()", log.Lines.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/downloads/CfDJ8-token_")]
    [InlineData("http://127.0.0.1:5080/api/downloads/CfDJ8-token_?x=1")]
    [InlineData("GET /API/Downloads/CfDJ8-token_ HTTP/1.1")]
    public void A_link_that_permits_by_itself_is_not_written_down(string text)
    {
        using var log = new Log();

        LogFile(log.Logger, text);
        using (log.Logger.BeginScope(new Dictionary<string, object> { ["RequestPath"] = text }))
        {
            LogFile(log.Logger, "a.csv");
        }

        Assert.DoesNotContain("CfDJ8-token_", log.Lines.Text, StringComparison.Ordinal);
        Assert.Contains("ownloads/…", log.Lines.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_harmless_line_reaches_the_log_as_it_is()
    {
        using var log = new Log();

        LogFile(log.Logger, "täglich/große 工作 😀.csv");
        LogRefused(log.Logger, new InvalidDataException("The file ends in mid-row."));

        Assert.Contains("Reading täglich/große 工作 😀.csv now", log.Lines.Text, StringComparison.Ordinal);
        Assert.Contains("System.IO.InvalidDataException: The file ends in mid-row.", log.Lines.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string> Databases => ["sqlite", "sqlserver", "wrapped", "repeated", "aggregate"];

    [Theory]
    [MemberData(nameof(Databases))]
    public void What_a_database_says_of_the_data_that_it_refuses_is_not_logged(string how)
    {
        using var log = new Log();
        var sqlite = new SqliteException($"SQLite Error 19: 'value {Person} is too long'.", 19);
        Exception exception = how switch
        {
            "sqlite" => sqlite,
            "sqlserver" => new Refusal($"String or binary data would be truncated. Truncated value: '{Person}'."),
            "wrapped" => new DbUpdateException("An error occurred while saving the entity changes.", sqlite),
            "repeated" => new InvalidOperationException($"The batch failed: {sqlite.Message}", sqlite),
            _ => new AggregateException(new IOException("The disk is full."), sqlite),
        };

        LogRefused(log.Logger, exception);
        LogFault(log.Logger, exception);
        try
        {
            throw exception;
        }
        catch (Exception thrown)
        {
            LogRefused(log.Logger, thrown);
        }

        Assert.DoesNotContain(Person, log.Lines.Text, StringComparison.Ordinal);
        Assert.Contains(nameof(What_a_database_says_of_the_data_that_it_refuses_is_not_logged), log.Lines.Text, StringComparison.Ordinal);
        Assert.Contains("database", log.Lines.Text, StringComparison.Ordinal);
    }

    [LoggerMessage(LogLevel.Information, "Reading {File} now")]
    private static partial void LogFile(ILogger logger, string file);

    [LoggerMessage(LogLevel.Information, "Reading {Files} now")]
    private static partial void LogFiles(ILogger logger, IReadOnlyList<string> files);

    /// <summary>As others do, who repeat an error in the line beside it.</summary>
    private static void LogFault(ILogger logger, Exception fault) => logger.Log<IReadOnlyList<KeyValuePair<string, object?>>>(
        LogLevel.Warning, default, [new("Fault", fault), new("{OriginalFormat}", "Reading fails: {Fault}")], null, (_, _) => $"Reading fails: {fault}");

    [LoggerMessage(LogLevel.Error, "The file {File} cannot be read")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, string file);

    [LoggerMessage(LogLevel.Error, "The batch was refused")]
    private static partial void LogRefused(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "The program met {ExceptionType}:\n{StackTrace}")]
    private static partial void LogPlace(ILogger logger, Type exceptionType, string stackTrace);

    private sealed class Refusal(string message) : DbException(message);

    private sealed class Log : IDisposable
    {
        private readonly ServiceProvider _services;

        public Log()
        {
            _services = new ServiceCollection()
                .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Lines))
                .AddVisibleLogs()
                .BuildServiceProvider();
            Logger = _services.GetRequiredService<ILogger<VisibleLogsTests>>();
        }

        public LogLines Lines { get; } = new();

        public ILogger Logger { get; }

        public void Dispose() => _services.Dispose();
    }
}
