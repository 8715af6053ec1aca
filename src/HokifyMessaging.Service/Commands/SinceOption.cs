using System.Text.RegularExpressions;

namespace HokifyMessaging.Service.Commands;

/// <summary><c>--since</c>: an instant, or how long ago it was.</summary>
internal static partial class SinceOption
{
    public const string Form = "an age such as 30m, 2h or 3d, or a time such as 2026-11-25 or 2026-11-25T08:00Z (UTC unless it says otherwise)";

    private static readonly string[] Times =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ssK"];

    public static Option<DateTimeOffset?> Create(string description, TimeProvider clock) => new("--since")
    {
        Description = $"{description}: {Form}.",
        HelpName = "when",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (Read(text, clock.GetUtcNow()) is not { } instant)
            {
                argument.AddError($"--since is '{text}'; it must be {Form}.");
                return null;
            }

            if (instant > clock.GetUtcNow())
            {
                argument.AddError($"--since is '{text}', which is still to come; it must be {Form}.");
                return null;
            }

            return instant;
        },
    };

    /// <returns>Null for a text that is neither.</returns>
    public static DateTimeOffset? Read(string text, DateTimeOffset now)
    {
        if (Age().Match(text) is { Success: true } age)
        {
            var unit = age.Groups["unit"].Value.ToUpperInvariant() switch
            {
                "S" => TimeSpan.FromSeconds(1),
                "M" or "MIN" => TimeSpan.FromMinutes(1),
                "H" => TimeSpan.FromHours(1),
                "D" => TimeSpan.FromDays(1),
                _ => TimeSpan.FromDays(7),
            };
            var seconds = unit.TotalSeconds * int.Parse(age.Groups["number"].Value, CultureInfo.InvariantCulture);
            return seconds < (now - DateTimeOffset.UnixEpoch).TotalSeconds ? now - TimeSpan.FromSeconds(seconds) : DateTimeOffset.UnixEpoch;
        }

        return DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
    }

    [GeneratedRegex("^(?<number>[0-9]{1,9})(?<unit>s|m|min|h|d|w)$", RegexOptions.IgnoreCase)]
    private static partial Regex Age();
}
