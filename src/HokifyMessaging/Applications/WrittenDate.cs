namespace HokifyMessaging.Applications;

/// <summary>
/// A day, or a day and a time, in the spellings of ISO 8601 and of Austria: <c>2026-03-01T08:30:00.123456789+01:00</c>,
/// <c>1.3.2026 08:30</c>. Every record has several, so that they are read letter by letter and not by trying formats.
/// </summary>
internal static class WrittenDate
{
    private const int MostDigitsOfSecond = 9;
    private const int DigitsOfTick = 7;
    private const int MostOffsetHours = 14;

    /// <param name="text">The text, without blanks around it.</param>
    /// <param name="date">With the offset that is written; without one it is UTC.</param>
    public static bool TryRead(ReadOnlySpan<char> text, out DateTimeOffset date)
    {
        date = default;
        if (!TryDay(ref text, out var day))
        {
            return false;
        }

        var time = TimeSpan.Zero;
        var offset = TimeSpan.Zero;
        if (!text.IsEmpty && !(TryTime(ref text, out time) && TryOffset(text.TrimStart(' '), out offset)))
        {
            return false;
        }

        date = new DateTimeOffset(day + time, offset);
        return true;
    }

    private static bool TryDay(ref ReadOnlySpan<char> text, out DateTime date)
    {
        int year, month, day;
        date = default;
        var isRead = text.Length > 4 && text[4] == '-'
            ? TryNumber(ref text, 4, 4, out year) & TrySkip(ref text, '-') & TryNumber(ref text, 2, 2, out month) & TrySkip(ref text, '-') & TryNumber(ref text, 2, 2, out day)
            : TryNumber(ref text, 1, 2, out day) & TrySkip(ref text, '.') & TryNumber(ref text, 1, 2, out month) & TrySkip(ref text, '.') & TryNumber(ref text, 4, 4, out year);
        // The first and the last year have instants that no offset can be given to.
        if (!isRead || year is < 2 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        date = new DateTime(year, month, day);
        return true;
    }

    /// <summary>T08:30, or 08:30:00.123 behind a blank or, as browsers write it, a comma and a blank.</summary>
    private static bool TryTime(ref ReadOnlySpan<char> text, out TimeSpan time)
    {
        time = default;
        if (!TrySkip(ref text, 'T') && !TrySkip(ref text, 't'))
        {
            TrySkip(ref text, ',');
            if (text is not [' ', ..])
            {
                return false;
            }

            text = text.TrimStart(' ');
        }

        if (!TryNumber(ref text, 1, 2, out var hour) || !TrySkip(ref text, ':') || !TryNumber(ref text, 2, 2, out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        var second = 0;
        var ticks = 0L;
        if (TrySkip(ref text, ':')
            && (!TryNumber(ref text, 2, 2, out second) || second > 59 || ((TrySkip(ref text, '.') || TrySkip(ref text, ',')) && !TryFraction(ref text, out ticks))))
        {
            return false;
        }

        time = new TimeSpan(hour, minute, second) + TimeSpan.FromTicks(ticks);
        return true;
    }

    /// <summary>What is finer than a tick of 100 ns is left off.</summary>
    private static bool TryFraction(ref ReadOnlySpan<char> text, out long ticks)
    {
        ticks = 0;
        var digits = 0;
        for (; digits < text.Length && char.IsAsciiDigit(text[digits]); digits++)
        {
            if (digits < DigitsOfTick)
            {
                ticks = (ticks * 10) + (text[digits] - '0');
            }
        }

        for (var missing = digits; missing < DigitsOfTick; missing++)
        {
            ticks *= 10;
        }

        text = text[digits..];
        return digits is > 0 and <= MostDigitsOfSecond;
    }

    /// <summary>Nothing, Z, +01, +0100 or +01:00, to the end of the text.</summary>
    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is [] or ['Z'] or ['z'])
        {
            return true;
        }

        if (text is not ['+' or '-', ..])
        {
            return false;
        }

        var isWest = text[0] == '-';
        text = text[1..];
        var minutes = 0;
        if (!TryNumber(ref text, 2, 2, out var hours)
            || (!text.IsEmpty && ((TrySkip(ref text, ':') && text.IsEmpty) || !TryNumber(ref text, 2, 2, out minutes)))
            || !text.IsEmpty || minutes > 59 || (hours * 60) + minutes > MostOffsetHours * 60)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        offset = isWest ? -offset : offset;
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<char> text, char letter)
    {
        if (text.IsEmpty || text[0] != letter)
        {
            return false;
        }

        text = text[1..];
        return true;
    }

    private static bool TryNumber(ref ReadOnlySpan<char> text, int fewest, int most, out int number)
    {
        number = 0;
        var digits = 0;
        for (; digits < most && digits < text.Length && char.IsAsciiDigit(text[digits]); digits++)
        {
            number = (number * 10) + (text[digits] - '0');
        }

        text = text[digits..];
        return digits >= fewest;
    }
}
