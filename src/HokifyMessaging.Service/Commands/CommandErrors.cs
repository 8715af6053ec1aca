using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace HokifyMessaging.Service.Commands;

/// <summary>The verb cannot do what was asked; the message is the sentence that the user reads.</summary>
internal sealed class VerbException(string message) : Exception(message);

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
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return whenCancelled;
        }
        catch (Exception exception)
        {
            foreach (var sentence in Sentences(exception))
            {
                await Console.Error.WriteLineAsync(sentence);
            }

            return ExitCode.Failed;
        }
    }

    public static IReadOnlyList<string> Sentences(Exception exception) => exception switch
    {
        OptionsValidationException options => [.. options.Failures.Select(FirstLine)],
        AggregateException several => [.. several.InnerExceptions.SelectMany(Sentences)],
        InvalidOperationException { InnerException: { } inner } when Unbound(exception) is null && Unbound(inner) is { } sentence => [sentence],
        _ when Unbound(exception) is { } sentence => [sentence],
        _ when DatabaseErrors.Describe(exception) is { } sentence => [sentence],
        _ => [FirstLine(exception.Message)],
    };

    /// <summary>What the configuration binder means, in the words of somebody who edits a configuration.</summary>
    private static string? Unbound(Exception exception)
    {
        if (NotConvertible().Match(exception.Message) is { Success: true } value)
        {
            return $"{value.Groups["key"].Value} is '{value.Groups["value"].Value}'; it must be {Expected(value.Groups["type"].Value)}.";
        }

        return NotFound().Match(exception.Message) is { Success: true } unknown
            ? $"The configuration has settings that do not exist ({unknown.Groups["names"].Value} in {unknown.Groups["type"].Value.Split('.')[^1]}); check their spelling against README.md."
            : null;
    }

    private static string Expected(string typeName)
    {
        var type = typeof(HokifyOptions).Assembly.GetType(typeName) ?? Type.GetType(typeName);
        return type switch
        {
            { IsEnum: true } => string.Join(" or ", Enum.GetNames(type)),
            _ when type == typeof(int) => "a whole number",
            _ when type == typeof(double) => "a number with a decimal point",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(TimeSpan) => "a duration such as 00:01:30",
            _ => $"a {typeName}",
        };
    }

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('\r');

    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']*)' to type '(?<type>[^']*)'")]
    private static partial Regex NotConvertible();

    [GeneratedRegex("properties were not found on the instance of (?<type>[^ ]+): (?<names>.+)$")]
    private static partial Regex NotFound();
}
