namespace HokifyMessaging.Planning;

/// <summary>What is to become of one row.</summary>
internal enum ElementPlan
{
    /// <summary>There is no such row yet.</summary>
    Create,

    /// <summary>The row differs, or had been deleted and comes back.</summary>
    Update,

    /// <summary>
    /// The row says the same, of an older copy or from another record: it must remember the newer one, or a copy between the two would
    /// win later, and the record be read each time.
    /// </summary>
    Confirm,

    /// <summary>The row already says the same.</summary>
    Unchanged,

    /// <summary>The row was taken from a newer copy than this one.</summary>
    Stale,
}

/// <summary>What is to become of one application.</summary>
internal abstract record ApplicationPlan(IncomingApplication Application)
{
    /// <summary>What the application's row is to remember from here on of copies that lost against its own; null where that stays as it is.</summary>
    public OtherCopies? Remembered { get; init; }

    /// <summary>Write, or leave, the person's and the application's row.</summary>
    /// <param name="IsRepeat">The run has counted this application before; it must not count twice.</param>
    public sealed record Store(IncomingApplication Application, ElementPlan Candidate, ElementPlan Profile, bool IsRepeat) : ApplicationPlan(Application)
    {
        /// <summary>Whether either row is written; otherwise the record need not even be read.</summary>
        public bool IsWritten => Candidate < ElementPlan.Unchanged || Profile < ElementPlan.Unchanged;
    }

    /// <summary>hokify has erased the person: erase here too.</summary>
    public sealed record Erase(IncomingApplication Application, bool IsRepeat) : ApplicationPlan(Application);

    /// <summary>The person was erased earlier and is not brought back.</summary>
    public sealed record Suppress(IncomingApplication Application, bool IsRepeat) : ApplicationPlan(Application);

    /// <summary>Another copy of the application stands in the row that the run has read as well, and that is the better one.</summary>
    public sealed record Yield(IncomingApplication Application) : ApplicationPlan(Application);

    /// <summary>
    /// The copy lost before against the one that stands in the row, or is somebody else's, and the run may read that one yet: it
    /// waits for the end of the read.
    /// </summary>
    public sealed record Hold(IncomingApplication Application) : ApplicationPlan(Application);

    /// <summary>The record contradicts another one of the same run.</summary>
    public sealed record Reject(IncomingApplication Application, Rejection Rejection) : ApplicationPlan(Application);
}

/// <summary>What the database holds of a person, as far as planning needs it.</summary>
internal readonly record struct StoredCandidate(long Id, ContentHash ContentHash, DateTimeOffset? Version, string? VersionReferenceId, bool IsDeleted);

/// <summary>What the database holds of an application, as far as planning needs it.</summary>
internal readonly record struct StoredProfile(
    long Id, long CandidateId, ContentHash ContentHash, DateTimeOffset? Version, bool IsDeleted, SourceDigest? Digest = null, PersonKey Key = default, OtherCopies? Others = null);

/// <summary>The stored rows that a batch may touch, by hokify's ids.</summary>
internal sealed record StoredRows(
    IReadOnlyDictionary<PersonId, StoredCandidate> Candidates, IReadOnlyDictionary<ApplicationId, StoredProfile> Profiles)
{
    public long? IdOf(PersonId person) => Candidates.TryGetValue(person, out var row) ? row.Id : null;

    public long? IdOf(ApplicationId application) => Profiles.TryGetValue(application, out var row) ? row.Id : null;

    public static StoredRows None { get; } = new(new Dictionary<PersonId, StoredCandidate>(), new Dictionary<ApplicationId, StoredProfile>());
}
