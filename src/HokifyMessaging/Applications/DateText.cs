namespace HokifyMessaging.Applications;

/// <summary>
/// The spellings in which hokify, its exports and people write an instant or a day. Everything is taken to UTC, so that
/// the same instant never looks like a change because it was written with another offset.
/// </summary>
/// <remarks>
/// A number is seconds or milliseconds since 1970 by its size: what lies between the years 1900 and 2200 as seconds is seconds.
/// As milliseconds the same numbers are the days from October 1969 to March 1970, on which nobody applied, but people were
/// born: a birthday that is a whole hour in milliseconds is in milliseconds.
/// </remarks>
internal static class DateText
{
    /// <summary>Completes a sentence that begins with the field.</summary>
    public const string Problem = "is not a date; expected is ISO 8601, dd.MM.yyyy or Unix seconds or milliseconds, between the years 1900 and 2200";

    /// <summary>Numbers of fewer digits in a text are years, amounts or typing errors.</summary>
    private const int FewestDigits = 5;

    /// <summary>A smaller number could as well be a day without its dots, unless it is the midnight that a day is.</summary>
    private const int SmallestOfAnyTime = 100_000_000;

    private const int SecondsOfDay = 24 * 60 * 60;
    private const int SecondsOfHour = 60 * 60;
    private const int MillisecondsOfHour = 60 * 60 * 1000;

    /// <summary>Neither years before 1900 nor after 2200 are dates of an application: they are a slip or a default value.</summary>
    private static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2201, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What a CV says instead of a day.</summary>
    private static readonly string[] MonthFormats = ["yyyy-MM", "MM.yyyy", "MM/yyyy", "yyyy"];

    /// <summary>Reads an instant; without an offset it is UTC.</summary>
    public static bool TryInstant(string text, out DateTimeOffset instant)
    {
        return TryWritten(ref text, out instant)
            ? TakeToUtc(ref instant)
            : IsNumber(text, out var number) && TryNumber(number, isDay: false, out instant);
    }

    /// <summary>Reads Unix seconds or milliseconds.</summary>
    public static bool TryInstant(decimal number, out DateTimeOffset instant) => TryNumber(number, isDay: false, out instant);

    /// <summary>Reads an instant of a CV, where a month or a year is enough.</summary>
    public static bool TryCvInstant(string text, out DateTimeOffset instant) =>
        TryInstant(text, out instant)
        || (DateTimeOffset.TryParseExact(InvisibleText.Without(text), MonthFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant)
            && TakeToUtc(ref instant));

    /// <summary>Reads a year, or Unix seconds or milliseconds.</summary>
    public static bool TryCvInstant(decimal number, out DateTimeOffset instant) =>
        number >= Earliest.Year && number < Latest.Year && decimal.IsInteger(number)
            ? TryCvInstant(number.ToString("0", CultureInfo.InvariantCulture), out instant)
            : TryInstant(number, out instant);

    /// <summary>Reads a day such as a birthday.</summary>
    public static bool TryDay(string text, out DateOnly day)
    {
        if (TryWritten(ref text, out var written))
        {
            day = DayOf(written);
            return IsInRange(written);
        }

        day = default;
        return IsNumber(text, out var number) && TryDay(number, out day);
    }

    /// <summary>Reads Unix seconds or milliseconds.</summary>
    public static bool TryDay(decimal number, out DateOnly day)
    {
        var understood = TryNumber(number, isDay: true, out var instant);
        day = understood ? DayOf(instant) : default;
        return understood;
    }

    /// <summary>
    /// The day that was meant by an instant. A phone in Vienna or Berlin sends the midnight of a birthday as 22:00 or
    /// 23:00 UTC of the day before; any other time of day stands for the day that is written.
    /// </summary>
    public static DateOnly DayOf(DateTimeOffset instant)
    {
        var isCentralEuropeanMidnight = instant.Offset == TimeSpan.Zero
            && instant.Hour is 22 or 23
            && instant.TimeOfDay.Ticks % TimeSpan.TicksPerHour == 0;
        return DateOnly.FromDateTime(isCentralEuropeanMidnight ? instant.DateTime.AddHours(2) : instant.DateTime);
    }

    /// <param name="text">Without what nobody sees, afterwards.</param>
    /// <param name="written">With the offset that is written.</param>
    private static bool TryWritten(ref string text, out DateTimeOffset written)
    {
        if (WrittenDate.TryRead(text, out written))
        {
            return true;
        }

        text = InvisibleText.Without(text);
        return WrittenDate.TryRead(text, out written);
    }

    private static bool IsNumber(string text, out decimal number)
    {
        number = 0;
        var digits = text.AsSpan().TrimStart('-');
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return (end < 0 ? digits.Length : end) >= FewestDigits
            && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryNumber(decimal number, bool isDay, out DateTimeOffset instant)
    {
        instant = default;
        var isSeconds = number >= Earliest.ToUnixTimeSeconds() && number < Latest.ToUnixTimeSeconds() && !(isDay && number % MillisecondsOfHour == 0);
        if (!isSeconds && (number < Earliest.ToUnixTimeMilliseconds() || number >= Latest.ToUnixTimeMilliseconds()))
        {
            return false;
        }

        if (isSeconds && Math.Abs(number) < SmallestOfAnyTime && !IsMidnight(number))
        {
            return false;
        }

        instant = DateTimeOffset.UnixEpoch.AddTicks((long)(number * (isSeconds ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond)));
        return true;
    }

    /// <summary>In UTC or, in winter or summer, in Vienna.</summary>
    private static bool IsMidnight(decimal seconds) =>
        seconds % SecondsOfDay == 0 || (seconds + SecondsOfHour) % SecondsOfDay == 0 || (seconds + (2 * SecondsOfHour)) % SecondsOfDay == 0;

    private static bool TakeToUtc(ref DateTimeOffset instant)
    {
        if (!IsInRange(instant))
        {
            return false;
        }

        instant = instant.ToUniversalTime();
        return true;
    }

    private static bool IsInRange(DateTimeOffset instant) => instant >= Earliest && instant < Latest;
}
