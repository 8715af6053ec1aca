namespace HokifyMessaging.Applications;

/// <summary>One mapped column: its name in the database and the CSV, its length where it is text, and its value in a row.</summary>
internal sealed record Column<TRow>(string Name, int? MaxLength, Func<TRow, object?> Value);

/// <summary>
/// The columns of a person as the ATS stores it. The order of <see cref="All"/> is the order of the content hash: append,
/// never reorder.
/// </summary>
internal sealed record CandidateColumns
{
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public string? DisplayName { get; init; }
    public string? Email { get; init; }
    public string? HokifyMail { get; init; }
    public string? Phone { get; init; }
    public DateOnly? Birthday { get; init; }
    public string? Gender { get; init; }
    public string? Nationality { get; init; }
    public string? Language { get; init; }
    public string? PictureUrl { get; init; }
    public string? Street { get; init; }
    public string? PostalCode { get; init; }
    public string? City { get; init; }
    public string? Region { get; init; }
    public string? Country { get; init; }

    /// <summary>JSON array of the positions held.</summary>
    public string? Experiences { get; init; }

    /// <summary>JSON array of schools and degrees.</summary>
    public string? Educations { get; init; }

    /// <summary>JSON array of skills.</summary>
    public string? Skills { get; init; }

    public static IReadOnlyList<Column<CandidateColumns>> All { get; } =
    [
        new(nameof(FirstName), 200, c => c.FirstName),
        new(nameof(LastName), 200, c => c.LastName),
        new(nameof(DisplayName), 400, c => c.DisplayName),
        new(nameof(Email), 320, c => c.Email),
        new(nameof(HokifyMail), 320, c => c.HokifyMail),
        new(nameof(Phone), 100, c => c.Phone),
        new(nameof(Birthday), null, c => c.Birthday),
        new(nameof(Gender), 50, c => c.Gender),
        new(nameof(Nationality), 100, c => c.Nationality),
        new(nameof(Language), 20, c => c.Language),
        new(nameof(PictureUrl), 2000, c => c.PictureUrl),
        new(nameof(Street), 300, c => c.Street),
        new(nameof(PostalCode), 20, c => c.PostalCode),
        new(nameof(City), 200, c => c.City),
        new(nameof(Region), 200, c => c.Region),
        new(nameof(Country), 100, c => c.Country),
        new(nameof(Experiences), null, c => c.Experiences),
        new(nameof(Educations), null, c => c.Educations),
        new(nameof(Skills), null, c => c.Skills),
    ];
}

/// <summary>
/// The seed's columns that an application fills (its keys and bookkeeping columns belong to storage). Misspellings are
/// the seed's. The order of <see cref="All"/> is the order of the content hash: append, never reorder.
/// </summary>
internal sealed record ProfileColumns
{
    public string? Name { get; init; }
    public string? PreferredKind { get; init; }
    public string? PreferredTypes { get; init; }
    public string? PreferredCategories { get; init; }
    public string? PreferredPositions { get; init; }
    public int? PreferredEmloyerSelectionMode { get; init; }
    public string? PreferredOrganisationIds { get; init; }
    public string? PreferredRegions { get; init; }
    public string? PreferredSallery { get; init; }
    public string? PreferredStartDate { get; init; }
    public string? PreferredDurance { get; init; }
    public string? PreferredText { get; init; }
    public string? CurrentStatus { get; init; }
    public DateTime? CurrentJobHuntingSince { get; init; }
    public string? CurrentEmployer { get; init; }
    public string? CurrentKind { get; init; }
    public string? CurrentType { get; init; }
    public string? CurrentCategory { get; init; }
    public string? CurrentPosition { get; init; }
    public string? CurrentSallery { get; init; }
    public string? CurrentChangeReason { get; init; }
    public string? CurrentNoticePeriod { get; init; }
    public DateTime? CurrentEndOfEducation { get; init; }
    public DateTime? CurrentEarliestEntryDate { get; init; }
    public string? CurrentExpectations { get; init; }
    public string? CoverLetter { get; init; }
    public string? VideoUrl { get; init; }
    public bool Consent { get; init; }
    public bool ConsentGDPR { get; init; }
    public string? Status { get; init; }
    public bool IsActive { get; init; }
    public int Sort { get; init; }
    public string? Comment { get; init; }
    public DateTimeOffset? DatePublish { get; init; }
    public DateTimeOffset? DateExpires { get; init; }

