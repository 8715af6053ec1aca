using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>The person; one row per scope and hokify user id.</summary>
internal sealed class Candidate
{
    public long Id { get; set; }
    public int ScopeId { get; set; }
    public required string ReferenceId { get; set; }

    /// <summary>Hash over <see cref="Columns"/>: equal hash, equal row.</summary>
    public required byte[] ContentHash { get; set; }

    /// <summary>
    /// <c>lastupdate</c> of the application that the columns were taken from; its date where the source does not say when it
    /// was changed.
    /// </summary>
    public DateTimeOffset? Version { get; set; }

    /// <summary>That application's id: it decides between two applications of the same instant, so that the order of reading does not.</summary>
    public string? VersionReferenceId { get; set; }
    public bool IsDeleted { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>JSON array of the last 20 field changes.</summary>
    public string? History { get; set; }
    public required CandidateColumns Columns { get; set; }

    public Candidate Copy() => (Candidate)MemberwiseClone();
}

/// <summary>The application as the ATS stores it; one row per scope and hokify application id.</summary>
internal sealed class CandidateProfile
{
    public long Id { get; set; }
    public int ScopeId { get; set; }
    public required string ReferenceId { get; set; }
    public long CandidateId { get; set; }
    public Candidate? Candidate { get; set; }
    public required byte[] ContentHash { get; set; }

    /// <summary>hokify's <c>lastupdate</c>; an older copy never overwrites a newer one.</summary>
    public DateTimeOffset? Version { get; set; }
    public bool IsDeleted { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Since when it is kept, see <see cref="ReceiptOf"/>: by it whatever is old enough is found without a look at the rest. Null once it is forgotten.</summary>
    public DateTimeOffset? ReceivedAt { get; set; }
    public string? History { get; set; }

    /// <summary>The record as hokify delivered it: what has no column is here.</summary>
    public string? SourcePayload { get; set; }

    /// <summary>When <see cref="SourcePayload"/> came; null with it. What is kept for a time only is found by it.</summary>
    public DateTimeOffset? PayloadAt { get; set; }

    /// <summary>
    /// A <see cref="Applications.SourceDigest"/> of the record that the row was made from; changes with
    /// <see cref="ContentHash"/> and <see cref="Version"/>, or is null.
    /// </summary>
    public byte[]? SourceDigest { get; set; }

    /// <summary>A <see cref="Applications.PersonKey"/>: by it a new application finds the person, where the source has no ids of people.</summary>
    public byte[]? PersonKey { get; set; }

    /// <summary>The <see cref="Applications.OtherCopies"/> of the application; null where none is known.</summary>
    public byte[]? OtherCopies { get; set; }
    public required ProfileColumns Columns { get; set; }

    /// <summary>When the person applied. A source that does not say, or says what cannot be, leaves the instant at which the application was first stored.</summary>
    public static DateTimeOffset ReceiptOf(DateTimeOffset? applied, DateTimeOffset created) => applied is { Year: >= FirstYear } at && at < created ? at : created;

    /// <summary>Nobody has applied before, least of all in the year in which computers begin to count.</summary>
    private const int FirstYear = 2000;

    public CandidateProfile Copy() => (CandidateProfile)MemberwiseClone();
}

/// <summary>One import, identified by its scope and its idempotency key.</summary>
internal sealed class ImportRun
{
    public Guid Id { get; set; }
    public required string IdempotencyKey { get; set; }
    public int ScopeId { get; set; }
    public ImportMode ImportMode { get; set; }
    public decimal? UnixSecondsFrom { get; set; }
    public bool DryRun { get; set; }
    public string? RequestedBy { get; set; }
    public RunState State { get; set; }
    public RunPhase Phase { get; set; }

    /// <summary>The frozen window; null <see cref="WindowFrom"/> reads everything. Set when the run first gets the lease.</summary>
    public DateTimeOffset? WindowFrom { get; set; }
    public DateTimeOffset? WindowTo { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }
    public DateTimeOffset? AnnouncedAt { get; set; }

    /// <summary>When the request was last sent again for this run, so that a busy queue is not flooded with nudges.</summary>
    public DateTimeOffset? NudgedAt { get; set; }

