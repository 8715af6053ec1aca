namespace HokifyMessaging.Service.Screens;

/// <summary>Numbers, instants and durations as people read them.</summary>
internal static class ShownValue
{
    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Of(DateTimeOffset? instant) => instant is { } at ? Instant.Of(at) : "";

    /// <summary>As exact as anybody needs it: <c>0.04 s</c>, <c>12.3 s</c>, <c>4 min 12 s</c>, <c>2 h 03 min</c>, <c>3 d 04 h</c>.</summary>
    public static string Of(TimeSpan duration)
    {
        // What is rounded up to the next unit is shown in it.
        var (hundredths, tenths) = (Math.Round(duration.TotalSeconds, 2), Math.Round(duration.TotalSeconds, 1));
        var (seconds, minutes, hours) = ((long)Math.Round(duration.TotalSeconds), (long)Math.Round(duration.TotalMinutes), (long)Math.Round(duration.TotalHours));
        return duration switch
        {
            _ when hundredths < 1 => FormattableString.Invariant($"{hundredths:0.00} s"),
            _ when tenths < 60 => FormattableString.Invariant($"{tenths:0.0} s"),
            _ when seconds < 3600 => FormattableString.Invariant($"{seconds / 60} min {seconds % 60:00} s"),
            _ when minutes < 24 * 60 => FormattableString.Invariant($"{minutes / 60} h {minutes % 60:00} min"),
            _ => FormattableString.Invariant($"{hours / 24} d {hours % 24:00} h"),
        };
    }
}
