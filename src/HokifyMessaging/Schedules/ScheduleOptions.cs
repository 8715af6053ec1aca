namespace HokifyMessaging;

/// <summary>When a scope is imported without anybody asking for it.</summary>
internal sealed class ScheduleOptions
{
    /// <summary>
    /// At which times: a cron expression of the five fields minute, hour, day of the month, month and day of the week, such as <c>*/15 * * * *</c> or <c>30 2 * * MON-FRI</c>; or
    /// <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c>. A time that the clock skips in spring comes right behind the gap, and one that comes twice in autumn is
    /// taken once, unless it is one of every hour. Required.
    /// </summary>
    public string Cron { get; set; } = "";

    /// <summary>By which clock these times are meant. Default: Europe/Vienna; the IANA id of a time zone that this machine knows.</summary>
    public string TimeZone { get; set; } = "Europe/Vienna";

    /// <summary>What is imported. Default: <c>Incremental</c>; or <c>Full</c>.</summary>
    public ImportMode Mode { get; set; } = ImportMode.Incremental;

    /// <summary>What becomes of a time at which an import of the scope is under way or waits. Default: <c>Skip</c>, which leaves it out; or <c>Queue</c>, which has it wait behind the other.</summary>
    public ScheduleOverlap Overlap { get; set; } = ScheduleOverlap.Skip;

    /// <summary>What becomes of times at which no service ran. Default: <c>Once</c>, which makes up for all of them with one import at the next start; or <c>None</c>.</summary>
    public ScheduleMissed Missed { get; set; } = ScheduleMissed.Once;
}

/// <summary>What becomes of a scheduled time at which the scope is at work.</summary>
internal enum ScheduleOverlap
{
    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>It waits for its turn.</summary>
    Queue,
}

/// <summary>What becomes of scheduled times at which no service ran.</summary>
internal enum ScheduleMissed
{
    /// <summary>They are left out.</summary>
    None,

    /// <summary>One import stands for all of them.</summary>
    Once,
}
