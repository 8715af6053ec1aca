using System.Text.RegularExpressions;

namespace HokifyMessaging.Service.Commands;

/// <summary>What is wrong with a configuration file, in the words of somebody who edits it.</summary>
internal static partial class ConfigurationFault
{
    private const string Example = """{ "Database": { … } }""";

    /// <summary>A sentence that names the file and, where there is one, the line; null for any other failure.</summary>
    /// <param name="exception">What came of reading the file.</param>
    public static string? Describe(InvalidDataException exception)
    {
        if (Unreadable().Match(exception.Message) is not { Success: true } match)
        {
            return null;
        }

        var file = VisibleText.Of(match.Groups["file"].Value);
        return exception.InnerException switch
        {
            FormatException { InnerException: JsonException json } => Describe(file, json),
            { Message: var message } when Twice().Match(message) is { Success: true } twice => $"{file} sets {twice.Groups["key"].Value} twice, perhaps once in other letter case; leave one of them.",
            FormatException => $"{file} must hold one JSON object, such as {Example}.",
            var other => $"{file} cannot be read: {other?.Message ?? "nobody says why"}",
        };
    }

    private static string Describe(string file, JsonException json)
    {
        var reason = Place().Replace(json.Message, "").Trim().Replace(". Expected ", "; expected is ", StringComparison.Ordinal);
        if (reason.StartsWith("Expected depth to be zero", StringComparison.Ordinal))
        {
            return FormattableString.Invariant($"{file} line {json.LineNumber + 1} is not valid JSON: the file ends before each brace and bracket in it is closed.");
        }

        return reason.Contains("does not contain any JSON tokens", StringComparison.Ordinal)
            ? $"{file} is empty or cut off; it must hold one JSON object, such as {Example}, or be deleted."
            : FormattableString.Invariant($"{file} line {json.LineNumber + 1} is not valid JSON: {VisibleText.Of(reason)}");
    }

    [GeneratedRegex("^Failed to load configuration from file '(?<file>.*)'\\.?$")]
    private static partial Regex Unreadable();

    [GeneratedRegex("^A duplicate key '(?<key>.*)' was found")]
    private static partial Regex Twice();

    [GeneratedRegex(" *(Path: [^|]*\\| *)?LineNumber: .*$", RegexOptions.Singleline)]
    private static partial Regex Place();
}
