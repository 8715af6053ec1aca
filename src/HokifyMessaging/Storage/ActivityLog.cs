using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>One command on one element and what became of it; while <see cref="Status"/> is open, an entry of the retry ledger.</summary>
internal sealed class ActivityLog
{
    /// <summary>The command of all that an import does.</summary>
    public const string Import = "HokifyImport";

    /// <summary>The longest name of a field.</summary>
    public const int FieldLength = 200;

    public long Id { get; set; }
    public int ScopeId { get; set; }

    /// <summary>The run that wrote the entry.</summary>
    public Guid RunId { get; set; }
    public required ActivityName Name { get; set; }
    public required ActivityStatus Status { get; set; }

    /// <summary>The application's or person's id; for a record without one, a hash of its payload.</summary>
    public required string ReferenceId { get; set; }

    /// <summary><c>lastupdate</c> of the copy that waits, where it is known: an older copy does not settle a newer one.</summary>
    public DateTimeOffset? Version { get; set; }

    /// <summary>The person behind a ledger entry, so that an erasure finds it.</summary>
    public string? PersonReferenceId { get; set; }
    public required string ElementName { get; set; }

    /// <summary>The row's integer id; null while there is none.</summary>
    public long? ElementId { get; set; }
    public string? ElementDisplayName { get; set; }

    /// <summary><see cref="Import"/>, for all that is ours. A text, because the seed has one: other programs may have commands of their own in this table.</summary>
    public required string Command { get; set; }
    public DateTimeOffset Date { get; set; }
    public DateTimeOffset? DateExecuted { get; set; }

    /// <summary>The payload, while the entry waits to be tried again.</summary>
    public string? Data { get; set; }

    /// <summary>0, or the HRESULT of the failure.</summary>
    public int ResultCode { get; set; }
    public string? ResultData { get; set; }

    /// <summary>Why it failed, as a kind; null for what has not.</summary>
    public FailureCause? Cause { get; set; }

    /// <summary>The field at fault, as its source or its column is called; null where it is of none.</summary>
    public string? Field { get; set; }
    public int RetryCount { get; set; }

    /// <summary>Seconds from <see cref="DateExecuted"/> until the next try.</summary>
    public int RetryInterval { get; set; }
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>
    /// The run that tried last, where an entry of the ledger was tried: within one run a record is tried, and counted,
    /// once. Null for a change that was made.
    /// </summary>
    public Guid? LastRunId { get; set; }

    /// <summary>The ramp that has the entry: no run tries it that the ramp has not asked for. Null for none.</summary>
    public long? RampId { get; set; }

    /// <summary>With which of the ramp's steps it is tried; null while it waits for one.</summary>
    public int? RampStep { get; set; }

    /// <summary>Why it was done, or could not be, where nothing else says it; null for all others.</summary>
    public ActivityWhy? Why { get; set; }

    public ActivityLog Copy() => (ActivityLog)MemberwiseClone();

    /// <summary>What a run did to a row, and is done with.</summary>
    public static ActivityLog OfDone(int scopeId, Guid runId, ActivityName name, string element, string reference, DateTimeOffset now) => new()
    {
        ScopeId = scopeId,
        RunId = runId,
        Name = name,
        Status = ActivityStatus.Done,
        ReferenceId = reference,
        ElementName = element,
        Command = Import,
        Date = now,
        DateExecuted = now,
    };

