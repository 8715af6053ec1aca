namespace HokifyMessaging.Storage;

/// <summary>Something that a person has done to the installation, for whoever asks later who it was. Holds no value of an applicant.</summary>
internal sealed class AuditEntry
{
    public const int NameLength = 200;
    public const int DetailLength = 1000;

    public long Id { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>The user of the operating system.</summary>
    public required string Who { get; set; }

    /// <summary>On which machine.</summary>
    public required string Machine { get; set; }
    public required AuditAction Action { get; set; }

    /// <summary>To which scope; null for what concerns all of them.</summary>
    public int? ScopeId { get; set; }

    /// <summary>What it changed, as one sentence.</summary>
    public required string Detail { get; set; }

    /// <summary>What this process does for the user who has started it.</summary>
    public static AuditEntry OfUser(DateTimeOffset now, AuditAction action, int? scopeId, string detail) =>
        Of(Environment.UserName, Environment.MachineName, now, action, scopeId, detail);

    /// <summary>What was done for somebody who had asked for it before, perhaps another process.</summary>
    public static AuditEntry Of(string who, string machine, DateTimeOffset now, AuditAction action, int? scopeId, string detail) => new()
    {
        At = now,
        Who = Shown(who, NameLength),
        Machine = Shown(machine, NameLength),
        Action = action,
        ScopeId = scopeId,
        Detail = Shown(detail, DetailLength),
    };

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

    /// <summary>A schedule was paused.</summary>
    PauseSchedule,

    /// <summary>A schedule that was paused counts again.</summary>
    ResumeSchedule,
}
