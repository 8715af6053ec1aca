using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>
/// Records that wait and are tried again in steps that grow, because somebody believes that their cause is gone. Those whose step has not come are held back: no run tries them,
/// and nothing of them changes but that they are the ramp's.
/// </summary>
internal sealed class RetryRamp
{
    public const int TextLength = 200;

    private const string KeyPrefix = "ramp:";

    public long Id { get; set; }
    public int ScopeId { get; set; }
    public required RampState State { get; set; }
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>Who has started it: an API key, or a user of the operating system.</summary>
    public required string StartedBy { get; set; }

    /// <summary>Of which records: open or parked ones; null for both.</summary>
    public ActivityStatus? Status { get; set; }

    /// <summary>Of this cause; null for any.</summary>
    public FailureCause? Cause { get; set; }

    /// <summary>Of this field; empty for those of none, null for any.</summary>
    public string? Field { get; set; }

    /// <summary>Those that this run failed to store; null for any.</summary>
    public Guid? RunId { get; set; }

    /// <summary>Those whose reason has this text; null for any. Forgotten as soon as the records are found, for it may be anything.</summary>
    public string? Text { get; set; }

    /// <summary>The last of its records has this id or a lower one: what fails from then on is not its.</summary>
    public long UpTo { get; set; }

    /// <summary>Up to which id it has been looked for them.</summary>
    public long GatheredTo { get; set; }

    /// <summary>How many records it has found.</summary>
    public int Size { get; set; }

    /// <summary>Its present step, counted from 1; 0 before the first.</summary>
    public int Step { get; set; }

    /// <summary>How many are stored by now.</summary>
    public int Done { get; set; }

    /// <summary>How many have failed again.</summary>
    public int Failed { get; set; }

    /// <summary>How many it let be, because they were settled, dropped or erased meanwhile.</summary>
    public int Ignored { get; set; }

    /// <summary>Why it ends; null while nothing has ended it.</summary>
    public RampEnd? End { get; set; }

    /// <summary>When that was decided.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Who has stopped it by hand.</summary>
    public string? StoppedBy { get; set; }

    /// <summary>Whether it still has records.</summary>
    public bool IsActive => State != RampState.Ended;

    /// <summary>How many wait for their step, or would have.</summary>
    public int Left => Math.Max(0, Size - Done - Failed - Ignored);

    /// <summary>
    /// The idempotency key of a step's import: whoever asks for it asks for the same. The instant tells it from that of another ramp of this number, in a database that was
    /// restored: subscribers know its event.
    /// </summary>
    public string KeyOf(int step) => string.Create(CultureInfo.InvariantCulture, $"{KeyPrefix}{Id}:{step}:{StartedAt.ToUnixTimeMilliseconds()}");

    /// <summary>Of which ramp and step a run is, by its key; null for any other run.</summary>
    public static (long RampId, int Step)? StepOf(string key) =>
        key.StartsWith(KeyPrefix, StringComparison.Ordinal) && key[KeyPrefix.Length..].Split(':') is [var ramp, var step, _]
        && long.TryParse(ramp, NumberStyles.None, CultureInfo.InvariantCulture, out var rampId)
        && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (rampId, number)
            : null;

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<RetryRamp> ramp)
    {
        ramp.ToTable("RetryRamp");
        ramp.Property(r => r.State).HasConversion<string>().HasMaxLength(20);
        ramp.Property(r => r.StartedBy).HasMaxLength(AuditEntry.NameLength);
        ramp.Property(r => r.Status).HasConversion<string>().HasMaxLength(20);
        ramp.Property(r => r.Cause).HasConversion<string>().HasMaxLength(20);
        ramp.Property(r => r.Field).HasMaxLength(ActivityLog.FieldLength);
        ramp.Property(r => r.Text).HasMaxLength(TextLength);
        ramp.Property(r => r.End).HasConversion<string>().HasMaxLength(20);
        ramp.Property(r => r.StoppedBy).HasMaxLength(AuditEntry.NameLength);

        // Those that are under way, for whoever goes on with them; and the last ones of a scope, for whoever looks.
        ramp.HasIndex(r => r.State);
        ramp.HasIndex(r => new { r.ScopeId, r.Id });
    }
}

/// <summary>One step of a ramp.</summary>
internal sealed class RetryRampStep
{
    public long RampId { get; set; }

    /// <summary>Counted from 1.</summary>
    public int Number { get; set; }
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>How many records it has tried.</summary>
    public int Size { get; set; }

    /// <summary>The import that tries them; null until it is asked for.</summary>
    public Guid? RunId { get; set; }

    /// <summary>When it was looked at what became of them; null before that.</summary>
    public DateTimeOffset? EndedAt { get; set; }
    public int Done { get; set; }
    public int Failed { get; set; }
    public int Ignored { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<RetryRampStep> step)
    {
        step.ToTable("RetryRampStep");
        step.HasKey(s => new { s.RampId, s.Number });
        step.HasOne<RetryRamp>().WithMany().HasForeignKey(s => s.RampId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>Where a ramp stands. Stored by name.</summary>
internal enum RampState
{
    /// <summary>Its records are being found.</summary>
    Gathering,

    /// <summary>Step by step they are tried.</summary>
    Climbing,

    /// <summary>Those that were not tried are being given back, as they were before.</summary>
    Releasing,

    /// <summary>It has no records any more.</summary>
    Ended,
}

/// <summary>Why a ramp ended. Stored by name.</summary>
internal enum RampEnd
{
    /// <summary>All were tried, and as good as all are stored.</summary>
    Through,

    /// <summary>So many failed again that the cause cannot be gone.</summary>
    CauseIsThere,

    /// <summary>Somebody has stopped it.</summary>
    ByHand,

    /// <summary>The import of a step was cancelled or gave up before it had tried its records.</summary>
    NotTried,

    /// <summary>The import of a step was refused: the log says why.</summary>
    Refused,

    /// <summary>The database was put back to what a backup had.</summary>
    Restored,
}