    /// <summary>Behind what the source was read and written; opaque to all but the source.</summary>
    public string? Checkpoint { get; set; }

    /// <summary>The fence of the lease under which the run was last worked on.</summary>
    public long Fence { get; set; }

    /// <summary>The counters so far, as JSON.</summary>
    public required string Tally { get; set; }

    /// <summary>How many sentences about records stand in <see cref="Tally"/>, and then in <see cref="CompletedEvent"/>; null for none. Only where there are any an erasure has to look for ids.</summary>
    public int? Sentences { get; set; }

    /// <summary>How often the run failed as a whole, and why it did the last time.</summary>
    public int Failures { get; set; }
    public string? Failure { get; set; }
    public DateTimeOffset? ResumeAt { get; set; }

    /// <summary>The completion event, stored before it is published: a replay announces exactly this.</summary>
    public string? CompletedEvent { get; set; }

    /// <summary>When somebody asked that the run stop at its next checkpoint; null once it is asked for again.</summary>
    public DateTimeOffset? CancelRequestedAt { get; set; }

    /// <summary>When the activity logs of the run, and its sentences, were removed because of their age; null as long as they are kept.</summary>
    public DateTimeOffset? DetailsForgottenAt { get; set; }

    /// <summary>The MessageId of its event; null for a run that was stored when keys were unique over all scopes.</summary>
    public Guid? EventId { get; set; }

    /// <summary>The name of the API key that has asked for it over HTTP; null for what came by another way.</summary>
    public string? AskedByKey { get; set; }

    /// <summary>What the source said when the run failed the last time, with escapes for what cannot be seen. It could name a person, and nobody can tell which one: it is
    /// no part of <see cref="Failure"/>, and goes when anybody in the scope is erased, when the run succeeds, and when it fails for another reason.</summary>
    public string? SourceSaid { get; set; }

    /// <summary>How many deletions the request accepts whatever the guard says; null leaves it to the guard.</summary>
    public int? AllowDeletions { get; set; }

    /// <summary>Whether it has read its window to the end, so that nothing of it is unread; null until it is completed. A file that was cut off, or a list that moved, is not read to the end.</summary>
    public bool? IsWhole { get; set; }

    /// <summary>What tells its plan from others: of a dry run that has ended, the plan that it kept; of another, the plan that it was asked to apply. Null for neither.</summary>
    public string? PlanDigest { get; set; }

    /// <summary>Since when it keeps entries of a plan; null where it has none, or none any more.</summary>
    public DateTimeOffset? PlanKeptSince { get; set; }

    /// <summary>When its plan stopped being whole, because somebody in it was erased or it was old enough: it can be applied no more. Null as long as it is whole.</summary>
    public DateTimeOffset? PlanForgottenAt { get; set; }

    /// <summary>The trace in which it was asked for, as a W3C <c>traceparent</c>: whoever works on the run, when and where ever, does so in that one. Null where it was asked for in none.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Whether it was asked for without a key of its own, and so for no import in particular: one that is asked for the same may answer it.</summary>
    public bool IsKeyless { get; set; }

    /// <summary>The run whose result and event it has, because that one was asked for the same and began after both; null for one that has its own.</summary>
    public Guid? AnsweredBy { get; set; }

    /// <summary>Who had it in hand, from when to when, and how each time ended, as JSON; null before the first.</summary>
    public string? Attempts { get; set; }
}

/// <summary>Where a run stands in its life.</summary>
public enum RunState
{
    /// <summary>Waits behind another run of its scope, or for its first worker. The worker whose turn it is moves it on, or whoever cancels or refuses it.</summary>
    Queued,

    /// <summary>A worker holds the lease, or died holding it. That worker moves it on; when the lease has run out, the next one.</summary>
    Running,

    /// <summary>Stopped at a checkpoint between two slices. The next worker moves it on, or whoever cancels or refuses it.</summary>
    Interrupted,

    /// <summary>Failed as a whole at its checkpoint; resumes there. The sweeper moves it on when its pause is over, or whoever asks for it again or cancels it.</summary>
    Failed,

