using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace HokifyMessaging.Storage;

/// <summary>
/// Somebody has asked that people be erased, and what became of it. Says nothing of these people: their rows go by keys of ours, and
/// their ids by keyed hashes, so that it can be carried out later and kept for good.
/// </summary>
internal sealed class ErasureRequest
{
    public const int ReasonLength = 500;

    public Guid Id { get; set; }
    public int ScopeId { get; set; }

    /// <summary>The user of the operating system, or over HTTP the API key.</summary>
    public required string Who { get; set; }

    /// <summary>On which machine the program ran that was asked.</summary>
    public required string Machine { get; set; }

    /// <summary>Why, in the words of whoever asked; a file number rather than a name.</summary>
    public string? Reason { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public required ErasureState State { get; set; }
    public DateTimeOffset? CompletedAt { get; set; }

    /// <summary>From when on it may be carried out, where something forbids it before; null where nothing does, or where nobody knows yet.</summary>
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>A keyed hash of the id or address that was asked for: who asks for it again gets this request.</summary>
    public required byte[] Asked { get; set; }

    /// <summary>JSON array of the keys of the people's rows.</summary>
    public required string Candidates { get; set; }

    /// <summary>JSON array of the keys of the activity logs that hold what waits of them; empty once it is done.</summary>
    public required string Entries { get; set; }

    /// <summary>The keyed hashes of the ids by which they were known, 32 bytes each, until these are in <see cref="ErasedKey"/>; then null.</summary>
    public byte[]? Hashes { get; set; }

    /// <summary>How many people's rows were emptied, applications' rows likewise, records that waited deleted, and runs changed whose sentences had an id.</summary>
    public int People { get; set; }
    public int Applications { get; set; }
    public int Waiting { get; set; }
    public int Runs { get; set; }

    /// <summary>Row keys as it holds them.</summary>
    public static IReadOnlyList<long> KeysIn(string json) =>
        JsonSerializer.Deserialize<List<long>>(json) ?? throw new InvalidOperationException("The stored row keys are null.");

    /// <summary>How it is stored.</summary>
    public static void Map(EntityTypeBuilder<ErasureRequest> request)
    {
        request.ToTable("ErasureRequest");
        request.Property(r => r.Id).ValueGeneratedNever();
        request.Property(r => r.Who).HasMaxLength(AuditEntry.NameLength);
        request.Property(r => r.Machine).HasMaxLength(AuditEntry.NameLength);
        request.Property(r => r.Reason).HasMaxLength(ReasonLength);
        request.Property(r => r.State).HasConversion<string>().HasMaxLength(20);
        request.Property(r => r.Asked).HasMaxLength(32);
        request.HasIndex(r => new { r.ScopeId, r.Asked });

        // What is still to be done, however much was done before.
        request.HasIndex(r => r.ScopeId, "IX_ErasureRequest_Waiting").HasFilter($"State IN ('{ErasureState.Waiting}', '{ErasureState.Deferred}')");
    }

    /// <summary>Nothing is left to be done, and what was needed for it goes.</summary>
    public void Finish(DateTimeOffset now) => (State, CompletedAt, DueAt, Entries, Hashes) = (ErasureState.Done, now, null, "[]", null);
}

/// <summary>Where a request for an erasure stands. Stored by name.</summary>
internal enum ErasureState
{
    /// <summary>Stored, and carried out when the scope is free.</summary>
    Waiting,

    /// <summary>Stored, and carried out when nothing forbids it any more: at <see cref="ErasureRequest.DueAt"/>, or when a hold without an end is released.</summary>
    Deferred,

    /// <summary>Carried out.</summary>
    Done,
}