    /// <summary>JSON object of the document that is the cover letter; only its address, never the file.</summary>
    public string? CoverLetterFile { get; init; }
    public string? CandidateName { get; init; }

    public static IReadOnlyList<Column<ProfileColumns>> All { get; } =
    [
        new(nameof(Name), 400, c => c.Name),
        new(nameof(PreferredKind), 200, c => c.PreferredKind),
        new(nameof(PreferredTypes), 400, c => c.PreferredTypes),
        new(nameof(PreferredCategories), 1000, c => c.PreferredCategories),
        new(nameof(PreferredPositions), 400, c => c.PreferredPositions),
        new(nameof(PreferredEmloyerSelectionMode), null, c => c.PreferredEmloyerSelectionMode),
        new(nameof(PreferredOrganisationIds), 400, c => c.PreferredOrganisationIds),
        new(nameof(PreferredRegions), 400, c => c.PreferredRegions),
        new(nameof(PreferredSallery), 400, c => c.PreferredSallery),
        new(nameof(PreferredStartDate), 400, c => c.PreferredStartDate),
        new(nameof(PreferredDurance), 400, c => c.PreferredDurance),
        new(nameof(PreferredText), null, c => c.PreferredText),
        new(nameof(CurrentStatus), 400, c => c.CurrentStatus),
        new(nameof(CurrentJobHuntingSince), null, c => c.CurrentJobHuntingSince),
        new(nameof(CurrentEmployer), 400, c => c.CurrentEmployer),
        new(nameof(CurrentKind), 200, c => c.CurrentKind),
        new(nameof(CurrentType), 200, c => c.CurrentType),
        new(nameof(CurrentCategory), 1000, c => c.CurrentCategory),
        new(nameof(CurrentPosition), 400, c => c.CurrentPosition),
        new(nameof(CurrentSallery), 400, c => c.CurrentSallery),
        new(nameof(CurrentChangeReason), null, c => c.CurrentChangeReason),
        new(nameof(CurrentNoticePeriod), 400, c => c.CurrentNoticePeriod),
        new(nameof(CurrentEndOfEducation), null, c => c.CurrentEndOfEducation),
        new(nameof(CurrentEarliestEntryDate), null, c => c.CurrentEarliestEntryDate),
        new(nameof(CurrentExpectations), null, c => c.CurrentExpectations),
        new(nameof(CoverLetter), null, c => c.CoverLetter),
        new(nameof(VideoUrl), 2000, c => c.VideoUrl),
        new(nameof(Consent), null, c => c.Consent),
        new(nameof(ConsentGDPR), null, c => c.ConsentGDPR),
        new(nameof(Status), 100, c => c.Status),
        new(nameof(IsActive), null, c => c.IsActive),
        new(nameof(Sort), null, c => c.Sort),
        new(nameof(Comment), null, c => c.Comment),
        new(nameof(DatePublish), null, c => c.DatePublish),
        new(nameof(DateExpires), null, c => c.DateExpires),
        new(nameof(CoverLetterFile), null, c => c.CoverLetterFile),
        new(nameof(CandidateName), 400, c => c.CandidateName),
    ];
}

/// <summary>An application in the shape of the database: what the planner compares and the writer writes.</summary>
/// <param name="Record">The record that it was made from.</param>
/// <param name="Position">Where the record stood, in words.</param>
internal sealed record MappedApplication(
    ApplicationId Id,
    PersonId PersonId,
    DateTimeOffset? Version,
    bool PrivacyAutoDeleted,
    CandidateColumns Candidate,
    ProfileColumns Profile,
    RecordText Record,
    int UnknownMembers,
    string Position) : IncomingApplication(Id, PersonId, Version, PrivacyAutoDeleted)
{
    public override int UnknownMembers { get; init; } = UnknownMembers;

    /// <summary>The record as text.</summary>
    public string Payload
    {
        get => Record.ToString();
        init => Record = value;
    }

    public override required ContentHash CandidateHash { get; init; }

    public override required ContentHash ProfileHash { get; init; }

    /// <summary>Hash over the record and all that its mapping depends on; null for one that was not hashed.</summary>
    public UInt128? SourceHash { get; init; }

    public override bool HasPersonsId => !PersonId.IsDerived;

    public override PersonKey Key { get; init; }

    public override CopyKey Copy => CopyKey.Of(Profile.DatePublish, CandidateHash, ProfileHash, PersonId);

    public override SourceDigest Digest => new(SourceHash ?? UInt128.Zero, CandidateHash, UnknownMembers, Copy);

    public override MappedApplication Materialize() => this;
}
