using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>What the daily job did last in a scope.</summary>
internal sealed class RetentionState
{
    /// <summary>Instead of a scope: what belongs to none.</summary>
    public const int OfInstallation = int.MinValue;

    public int ScopeId { get; set; }

    /// <summary>The last day for which it was done; null before the first.</summary>
    public DateOnly? Day { get; set; }

    /// <summary>Until when a process is at work on it, unless that is prolonged; null while none is.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }

    /// <summary>When it last began, and when it last ended well.</summary>
    public DateTimeOffset? BegunAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether it only counted then.</summary>
    public bool WasDry { get; set; }

    /// <summary>JSON array of what it counted.</summary>
    public string Counts { get; set; } = "[]";

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<RetentionState> state)
    {
        state.ToTable("Retention");
        state.HasKey(s => s.ScopeId);
        state.Property(s => s.ScopeId).ValueGeneratedNever();
    }
}
