using Microsoft.AspNetCore.WebUtilities;

namespace HokifyMessaging.Service.Http;

/// <summary>A parameter cannot be read; the message says which and what would be right.</summary>
internal sealed class ParameterException(string parameter, string sentence) : Exception(VisibleText.Of(sentence))
{
    public string Parameter { get; } = parameter;
}

/// <summary>
/// Reads parameters of a query. An empty one is one that was left out: the template of the seed's endpoint names all three,
/// and callers fill in what they have.
/// </summary>
internal static class QueryText
{
    /// <summary>The address of the same question from another place on.</summary>
    public static string Next(this HttpRequest request, string parameter, string position) => QueryHelpers.AddQueryString(
        request.Path,
        request.Query.Where(given => !given.Key.Equals(parameter, StringComparison.OrdinalIgnoreCase)).Append(new(parameter, position)));

    public static int WholeNumber(string parameter, string? text, int otherwise, int least = int.MinValue, int most = int.MaxValue)
    {
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ParameterException(parameter, least == int.MinValue
                ? $"{parameter} is {Problems.Quoted(text)}; it must be a whole number."
                : FormattableString.Invariant($"{parameter} is {Problems.Quoted(text)}; it must be a whole number from {least} to {most}."));
    }

    public static int? Count(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new ParameterException(parameter, FormattableString.Invariant($"{parameter} is {Problems.Quoted(text)}; it must be a whole number from 0 to {int.MaxValue}."));
    }

    /// <summary>Unlike others, this one is not left out when it is empty: <c>?dryRun</c> means something.</summary>
    public static bool TrueOrFalse(string parameter, string? text)
    {
        if (text is null)
        {
            return false;
        }

        return bool.TryParse(text, out var truth)
            ? truth
            : throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be true or false.");
    }

    public static long Position(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return 0;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be the value of 'next' of the page before.");
    }

    /// <param name="parameter">The parameter.</param>
    /// <param name="text">What is given.</param>
    /// <param name="meaning">What it must be, for whoever gives something else.</param>
    public static Guid? Id(string parameter, string? text, string meaning)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return Guid.TryParseExact(text, "D", out var id)
            ? id
            : throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be {meaning}.");
    }

    /// <summary>Seconds since 1970; a fraction counts, and the decimal separator is a point wherever the caller lives.</summary>
    public static decimal? Seconds(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be seconds since 1970-01-01 UTC, such as 1771077762.5.");
    }

    /// <summary>By name in any case, or by number.</summary>
    public static ImportMode Mode(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return ImportMode.Incremental;
        }

        return Name<ImportMode>(text) ?? (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Enum.IsDefined((ImportMode)number)
            ? (ImportMode)number
            : throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be Incremental (0) or Full (1)."));
    }

    public static TName? OneOf<TName>(string parameter, string? text)
        where TName : struct, Enum
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return Name<TName>(text)
            ?? throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be one of {string.Join(", ", Enum.GetNames<TName>())}.");
    }

    public static DateTimeOffset? Instant(string parameter, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : throw new ParameterException(parameter, $"{parameter} is {Problems.Quoted(text)}; it must be a date and time such as 2026-03-01T04:30:00Z.");
    }

    /// <summary>By name only: numbers, and names with commas between them, are what the parser of enums takes as well.</summary>
    private static TName? Name<TName>(string text)
        where TName : struct, Enum =>
        Enum.GetNames<TName>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse<TName>(known) : null;
}