    /// <summary>How it is stored.</summary>
    /// <param name="log">The table.</param>
    /// <param name="idCollation">How ids are compared.</param>
    public static void Map(EntityTypeBuilder<ActivityLog> log, string idCollation)
    {
        log.ToTable("ActivityLog");
        log.Property(l => l.Name).HasConversion<string>().HasMaxLength(50);
        log.Property(l => l.Status).HasConversion<string>().HasMaxLength(20);
        log.Property(l => l.ReferenceId).HasMaxLength(PersonId.MaxLength).UseCollation(idCollation);
        log.Property(l => l.PersonReferenceId).HasMaxLength(PersonId.MaxLength).UseCollation(idCollation);
        log.Property(l => l.ElementName).HasMaxLength(50);
        log.Property(l => l.ElementDisplayName).HasMaxLength(400);
        log.Property(l => l.Command).HasMaxLength(50);
        log.Property(l => l.Why).HasConversion<string>().HasMaxLength(20);
        log.Property(l => l.Cause).HasConversion<string>().HasMaxLength(20);
        log.Property(l => l.Field).HasMaxLength(FieldLength);
        log.HasOne<ImportRun>().WithMany().HasForeignKey(l => l.RunId).OnDelete(DeleteBehavior.Restrict);

        // What was done to a row: for the file of a run, for a record that comes twice, and for an erasure.
        log.HasIndex(l => l.ElementId);
        log.HasIndex(l => l.LastRunId).HasFilter("LastRunId IS NOT NULL");

        // All that the ledger ever held of an application or of a person, for an erasure; a change that was made is in neither.
        log.HasIndex(l => new { l.ScopeId, l.ReferenceId }, "IX_ActivityLog_Tried").HasFilter("LastRunId IS NOT NULL");
        log.HasIndex(l => new { l.ScopeId, l.PersonReferenceId }, "IX_ActivityLog_Person").HasFilter("PersonReferenceId IS NOT NULL");

        // Only what waits is looked up by key or by time, so only that is indexed; and one record waits at most once.
        log.HasIndex(l => new { l.ScopeId, l.ReferenceId }, "IX_ActivityLog_Ledger").IsUnique()
            .HasFilter($"Status IN ('{ActivityStatus.Open}', '{ActivityStatus.Parked}')");
        log.HasIndex(l => new { l.ScopeId, l.RampId, l.DueAt }, "IX_ActivityLog_Due").HasFilter($"Status = '{ActivityStatus.Open}'");

        // All that is told of groups of them; and what a ramp has, some of which may have been settled since.
        log.HasIndex(l => new { l.ScopeId, l.Cause, l.Field, l.Status, l.Date, l.DueAt, l.RampId }, "IX_ActivityLog_Waiting")
            .HasFilter($"Status IN ('{ActivityStatus.Open}', '{ActivityStatus.Parked}')");
        log.HasIndex(l => new { l.RampId, l.RampStep, l.Status }, "IX_ActivityLog_Ramp").HasFilter("RampId IS NOT NULL");

        // What is left of records that waited for too long, until that is forgotten as well.
        log.HasIndex(l => new { l.ScopeId, l.DateExecuted }, "IX_ActivityLog_Dropped").HasFilter($"Status = '{ActivityStatus.Dropped}'");
    }
}

/// <summary>Where an activity stands. Stored by name, as the states of runs are.</summary>
internal enum ActivityStatus
{
    /// <summary>A change that was made; nothing more to do.</summary>
    Done,

    /// <summary>In the ledger, waiting for its next try.</summary>
    Open,

    /// <summary>In the ledger, waiting for an operator.</summary>
    Parked,

    /// <summary>Was in the ledger and succeeded.</summary>
    Closed,

    /// <summary>Was in the ledger and was overtaken by a newer copy of the record.</summary>
    Superseded,

    /// <summary>Was in the ledger for longer than records are kept there, or until an operator dropped it: the record is gone, and what remains is that it was.</summary>
    Dropped,
}

/// <summary>What was done, or could not be. Stored by name.</summary>
internal enum ActivityName
{
    Created,
    Updated,
    Deleted,
    Erased,

    /// <summary>The record could not be understood.</summary>
    Rejected,

    /// <summary>The record could not be written.</summary>
    Failed,
}

/// <summary>Why something was done, or could not be. Stored by name.</summary>
internal enum ActivityWhy
{
    /// <summary>It had been deleted, and the source has it again.</summary>
    CameBack,

    /// <summary>The source says by now that it is another person's; of a record that could not be stored, within the same read.</summary>
    OtherPerson,

    /// <summary>A full read that reached its end did not find it any more.</summary>
    NotThere,

    /// <summary>The last application of the person had gone.</summary>
    LastGone,
}
