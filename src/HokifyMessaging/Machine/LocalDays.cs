namespace HokifyMessaging.Machine;

/// <summary>Days as the people of a time zone count them.</summary>
internal static class LocalDays
{
    public static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>The instant at which a day ends, which is the one at which the next begins.</summary>
    public static DateTimeOffset EndOf(DateOnly day, TimeZoneInfo zone) => InstantOf(day.AddDays(1).ToDateTime(TimeOnly.MinValue), zone);

    /// <summary>The instant of a local time: the first of the two that have it, and where none has it, the first behind the gap.</summary>
    public static DateTimeOffset InstantOf(DateTime local, TimeZoneInfo zone)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(local))
        {
            // A gap ends on a whole minute everywhere.
            local = local.AddTicks(-(local.Ticks % TimeSpan.TicksPerMinute));
            while (zone.IsInvalidTime(local))
            {
                local = local.AddMinutes(1);
            }
        }

        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
