using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>How far a schedule has come, and whether it is paused. What it says stands in the settings.</summary>
internal sealed class ScheduleState
{
    public const int NameLength = 50;
    public const int ReasonLength = 500;

    public int ScopeId { get; set; }

    /// <summary>As the settings name it.</summary>
    public required string Name { get; set; }

    /// <summary>When a service first knew it, or it was last resumed: times before are nobody's.</summary>
    public DateTimeOffset FirstSeenAt { get; set; }

    /// <summary>The last of its times about which something was decided; before the first as <see cref="FirstSeenAt"/>.</summary>
    public DateTimeOffset LastInstant { get; set; }

    /// <summary>What became of that time; null before the first.</summary>
    public ScheduleOutcome? Outcome { get; set; }

    /// <summary>When somebody has paused it; null while it is not paused.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>Who has paused it.</summary>
    public string? PausedBy { get; set; }

    /// <summary>Why.</summary>
    public string? PauseReason { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<ScheduleState> schedule)
    {
        schedule.ToTable("Schedule");
        schedule.HasKey(s => new { s.ScopeId, s.Name });
        schedule.Property(s => s.Name).HasMaxLength(NameLength);
        schedule.Property(s => s.Outcome).HasConversion<string>().HasMaxLength(20);
        schedule.Property(s => s.PausedBy).HasMaxLength(AuditEntry.NameLength);
        schedule.Property(s => s.PauseReason).HasMaxLength(ReasonLength);
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
