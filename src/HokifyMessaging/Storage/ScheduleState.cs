using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>How far a schedule has come, and whether it is paused. What it says stands in the settings, or here where somebody has added it to the running service.</summary>
internal sealed class ScheduleState
{
    public const int NameLength = 50;
    public const int ReasonLength = 500;
    public const int CronLength = 200;
    public const int TimeZoneLength = 100;

    public int ScopeId { get; set; }

    /// <summary>As the settings name it, or whoever added it.</summary>
    public required string Name { get; set; }

    /// <summary>When a service first knew it, or it was last resumed or changed: times before are nobody's.</summary>
    public DateTimeOffset FirstSeenAt { get; set; }

    /// <summary>The last of its times about which something was decided; before the first when it was first known.</summary>
    public DateTimeOffset LastInstant { get; set; }

    /// <summary>What became of that time; null before the first.</summary>
    public ScheduleOutcome? Outcome { get; set; }

    /// <summary>When somebody has paused it; null while it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>Who has paused it.</summary>
    public string? PausedBy { get; set; }

    /// <summary>Why.</summary>
    public string? PauseReason { get; set; }

    /// <summary>Its times; null where the settings have them, and then all that follows is.</summary>
    public string? Cron { get; set; }

    /// <summary>By which clock.</summary>
    public string? TimeZone { get; set; }

    /// <summary>What is imported.</summary>
    public ImportMode? Mode { get; set; }

    /// <summary>What becomes of a time at which the scope is at work.</summary>
    public ScheduleOverlap? Overlap { get; set; }

    /// <summary>What becomes of times at which no service ran.</summary>
    public ScheduleMissed? Missed { get; set; }

    /// <summary>When somebody has said so.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>Who has.</summary>
    public string? ChangedBy { get; set; }

    /// <summary>What it says; null where that stands in the settings.</summary>
    public ScheduleOptions? Stored => this is { Cron: { } cron, TimeZone: { } zone, Mode: { } mode, Overlap: { } overlap, Missed: { } missed }
        ? new ScheduleOptions { Cron = cron, TimeZone = zone, Mode = mode, Overlap = overlap, Missed = missed }
        : null;

    /// <summary>From where on its times count.</summary>
    public DateTimeOffset Behind => LastInstant > FirstSeenAt ? LastInstant : FirstSeenAt;

    /// <summary>Has it say something, or leaves that to the settings.</summary>
    public void Say(ScheduleOptions? stored, DateTimeOffset? at, string? by)
    {
        (Cron, TimeZone, Mode, Overlap, Missed) = (stored?.Cron, stored?.TimeZone, stored?.Mode, stored?.Overlap, stored?.Missed);
        (ChangedAt, ChangedBy) = (at, by);
    }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<ScheduleState> schedule)
    {
        schedule.ToTable("Schedule", table => table.HasCheckConstraint(
            "CK_Schedule_Stored",
            "(Cron IS NULL AND TimeZone IS NULL AND Mode IS NULL AND Overlap IS NULL AND Missed IS NULL AND ChangedAt IS NULL AND ChangedBy IS NULL) OR "
            + "(Cron IS NOT NULL AND TimeZone IS NOT NULL AND Mode IS NOT NULL AND Overlap IS NOT NULL AND Missed IS NOT NULL AND ChangedAt IS NOT NULL AND ChangedBy IS NOT NULL)"));
        schedule.HasKey(s => new { s.ScopeId, s.Name });
        schedule.Property(s => s.Name).HasMaxLength(NameLength);
        schedule.Property(s => s.Outcome).HasConversion<string>().HasMaxLength(20);
        schedule.Property(s => s.PausedBy).HasMaxLength(AuditEntry.NameLength);
        schedule.Property(s => s.PauseReason).HasMaxLength(ReasonLength);
        schedule.Property(s => s.Cron).HasMaxLength(CronLength);
        schedule.Property(s => s.TimeZone).HasMaxLength(TimeZoneLength);
        schedule.Property(s => s.Mode).HasConversion<string>().HasMaxLength(20);
        schedule.Property(s => s.Overlap).HasConversion<string>().HasMaxLength(20);
        schedule.Property(s => s.Missed).HasConversion<string>().HasMaxLength(20);
        schedule.Property(s => s.ChangedBy).HasMaxLength(AuditEntry.NameLength);
        schedule.Ignore(s => s.Stored);
        schedule.Ignore(s => s.Behind);
    }
}

/// <summary>What became of a scheduled time. Stored by name.</summary>
internal enum ScheduleOutcome
{
    /// <summary>Its import is being asked for. Whoever finds it so asks again: the key says that it is the same.</summary>
    Starting,

    /// <summary>Its import was asked for.</summary>
    Started,

    /// <summary>Its import was asked for, and refused: the log says why.</summary>
    Refused,

    /// <summary>It was left out, because an import of the scope was under way or waited.</summary>
    Skipped,

    /// <summary>It was left out, because no service ran.</summary>
    Missed,

    /// <summary>It was left out, because the schedule was paused.</summary>
    Paused,
}
