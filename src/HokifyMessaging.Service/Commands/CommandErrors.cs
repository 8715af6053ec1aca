using System.Text.RegularExpressions;
using HokifyMessaging.Backups;
using HokifyMessaging.Receiving;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Service.Commands;

/// <summary>The verb cannot do what was asked; the message is the sentence that the user reads.</summary>
internal sealed class VerbException(string message) : Exception(VisibleText.Of(message));

/// <summary>Turns what goes wrong in a verb into sentences on the error stream and an exit code; nobody is shown a stack trace.</summary>
internal static partial class CommandErrors
{
    /// <param name="verb">The verb.</param>
    /// <param name="cancellationToken">Fires on Ctrl+C.</param>
    /// <param name="whenCancelled">The exit code after Ctrl+C; 0 for what runs until it is told to stop.</param>
    public static async Task<int> GuardAsync(Func<Task<int>> verb, CancellationToken cancellationToken, int whenCancelled = ExitCode.Interrupted)
    {
        try
        {
            return await verb();
        }
        catch (Exception exception) when ((exception is OperationCanceledException || BrokerErrors.IsNotReached(exception)) && cancellationToken.IsCancellationRequested)
        {
            return whenCancelled;
        }
        catch (Exception exception)
        {
            foreach (var sentence in Sentences(exception))
            {
                await Terminal.TellAsync(sentence);
            }

            return ExitCode.Failed;
        }
    }

    public static IReadOnlyList<string> Sentences(Exception exception) => exception switch
    {
        InvalidDataException file when ConfigurationFault.Describe(file) is { } sentence => [sentence],
        OptionsValidationException options => [.. options.Failures.Select(FirstLine)],
        AggregateException several => [.. several.InnerExceptions.SelectMany(Sentences)],

        // It says what the database's own error, which may be its cause, means here.
        BackupException backup => [FirstLine(backup.Message)],
        _ when Unbound(exception) is { } sentence => [sentence],
        InvalidOperationException { InnerException: { } inner } when Unbound(inner) is { } sentence => [sentence],
        _ when DatabaseErrors.Describe(exception) is { } sentence => [sentence],
        _ when BrokerErrors.Describe(exception) is { } reason => [$"The broker cannot be used: {reason}."],
        _ when BrokerErrors.Refusal(exception) is { } answer => [$"The broker answers '{answer}'; check what the user may do there (Transport:RabbitMq:Username)."],
        UnauthorizedAccessException when Denied().Match(exception.Message) is { Success: true } path =>
            [$"{path.Groups["path"].Value} may not be read or written by this user; its owner or its permissions must change."],
        _ => [FirstLine(exception.Message)],
    };

    /// <summary>What the command line's parser means, without the names of types.</summary>
    public static string Misspelt(string message) => Unparsable().Match(message) is { Success: true } match
        ? $"{match.Groups["option"].Value} is '{match.Groups["value"].Value}'; it must be {Expected(match.Groups["type"].Value)}."
        : FirstLine(message);

    /// <summary>What the configuration binder means, in the words of somebody who edits a configuration.</summary>
    private static string? Unbound(Exception exception)
    {
        return NotConvertible().Match(exception.Message) is { Success: true } value
            ? $"{value.Groups["key"].Value} is '{value.Groups["value"].Value}'; it must be {Expected(value.Groups["type"].Value)}."
            : null;
    }

    private static string Expected(string typeName)
    {
        typeName = Nullable().Replace(typeName, "${inner}");
        var type = typeof(HokifyOptions).Assembly.GetType(typeName) ?? typeof(ImportMode).Assembly.GetType(typeName) ?? Type.GetType(typeName);
        return type switch
        {
            { IsEnum: true } => OneOf(Enum.GetNames(type)),
            _ when type == typeof(int) => "a whole number",
            _ when type == typeof(double) || type == typeof(decimal) => "a number such as 1.5",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(TimeSpan) => "a duration such as 00:01:30",
            _ when type == typeof(DateTimeOffset) => "an instant such as 2027-01-31T12:00:00+01:00",
            // It lives in an assembly of its own, where its name alone finds nothing.
            _ when typeName == typeof(Uri).FullName => "an address such as https://hokify.com/ats-api",
            _ when type == typeof(Guid) => "an id such as 019c60a5-7c00-7000-8000-5a64ed47e597",
            _ => $"a {typeName}",
        };
    }

    private static string OneOf(string[] names) => $"{string.Join(", ", names[..^1])} or {names[^1]}";

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('\r');

    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']*)' to type '(?<type>[^']*)'")]
    private static partial Regex NotConvertible();

    [GeneratedRegex("^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']*)' as expected type '(?<type>[^']*)'")]
    private static partial Regex Unparsable();

    [GeneratedRegex("^Access to the path '(?<path>.*)' is denied")]
    private static partial Regex Denied();

    [GeneratedRegex("^System\\.Nullable`1\\[(?<inner>.*)\\]$")]
    private static partial Regex Nullable();
}
