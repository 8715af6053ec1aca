using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>The ids that one committed batch of a run has seen; lets a resumed run know what it has already counted.</summary>
internal sealed class RunBatch
{
    public Guid RunId { get; set; }

    /// <summary>Counts the run's transactions from 1.</summary>
    public int Number { get; set; }
    public RunPhase Phase { get; set; }

    /// <summary>16 bytes for each record.</summary>
    public required byte[] RecordKeys { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<RunBatch> batch)
    {
        batch.ToTable("RunBatch");
        batch.HasKey(b => new { b.RunId, b.Number });
        batch.Property(b => b.Phase).HasConversion<string>().HasMaxLength(20);
        batch.HasOne<ImportRun>().WithMany().HasForeignKey(b => b.RunId).OnDelete(DeleteBehavior.Cascade);
    }
}
