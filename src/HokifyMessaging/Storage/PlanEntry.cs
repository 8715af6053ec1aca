using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>
/// What a run that only plans would do with one row, or with one record that it cannot store. The run reads its own entries as if they were rows, so that its plan is what
/// an import would do; a run that applies a plan writes from them.
/// </summary>
internal sealed class PlanEntry
{
    /// <summary>Bytes of <see cref="Hash"/> and of <see cref="Before"/>.</summary>
    public const int HashLength = 32;

    /// <summary>The <see cref="Fields"/> of a row that the run would have changed and changed back.</summary>
    public const string ChangedBack = "[]";

    /// <summary>The run that planned.</summary>
    public Guid RunId { get; set; }

    /// <summary>Counts the run's entries from 1, in the order in which they came.</summary>
    public long Number { get; set; }
    public int ScopeId { get; set; }
    public required PlannedChange Kind { get; set; }
    public required string ElementName { get; set; }

    /// <summary>The application's or the person's id; for a record without one, a hash of its payload.</summary>
    public required string ReferenceId { get; set; }

    /// <summary>The person behind it, so that an erasure finds it; null where the record does not say.</summary>
    public string? PersonReferenceId { get; set; }

    /// <summary>The row that it changes; null for one that it creates, and where there is none.</summary>
    public long? RowId { get; set; }

    /// <summary>JSON array of the fields that change, each with what is there and what would be; null where none ever did.</summary>
    public string? Fields { get; set; }

    /// <summary>Why a record cannot be stored; null for every other entry.</summary>
    public string? Sentence { get; set; }

    /// <summary>Tells the entry from one that does anything else; see <c>PlanHash</c>.</summary>
    public required byte[] Hash { get; set; }

    /// <summary>Tells the row as it was found from any other state of it; null where there was none.</summary>
    public byte[]? Before { get; set; }

    /// <summary>What the row would remember of its record, as JSON: what a later record of the same run is compared with.</summary>
    public string? State { get; set; }

    /// <summary>By what the person is known where the source has no ids of people.</summary>
    public byte[]? PersonKey { get; set; }

    /// <summary>The record as it was delivered, as long as a run is to write it.</summary>
    public string? Payload { get; set; }

    /// <summary>Whether the run has carried it out.</summary>
    public bool IsApplied { get; set; }

    /// <summary>In what it differs from the plan that the run was asked to apply; null where it does not.</summary>
    public PlanDifference? Difference { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<PlanEntry> entry, string idCollation)
    {
        entry.ToTable("PlanEntry");
        entry.HasKey(e => new { e.RunId, e.Number });
        entry.Property(e => e.Kind).HasConversion<string>().HasMaxLength(20);
        entry.Property(e => e.ElementName).HasMaxLength(50);
        entry.Property(e => e.ReferenceId).HasMaxLength(PersonId.MaxLength).UseCollation(idCollation);
        entry.Property(e => e.PersonReferenceId).HasMaxLength(PersonId.MaxLength).UseCollation(idCollation);
        entry.Property(e => e.Hash).HasMaxLength(HashLength);
        entry.Property(e => e.Before).HasMaxLength(HashLength);
        entry.Property(e => e.PersonKey).HasMaxLength(Applications.PersonKey.Length);
        entry.Property(e => e.Difference).HasConversion<string>().HasMaxLength(20);
        entry.HasOne<ImportRun>().WithMany().HasForeignKey(e => e.RunId).OnDelete(DeleteBehavior.Cascade);

        // What the run itself looks up of its own: a row by its id, whatever is known of a person, and what it is to do next.
        entry.HasIndex(e => new { e.RunId, e.ElementName, e.ReferenceId }).IsUnique();
        entry.HasIndex(e => new { e.RunId, e.PersonKey }, "IX_PlanEntry_PersonKey").HasFilter("PersonKey IS NOT NULL");
        entry.HasIndex(e => new { e.RunId, e.Kind, e.Number });
        entry.HasIndex(e => new { e.RunId, e.Difference, e.Number }, "IX_PlanEntry_Difference").HasFilter("Difference IS NOT NULL");

        // Whatever names an erased person, whichever run planned it.
        entry.HasIndex(e => new { e.ScopeId, e.ReferenceId });
        entry.HasIndex(e => new { e.ScopeId, e.PersonReferenceId }, "IX_PlanEntry_Person").HasFilter("PersonReferenceId IS NOT NULL");
    }
}

/// <summary>What would become of a row or a record. Stored by name.</summary>
public enum PlannedChange
{
    /// <summary>There is no such row yet.</summary>
    Created,

    /// <summary>The row differs, or had been deleted and comes back.</summary>
    Updated,

    /// <summary>The source no longer has it.</summary>
    Deleted,

    /// <summary>hokify has erased the person, and it would be done here too.</summary>
    Erased,

    /// <summary>The record cannot be stored, and would wait in the ledger.</summary>
    Refused,

    /// <summary>The row says the same and would only remember the newer record. It counts as unchanged, and is not shown.</summary>
    Confirmed,
}

/// <summary>How a plan that was made again differs in one entry from the one that was to be applied. Stored by name.</summary>
internal enum PlanDifference
{
    /// <summary>Only the new plan has it.</summary>
    Added,

    /// <summary>Both have it, and not the same.</summary>
    Changed,

    /// <summary>Only the plan that was to be applied has it.</summary>
    Gone,

    /// <summary>It was as planned when the plan was made again, and was not any more when it was to be written.</summary>
    Moved,
}
