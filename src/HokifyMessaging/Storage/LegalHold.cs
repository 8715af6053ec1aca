using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>
/// Somebody's data must be kept, whatever its age and whoever asks for its erasure. Says nothing of the person: their rows go by keys of ours, which stay when a row is
/// emptied.
/// </summary>
internal sealed class LegalHold
{
    public const int ReasonLength = 500;

    public Guid Id { get; set; }
    public int ScopeId { get; set; }

    /// <summary>The user of the operating system, or over HTTP the API key.</summary>
    public required string Who { get; set; }

    /// <summary>On which machine the program ran that was asked.</summary>
    public required string Machine { get; set; }

    /// <summary>Why, in the words of whoever asked; a file number rather than a name.</summary>
    public required string Reason { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Until when it holds by itself; null until it is released.</summary>
    public DateTimeOffset? Until { get; set; }
    public DateTimeOffset? ReleasedAt { get; set; }

    /// <summary>Who has released it.</summary>
    public string? ReleasedBy { get; set; }

    /// <summary>JSON array of the keys of the people's rows: all of theirs is held, also what comes later.</summary>
    public required string Candidates { get; set; }

    /// <summary>JSON array of the keys of applications' rows that are held by themselves.</summary>
    public required string Profiles { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<LegalHold> hold)
    {
        hold.ToTable("LegalHold");
        hold.Property(h => h.Id).ValueGeneratedNever();
        hold.Property(h => h.Who).HasMaxLength(AuditEntry.NameLength);
        hold.Property(h => h.Machine).HasMaxLength(AuditEntry.NameLength);
        hold.Property(h => h.Reason).HasMaxLength(ReasonLength);
        hold.Property(h => h.ReleasedBy).HasMaxLength(AuditEntry.NameLength);

        // What still holds, however much has been released before.
        hold.HasIndex(h => h.ScopeId, "IX_LegalHold_Open").HasFilter("ReleasedAt IS NULL");
    }
}
