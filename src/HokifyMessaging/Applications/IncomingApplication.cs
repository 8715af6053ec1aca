namespace HokifyMessaging.Applications;

/// <summary>An application on its way into the database, as far as planning needs it.</summary>
/// <param name="Id">The application's id: the profile's <c>ReferenceId</c>.</param>
/// <param name="PersonId">The person's id, as the record has it or as it follows from the record.</param>
/// <param name="Version">hokify's <c>lastupdate</c>; decides which of two copies is the newer one.</param>
/// <param name="PrivacyAutoDeleted">hokify has erased the person: nothing but the ids may be used.</param>
internal abstract record IncomingApplication(ApplicationId Id, PersonId PersonId, DateTimeOffset? Version, bool PrivacyAutoDeleted)
{
    /// <summary>
    /// The person whose row the application belongs to: the candidate's <c>ReferenceId</c>. Where the record has no id of the
    /// person, whoever was found by what else it says.
    /// </summary>
    public PersonId Owner { get; init; } = PersonId;

    /// <summary>Whether no better copy can follow: the read has ended, or an operator or the ledger asks for this very one.</summary>
    public bool IsDecided { get; init; }

    /// <summary>When what the copy says of the person is from, where the record says so.</summary>
    public DateTimeOffset? Instant => Version ?? Copy.Date;

    /// <summary>Whether the record has an id of the person. Whoever owns the stored application may have one all the same, from another source.</summary>
    public abstract bool HasPersonsId { get; }

    /// <summary>By what the person is known where the source has no ids of people.</summary>
    public abstract PersonKey Key { get; init; }

    /// <summary>Tells the copy from others of the same application.</summary>
    public abstract CopyKey Copy { get; }

    /// <summary>Hash over the person's columns, in their order.</summary>
    public abstract ContentHash CandidateHash { get; init; }

    /// <summary>Hash over the application's own columns, in their order.</summary>
    public abstract ContentHash ProfileHash { get; init; }

    /// <summary>How many members of its record we do not know.</summary>
    public abstract int UnknownMembers { get; init; }

    /// <summary>What the stored row is to remember of the record.</summary>
    public abstract SourceDigest Digest { get; }

    /// <summary>All of it.</summary>
    public abstract MappedApplication Materialize();
}

/// <summary>
/// An application whose record is the very one that the stored row was made from. What planning needs stands in the row, so
/// the record is read only if the plan writes it: because the row has been deleted since, or the person has changed.
/// </summary>
internal sealed record RecognizedApplication : IncomingApplication
{
    private readonly SourceRecord _record;
    private readonly ApplicationMapping _mapping;

    public RecognizedApplication(
        ApplicationId id, SourceRecord record, ApplicationMapping mapping, PersonId person, DateTimeOffset? version, ContentHash profileHash, PersonKey key, SourceDigest digest)
        : base(id, person, version, PrivacyAutoDeleted: false)
    {
        (_record, _mapping) = (record, mapping);
        ProfileHash = profileHash;
        Key = key;
        CandidateHash = digest.CandidateHash;
        UnknownMembers = digest.UnknownMembers;
        Digest = digest;
    }

    public override ContentHash CandidateHash { get; init; }

    public override ContentHash ProfileHash { get; init; }

    public override int UnknownMembers { get; init; }

    public override PersonKey Key { get; init; }

    /// <summary>Only a record without one is given to a person who has none; of any other owner only the record itself can tell.</summary>
    public override bool HasPersonsId => !PersonId.IsDerived && Materialize().HasPersonsId;

    public override CopyKey Copy => Digest.Copy;

    public override SourceDigest Digest { get; }

    public override MappedApplication Materialize() => _record.Map(_mapping).Value is { } application
        ? application with { Owner = Owner }
        : throw new InvalidOperationException($"Application {Id} has the hash of a record that was understood, but cannot be read.");
}
