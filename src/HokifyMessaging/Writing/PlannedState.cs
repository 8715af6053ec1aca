using HokifyMessaging.Planning;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Writing;

/// <summary>What a row would remember of its record, as an entry of a plan keeps it: all that a later record of the same run is compared with.</summary>
/// <param name="Content">The content hash.</param>
/// <param name="Version">From when the record is.</param>
/// <param name="VersionReferenceId">Of a person, which application it was.</param>
/// <param name="IsDeleted">Whether the row would be deleted.</param>
/// <param name="Digest">Of an application, what recognizes its record.</param>
/// <param name="Others">Of an application, what copies have lost.</param>
/// <param name="Owner">Of an application, the key of its person's row; negative for one that is only planned.</param>
internal sealed record PlannedState(
    byte[] Content, DateTimeOffset? Version = null, string? VersionReferenceId = null, bool IsDeleted = false, byte[]? Digest = null, byte[]? Others = null, long Owner = 0)
{
    public static PlannedState Of(PlanEntry entry) =>
        JsonSerializer.Deserialize<PlannedState>(entry.State!) ?? throw new InvalidOperationException("The state of an entry is null: only this program writes it.");

    public static PlannedState Of(Candidate row) => new(row.ContentHash, row.Version, row.VersionReferenceId, row.IsDeleted);

    public static PlannedState Of(CandidateProfile row) => new(row.ContentHash, row.Version, IsDeleted: row.IsDeleted, Digest: row.SourceDigest, Others: row.OtherCopies, Owner: row.CandidateId);

    public static PlannedState Of(StoredCandidate row) => new(row.ContentHash.ToBytes(), row.Version, row.VersionReferenceId, row.IsDeleted);

    public static PlannedState Of(StoredProfile row) => new(row.ContentHash.ToBytes(), row.Version, IsDeleted: row.IsDeleted, Digest: row.Digest?.ToBytes(), Others: row.Others?.ToBytes(), Owner: row.CandidateId);

    public string ToJson() => JsonSerializer.Serialize(this);

    public StoredCandidate Candidate(long id) => new(id, ContentHash.Of(Content), Version, VersionReferenceId, IsDeleted);

    public StoredProfile Profile(long id, byte[]? key) =>
        new(id, Owner, ContentHash.Of(Content), Version, IsDeleted, SourceDigest.Of(Digest), PersonKey.Of(key), OtherCopies.Of(Others));

    /// <summary>Tells this state of a person's row from any other.</summary>
    public byte[] HashOfCandidate() => PlanHash.OfRow(ContentHash.Of(Content), Version, VersionReferenceId, IsDeleted, owner: null);

    /// <summary>The same of an application's.</summary>
    public byte[] HashOfProfile() => PlanHash.OfRow(ContentHash.Of(Content), Version, versionReference: null, IsDeleted, Owner);
}
