using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>Something that a person has done to the installation, for whoever asks later who it was. Holds no value of an applicant.</summary>
internal sealed class AuditEntry
{
    public const int NameLength = 200;
    public const int DetailLength = 1000;

    public long Id { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>The user of the operating system, the API key, or that it was a link.</summary>
    public required string Who { get; set; }

    /// <summary>On which machine the program ran that was asked.</summary>
    public required string Machine { get; set; }
    public required AuditAction Action { get; set; }

    /// <summary>To which scope; null for what concerns all of them.</summary>
    public int? ScopeId { get; set; }

    /// <summary>What it changed, as one sentence.</summary>
    public required string Detail { get; set; }

    /// <summary>What somebody does, or has asked for before, perhaps another process.</summary>
    public static AuditEntry Of(Actor actor, DateTimeOffset now, Deed deed) => new()
    {
        At = now,
        Who = Shown(actor.Name, NameLength),
        Machine = Shown(actor.Machine, NameLength),
        Action = deed.Action,
        ScopeId = deed.ScopeId,
        Detail = Shown(deed.Detail, DetailLength),
    };

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<AuditEntry> audit)
    {
        audit.ToTable("Audit");
        audit.Property(a => a.Who).HasMaxLength(NameLength);
        audit.Property(a => a.Machine).HasMaxLength(NameLength);
        audit.Property(a => a.Action).HasConversion<string>().HasMaxLength(50);
        audit.Property(a => a.Detail).HasMaxLength(DetailLength);
    }

    /// <summary>A text as the log keeps it.</summary>
    public static string Shown(string text, int most) => VisibleText.Cut(VisibleText.Of(text), most);
}

/// <summary>What is kept in the audit log. Stored by name.</summary>
internal enum AuditAction
{
    /// <summary>The instant was moved up to which a scope counts as read.</summary>
    SetWatermark,

    /// <summary>The erasure key was given up for lost.</summary>
    ForgetErasureKey,

    /// <summary>The erasure key was changed, and the hashes with it.</summary>
    ChangeErasureKey,

    /// <summary>A backup was put in the place of the database.</summary>
    Restore,

    /// <summary>Whom a list of another database names was erased.</summary>
    ImportErasures,

    /// <summary>All that is stored about somebody was handed out.</summary>
    ExportPeople,

    /// <summary>People were erased on request.</summary>
    ErasePeople,

    /// <summary>Somebody's data was put on hold.</summary>
    HoldPeople,

    /// <summary>A hold was released.</summary>
    ReleasePeople,

    /// <summary>An import was asked for by a command or over HTTP.</summary>
    RequestImport,

    /// <summary>The plan of an import was looked at, with values of people.</summary>
    ShowPlan,

    /// <summary>An import that had failed or was cancelled was asked to go on.</summary>
    ResumeImport,

    /// <summary>An import was asked to stop.</summary>
    CancelImport,

    /// <summary>The event of a completed import was published again.</summary>
    AnnounceImport,

    /// <summary>Records that waited were given to the next import.</summary>
    RetryRecords,

    /// <summary>Records that waited for their next try wait for an operator.</summary>
    ParkRecords,

    /// <summary>Records that waited were dropped.</summary>
    DropRecords,

    /// <summary>Records that waited are tried step by step.</summary>
    StartRamp,

    /// <summary>Such steps were stopped by hand.</summary>
    StopRamp,

    /// <summary>A file of an import was handed out.</summary>
    TakeFile,

    /// <summary>A copy of the database was made.</summary>
    TakeBackup,

    /// <summary>Who was erased was written to a file, as hashes.</summary>
    ExportErasures,

    /// <summary>What had been kept long enough was forgotten before the daily job did it.</summary>
    ForgetDue,

    /// <summary>A schedule was paused.</summary>
    PauseSchedule,

    /// <summary>A schedule that was paused counts again.</summary>
    ResumeSchedule,

    /// <summary>A schedule was added to those of the settings.</summary>
    AddSchedule,

    /// <summary>A schedule that does not stand in the settings was changed.</summary>
    ChangeSchedule,

    /// <summary>A schedule that does not stand in the settings was removed.</summary>
    RemoveSchedule,

    /// <summary>Values of people were shown on a page that tells what became of an application or a person.</summary>
    LookAtPerson,

    /// <summary>Messages that waited for an operator were moved back to where imports are worked on.</summary>
    MoveMessages,

    /// <summary>Messages whose imports are completed were taken out of where they waited for an operator.</summary>
    ClearMessages,

    /// <summary>The database was made, or its schema brought up to date, by a command.</summary>
    Migrate,
}
