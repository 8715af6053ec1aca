using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HokifyMessaging.Applications;

/// <summary>
/// The spellings in which hokify, its exports and people write an instant or a day. Everything is taken to UTC, so that
/// the same instant never looks like a change because it was written with another offset.
/// </summary>
internal static class DateText
{
    /// <summary>Completes a sentence that begins with the field.</summary>
    public const string Problem = "is not a date; expected is ISO 8601, dd.MM.yyyy or Unix milliseconds, between the years 1900 and 2200";

    private const int ShortestUnixMilliseconds = 9;

    /// <summary>yyyy-MM-ddTHH:mm:ss.fffffffZ</summary>
    private const int LongestUtc = 28;

    private static readonly SearchValues<char> OfUtc = SearchValues.Create("0123456789-:.TZ");

    /// <summary>No longer text is a day alone: yyyy-MM-dd. No shorter one has a time: d.M.yyyy HH:mm.</summary>
    private const int LongestDay = 10;

    /// <summary>Neither years before 1900 nor after 2200 are dates of an application: they are a slip or a default value.</summary>
    private static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2201, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mm:ssK",
        "yyyy-MM-dd HH:mm:ss zzz",
        "yyyy-MM-dd HH:mmK",
        "d.M.yyyy HH:mm",
        "d.M.yyyy HH:mm:ss",
        "dd.MM.yyyy HH:mm:ss zzz",
    ];

    /// <summary>A day without a time.</summary>
    private static readonly string[] DayFormats = ["yyyy-MM-dd", "d.M.yyyy"];

    /// <summary>What a CV says instead of a day.</summary>
    private static readonly string[] MonthFormats = ["yyyy-MM", "MM.yyyy", "MM/yyyy", "yyyy"];

    /// <summary>Reads an instant; without an offset it is UTC.</summary>
    public static bool TryInstant(string text, out DateTimeOffset instant) =>
        TryUtc(text, out instant) || TryWritten(text, FormatsOf(text), out instant) ? TakeToUtc(ref instant) : TryMilliseconds(text, out instant);

    /// <summary>Reads an instant of a CV, where a month or a year is enough.</summary>
    public static bool TryCvInstant(string text, out DateTimeOffset instant) =>
        TryInstant(text, out instant) || (TryWritten(text, MonthFormats, out instant) && TakeToUtc(ref instant));

    /// <summary>Reads Unix milliseconds.</summary>
    public static bool TryInstant(long unixMilliseconds, out DateTimeOffset instant)
    {
        instant = default;
        if (unixMilliseconds < Earliest.ToUnixTimeMilliseconds() || unixMilliseconds >= Latest.ToUnixTimeMilliseconds())
            return false;
        instant = DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds);
        return true;
    }

    /// <summary>Reads a day such as a birthday.</summary>
    public static bool TryDay(string text, out DateOnly day)
    {
        if (TryUtc(text, out var written) || TryWritten(text, FormatsOf(text), out written))
        {
            day = DayOf(written);
            return IsInRange(written);
        }

        var understood = TryMilliseconds(text, out var instant);
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

    /// <summary>Every format that is tried in vain takes as long as the right one, and a birthday used to be the tenth.</summary>
    private static string[] FormatsOf(string text) => text.Length <= LongestDay ? DayFormats : Formats;

    /// <summary>The form that hokify itself writes, read by the JSON parser: that takes a tenth of what the formats do.</summary>
    private static bool TryUtc(string text, out DateTimeOffset instant)
    {
        instant = default;
        Span<byte> quoted = stackalloc byte[LongestUtc + 2];
        if (text is not [.., 'Z'] || text.Length > LongestUtc || text.AsSpan().ContainsAnyExcept(OfUtc))
            return false;
        quoted[0] = (byte)'"';
        quoted[text.Length + 1] = (byte)'"';
        Encoding.ASCII.GetBytes(text, quoted[1..]);
        var reader = new Utf8JsonReader(quoted[..(text.Length + 2)]);
        return reader.Read() && reader.TryGetDateTimeOffset(out instant);
    }

    private static bool TryWritten(string text, string[] formats, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    private static bool TryMilliseconds(string text, out DateTimeOffset instant)
    {
        instant = default;
        // Shorter numbers are years, seconds or typing errors rather than milliseconds.
        return text.Length >= ShortestUnixMilliseconds
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            && TryInstant(milliseconds, out instant);
    }

    private static bool TakeToUtc(ref DateTimeOffset instant)
    {
        if (!IsInRange(instant))
            return false;
        instant = instant.ToUniversalTime();
        return true;
    }

    private static bool IsInRange(DateTimeOffset instant) => instant >= Earliest && instant < Latest;
}