    /// <summary>Ended; its event is stored. Nobody moves it on.</summary>
    Completed,

    /// <summary>Stopped at its checkpoint because somebody asked for it. Whoever publishes its request again moves it on, and it resumes there.</summary>
    Cancelled,
}

/// <summary>Which chapter of the import a run is in; a resumed run goes on there.</summary>
internal enum RunPhase
{
    Retrying,
    Reading,
    Confirming,
    Deleting,
    Concluding,

    /// <summary>A plan that is to be applied was made again, and is compared with what was asked for.</summary>
    Comparing,

    /// <summary>It is the same, and is written.</summary>
    Applying,
}

/// <summary>What a scope knows about itself: how far it was read, and who works on it.</summary>
internal sealed class ScopeState
{
    public int ScopeId { get; set; }

    /// <summary>The instant up to which the scope has been read to the end.</summary>
    public DateTimeOffset? Watermark { get; set; }
    public string? LeaseOwner { get; set; }
    public Guid? LeaseRunId { get; set; }
    public DateTimeOffset? LeaseExpiresAt { get; set; }

    /// <summary>Grows with every claim and never shrinks: a worker with a smaller number has been replaced.</summary>
    public long Fence { get; set; }

    /// <summary>When the nudge was sent that is on its way for the run whose turn it is; null while none is.</summary>
    public DateTimeOffset? NudgedAt { get; set; }

    /// <summary>Grows whenever rows of the scope are written: as long as it is the same, so is every file that is made of them.</summary>
    public long Revision { get; set; }

    /// <summary>What the scope was read from when its last run got the lease, as <c>ScopeSource</c> names it; null before. <see cref="Watermark"/> speaks of it alone.</summary>
    public string? Source { get; set; }

    /// <summary>
    /// When <see cref="Source"/> became another one than before, as long as the scope may have applications that only the other one brought: until a full import
    /// has found all of them in the present one, or deleted the rest because somebody has accepted that.
    /// </summary>
    public DateTimeOffset? SourceChangedAt { get; set; }

    /// <summary>From where on somebody has had changes left out, by moving <see cref="Watermark"/> ahead by hand; null with <see cref="SkippedTo"/> set for all from the beginning.</summary>
    public DateTimeOffset? SkippedFrom { get; set; }

    /// <summary>Up to where they were left out; null where none are, and once all of them have been read after all.</summary>
    public DateTimeOffset? SkippedTo { get; set; }

    /// <summary>Whether nobody holds the lease.</summary>
    public bool IsFree(DateTimeOffset now) => LeaseExpiresAt is null || LeaseExpiresAt < now;
}

/// <summary>By what the rows of an erased person go, which stay so that what refers to them still does.</summary>
internal static class ErasedRow
{
    /// <summary>Instead of an id, in an activity log.</summary>
    public const string Reference = "erased";

    /// <summary>Begins what stands instead of an id in the row itself; no id has a colon.</summary>
    public const string Prefix = "erased:";

    /// <summary>Whether a row is one: nothing is in it any more.</summary>
    public static bool Is(string reference) => reference.StartsWith(Prefix, StringComparison.Ordinal);
}

/// <summary>A keyed hash of an id or address of an erased person: it recognises, and tells nothing.</summary>
internal sealed class ErasedKey
{
    /// <summary>Instead of a scope: the row is a hash of nobody and tells which key the others were made with.</summary>
    public const int OfNobody = int.MinValue;

    /// <summary>What that row hashes, as others hash an id or an address.</summary>
    public const string Check = "key";

    /// <summary>Rows that keep somebody out.</summary>
    public static readonly Expression<Func<ErasedKey, bool>> IsOfSomebody = erased => erased.ScopeId != OfNobody;

    public int ScopeId { get; set; }
    public required byte[] Hash { get; set; }
    public DateTimeOffset ErasedAt { get; set; }

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<ErasedKey> erased)
    {
        erased.ToTable("ErasedKey");
        erased.HasKey(e => new { e.ScopeId, e.Hash });
        erased.Property(e => e.Hash).HasMaxLength(32);
    }
}
