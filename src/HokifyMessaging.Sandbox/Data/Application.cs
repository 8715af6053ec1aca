namespace HokifyMessaging.Sandbox.Data;

/// <summary>What is wrong with one record on purpose.</summary>
[Flags]
internal enum Flaws
{
    None = 0,
    MissingId = 1,
    BrokenBirthday = 2,
    OverlongText = 4,
    DuplicateId = 8,
    NullUser = 16,
    BrokenLastUpdate = 32,
    UnknownMembers = 64,
}

/// <summary>One application as hokify holds it; the three APIs show it in three ways.</summary>
internal sealed record Application
{
    public required string Id { get; init; }
    public required Relation Relation { get; init; }
    public required Applicant Applicant { get; init; }
    public required string ContactStage { get; init; }
    public required string LikeUser { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset LastUpdate { get; init; }
    public required int OpenMessages { get; init; }
    public required IReadOnlyList<Answer> Answers { get; init; }

    /// <summary>Marks what the writers add to what the person has told.</summary>
    public required Marking Marking { get; init; }

    /// <summary>What is wrong with the record; the writers obey.</summary>
    public Flaws Flaws { get; init; }

    /// <summary>The id of somebody else's application, for <see cref="Flaws.DuplicateId"/>.</summary>
    public required string OtherId { get; init; }

    public bool Has(Flaws flaw) => (Flaws & flaw) != 0;
}

/// <summary>A question of the interview; the answer is null where the person gave none.</summary>
internal sealed record Answer(Question Question, bool InEnglish, string? Text);

/// <summary>The person who applied.</summary>
internal sealed record Applicant
{
    public required string Id { get; init; }

    /// <summary>hokify has erased the person: only ids and dates are left.</summary>
    public required bool Erased { get; init; }

    /// <summary>An erased person has either no <c>general</c> or an empty one.</summary>
    public required bool GeneralIsNull { get; init; }
    public required string FirstName { get; init; }
    public required string LastName { get; init; }
    public required string DisplayName { get; init; }
    public required string Email { get; init; }
    public required string HokifyMail { get; init; }
    public required string? Phone { get; init; }
    public required DateOnly? Birthday { get; init; }
    public required string? Gender { get; init; }
    public required string? Nationality { get; init; }
    public required string Language { get; init; }
    public required Location? Address { get; init; }
    public required bool HasPicture { get; init; }
    public required DateTimeOffset LastActivity { get; init; }
    public required IReadOnlyList<Upload> Uploads { get; init; }
    public required IReadOnlyList<WorkExperience> Experiences { get; init; }
    public required IReadOnlyList<Schooling> Educations { get; init; }
    public required IReadOnlyList<Ability> Skills { get; init; }
}

/// <summary>A file that the person uploaded.</summary>
internal sealed record Upload(string Id, string Type, string Title, string OriginalName, DateTimeOffset Date)
{
    public string Url => $"https://files.hokify.example/extras/{Id}";
}

/// <summary>A position held. The API demands an end even of one that goes on.</summary>
internal sealed record WorkExperience(string Id, string Title, string Summary, string? Company, Branch Branch, DateTimeOffset Start, DateTimeOffset End, bool IsCurrent);

internal sealed record Schooling(string Id, string School, string Level, string Degree, string Description, DateTimeOffset Start, DateTimeOffset End, string Status);

internal sealed record Ability(string Id, string Category, string Title, string Text);
