using System.Security.Cryptography;

namespace HokifyMessaging.Applications;

/// <summary>hokify's id of one application (hokify calls it a match), as <see cref="RecordId"/> reads it.</summary>
internal readonly record struct ApplicationId(string Value)
{
    /// <summary>The longest id that is accepted, of an application as of a person.</summary>
    public const int MaxLength = 100;

    /// <summary>The id that a text is; null where it is none, which reading its record says.</summary>
    public static ApplicationId? Of(string? text) => text is not null && RecordId.TryRead(text, out var id, out _) ? new ApplicationId(id) : null;

    public override string ToString() => Value;
}

/// <summary>hokify's id of one person, or what stands in for it where a source has none (a hash of the e-mail address and the name).</summary>
internal readonly record struct PersonId(string Value)
{
    private const string KeyPrefix = "person:";
    private const string AddressPrefix = "email:";
    private const string ApplicationPrefix = "application:";

    /// <summary>The longest id that can come up: one made from an application's.</summary>
    public const int MaxLength = 112;

    /// <summary>Not hokify's own id: made from an address, with or without a name, or from an application.</summary>
    public bool IsDerived => Value.StartsWith(KeyPrefix, StringComparison.Ordinal)
        || Value.StartsWith(ApplicationPrefix, StringComparison.Ordinal)
        || Value.StartsWith(AddressPrefix, StringComparison.Ordinal);

    /// <summary>For a source without user ids: one person for each name at an address.</summary>
    /// <param name="key">A whole one.</param>
    public static PersonId Of(PersonKey key) => new(KeyPrefix + Convert.ToHexStringLower(key.ToBytes()!));

    /// <summary>How the ids begin that were made from an address with any name.</summary>
    public static string BeginningOf(string address) =>
        KeyPrefix + Convert.ToHexStringLower(PersonKey.Of(address, null).ToBytes() is { } bytes ? bytes.AsSpan(0, PersonKey.Length / 2) : default);

    /// <summary>What the id was made from, where that was a whole key.</summary>
    public PersonKey? Key => Value.StartsWith(KeyPrefix, StringComparison.Ordinal) && Value.Length == KeyPrefix.Length + (2 * PersonKey.Length)
        ? PersonKey.Of(Convert.FromHexString(Value.AsSpan(KeyPrefix.Length)))
        : null;

    /// <summary>Between these stand the ids that were made from an address alone, before names were looked at.</summary>
    public static (string First, string Behind) ByAddress => (AddressPrefix, "email;");

    /// <summary>The id that was made from an address alone: rows that have it keep it.</summary>
    public static PersonId OfAddress(string address) =>
        new(AddressPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.Trim().ToLowerInvariant()))));

    /// <summary>For a record that names neither a user nor an address.</summary>
    public static PersonId OfApplication(ApplicationId id) => new(ApplicationPrefix + id.Value);

    public override string ToString() => Value;
}

/// <summary>
/// One person's application for one job, whichever generation of hokify's API or whichever file it came from.
/// What has no member here is still in <see cref="Payload"/>.
/// </summary>
internal sealed record HokifyApplication
{
    public required ApplicationId Id { get; init; }

    public required Person Person { get; init; }

    /// <summary>What was applied to: <c>job</c> or <c>company</c>; free text, hokify documents no list.</summary>
    public string? RelationType { get; init; }

    /// <summary>The job applied for; null for an application to a company as such.</summary>
    public Job? Job { get; init; }

    /// <summary>The company behind the job, or the company applied to.</summary>
    public Company? Company { get; init; }

    /// <summary>The id that the ATS itself gave the job (<c>sourceId</c>, <c>jobSourceId</c>).</summary>
    public string? SourceId { get; init; }

    /// <summary><c>newapplicant</c> and so on; free text, hokify documents no list.</summary>
    public string? ContactStage { get; init; }

    /// <summary>Whether the person stands by the application (<c>likeuser</c>): <c>true</c>, <c>false</c>, <c>saved</c>, <c>pending</c>, <c>needreview</c>.</summary>
    public string? LikeUser { get; init; }

    /// <summary>When the person applied (<c>datematch</c>, else <c>dateuseraction</c>; <c>applicationDate</c>).</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>When hokify last changed the application; decides which of two copies is the newer one.</summary>
    public DateTimeOffset? LastUpdate { get; init; }

    /// <summary>How the record calls it.</summary>
    public string LastUpdateField { get; init; } = "lastupdate";

    public IReadOnlyList<Experience> Experiences { get; init; } = [];

    public IReadOnlyList<Education> Educations { get; init; } = [];

    public IReadOnlyList<Skill> Skills { get; init; } = [];

    public IReadOnlyList<InterviewAnswer> Answers { get; init; } = [];

    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>The record as one JSON object that <c>ApplicationPayload</c> can read again.</summary>
    public string Payload
    {
        get => Record.ToString();
        init => Record = value;
    }

    /// <summary>The same, as it came.</summary>
    internal RecordText Record { get; init; } = "";

    /// <summary>How many members of the record we do not know: drift of hokify's schema, a statistic and never a failure.</summary>
    public int UnknownMembers { get; init; }
}

/// <summary>The applicant.</summary>
internal sealed record Person
{
    public required PersonId Id { get; init; }

    /// <summary>hokify has erased this person; we erase too and never store the rest.</summary>
    public bool PrivacyAutoDeleted { get; init; }

    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public string? DisplayName { get; init; }
    public string? Email { get; init; }

    /// <summary>hokify's relay address for this person.</summary>
    public string? HokifyMail { get; init; }
    public string? Phone { get; init; }
    public DateOnly? Birthday { get; init; }
    public string? Gender { get; init; }
    public string? Nationality { get; init; }
    public string? Language { get; init; }
    public string? PictureUrl { get; init; }
    public Address? Address { get; init; }

    /// <summary>Consents as hokify delivers them; null where it says nothing.</summary>
    public bool? Consent { get; init; }
    public bool? ConsentGdpr { get; init; }
}

internal sealed record Address(string? Street, string? PostalCode, string? City, string? Region, string? Country, string? CountryCode);

internal sealed record Job
{
    public string? Id { get; init; }
    public string? Number { get; init; }
    public string? Name { get; init; }
    public string? Type { get; init; }
    public string? EmploymentType { get; init; }
    public IReadOnlyList<string> Fields { get; init; } = [];
    public string? Location { get; init; }
    public string? Wage { get; init; }
    public string? WebUrl { get; init; }
    public DateTimeOffset? Date { get; init; }
}

internal sealed record Company(string? Id, string? Name);

internal sealed record Experience(
    string? Title, string? Company, string? Summary, IReadOnlyList<string> Fields, DateTimeOffset? Start, DateTimeOffset? End, bool IsCurrent);

internal sealed record Education(
    string? School, string? Level, string? Degree, string? Description, DateTimeOffset? Start, DateTimeOffset? End, string? Status);

internal sealed record Skill(string? Category, string? Title, string? Text);

/// <summary>One interview question and what the person answered.</summary>
internal sealed record InterviewAnswer(string? QuestionId, string? ExternalId, string? Question, string? Answer);

/// <summary>A document that came with the application; only its address is kept, never the file.</summary>
internal sealed record Attachment(string? Type, string? Title, string? Url, string? OriginalName, string? Details = null);
