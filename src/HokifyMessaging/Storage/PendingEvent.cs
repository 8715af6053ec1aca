using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>An event that tells of a failure and that the broker has not confirmed yet. The row goes when it has.</summary>
internal sealed class PendingEvent
{
    /// <summary>The MessageId, the same however often it is published.</summary>
    public Guid Id { get; set; }

    /// <summary>The event as JSON.</summary>
    public required string Event { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>When a process took it to publish it; null when none has, and when it could not.</summary>
    public DateTimeOffset? TakenAt { get; set; }

    /// <summary>The trace in which it happened, as a W3C <c>traceparent</c>; null for none.</summary>
    public string? TraceParent { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<PendingEvent> pending)
    {
        pending.ToTable("PendingEvent");
        pending.Property(e => e.Id).ValueGeneratedNever();
        pending.Property(e => e.TraceParent).HasMaxLength(HokifyDbContext.TraceParentLength);

        // They are published in the order in which they happened.
        pending.HasIndex(e => new { e.CreatedAt, e.Id });
    }
}
