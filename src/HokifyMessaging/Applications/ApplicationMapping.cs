using System.IO.Hashing;

namespace HokifyMessaging.Applications;

/// <summary>
/// The whole mapping of hokify's application to the columns of the ATS, on one page. A text that does not fit is refused and
/// never cut: half an address or half a name is worse than a record that an operator is told about.
/// </summary>
/// <param name="options">How interview answers reach columns.</param>
/// <param name="clock">Says what lies in the future; the machine's unless given.</param>
internal sealed class ApplicationMapping(MappingOptions options, TimeProvider? clock = null)
{
    private const int FirstYearOfChange = 2000;
    private static readonly TimeSpan MostAhead = TimeSpan.FromDays(1);

    private readonly QuestionColumns _questions = new(options);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;

    /// <summary>
    /// Stands for all that a mapping depends on besides the record: the settings, and this very build. A hash that is
    /// mixed with it is worth nothing to any other, so no row has to be touched when a mapping changes.
    /// </summary>
    private readonly UInt128 _fingerprint = XxHash128.HashToUInt128(
        Encoding.UTF8.GetBytes($"{typeof(ApplicationMapping).Module.ModuleVersionId}\n{JsonSerializer.Serialize(options)}"));

    /// <summary>Over a record and all that its mapping depends on: what a stored row was made from. Null for a record that is not recognized by its hash.</summary>
    public UInt128? HashOf(SourceRecord record) => record.Hash ^ _fingerprint;

    /// <param name="application">What was read.</param>
    /// <param name="position">Where it stood, in words.</param>
    /// <param name="sourceHash">What <see cref="HashOf"/> says of the record.</param>
    public OrRejection<MappedApplication> Map(HokifyApplication application, string position, UInt128? sourceHash = null)
    {
        var isErased = application.Person.PrivacyAutoDeleted;
        var candidate = isErased ? new CandidateColumns() : MapCandidate(application);
        var profile = isErased ? new ProfileColumns() : MapProfile(application);

        var rejection = NoChange(application, position)
            ?? Overlong(ElementNames.Candidate, CandidateColumns.All, candidate, application, position)
            ?? Overlong(ElementNames.CandidateProfile, ProfileColumns.All, profile, application, position);
        if (rejection is not null)
        {
            return rejection;
        }

        return new MappedApplication(
            application.Id,
            application.Person.Id,
            application.LastUpdate,
            isErased,
            candidate,
            profile,
            application.Record,
            application.UnknownMembers,
            position)
        {
            CandidateHash = ContentHash.Of(candidate),
            ProfileHash = ContentHash.Of(profile),
            SourceHash = sourceHash,
            Key = isErased ? default : KeyOf(application.Person),
        };
    }

    /// <summary>A flat record has the whole name as one; elsewhere what is displayed may be less than the name.</summary>
    private static PersonKey KeyOf(Person person) => person.Id.Key ?? PersonKey.Of(
        person.Email ?? person.HokifyMail,
        !person.Id.IsDerived && person is { FirstName: { } first, LastName: { } last } ? $"{first} {last}" : NameOf(person));

    public static CandidateColumns MapCandidate(HokifyApplication application)
    {
        var person = application.Person;
        return new CandidateColumns
        {
            FirstName = person.FirstName,
            LastName = person.LastName,
            DisplayName = NameOf(person),
            Email = person.Email,
            HokifyMail = person.HokifyMail,
            Phone = person.Phone,
            Birthday = person.Birthday,
            Gender = person.Gender,
            Nationality = person.Nationality,
            Language = person.Language,
            PictureUrl = WebAddress.IsOne(person.PictureUrl) ? person.PictureUrl : null,
            Street = person.Address?.Street,
            PostalCode = person.Address?.PostalCode,
            City = person.Address?.City,
            Region = person.Address?.Region,
            Country = person.Address?.Country ?? person.Address?.CountryCode,
            Experiences = CvText.Of(application.Experiences),
            Educations = CvText.Of(application.Educations),
            Skills = CvText.Of(application.Skills),
        };
    }

    private ProfileColumns MapProfile(HokifyApplication application)
    {
        var job = application.Job;
        var company = application.Company;
        var current = CurrentExperience(application.Experiences);
        var letter = application.Attachments.FirstOrDefault(Documents.IsCoverLetter);
        var answers = SortedAnswers.Sort(application.Answers, _questions);

        // An answer of the person outranks what follows from the job, which the person has not written.
        return new ProfileColumns
        {
            Name = JobOf(application),

            PreferredKind = answers.Text(nameof(ProfileColumns.PreferredKind)) ?? KindOf(application),
            PreferredTypes = answers.Text(nameof(ProfileColumns.PreferredTypes)) ?? Join(job?.Type, job?.EmploymentType),
            PreferredCategories = answers.Text(nameof(ProfileColumns.PreferredCategories)) ?? Join(job?.Fields),
            PreferredPositions = answers.Text(nameof(ProfileColumns.PreferredPositions)) ?? job?.Name,
            // The ATS's selection modes are numbers of its own; hokify has nothing like them.
            PreferredEmloyerSelectionMode = null,
            PreferredOrganisationIds = company?.Id ?? company?.Name,
            PreferredRegions = answers.Text(nameof(ProfileColumns.PreferredRegions)) ?? job?.Location,
            // Only what the person asks for; the wage that the job offers is a line of the comment.
            PreferredSallery = answers.Text(nameof(ProfileColumns.PreferredSallery)),
            PreferredStartDate = answers.Text(nameof(ProfileColumns.PreferredStartDate)),
            PreferredDurance = answers.Text(nameof(ProfileColumns.PreferredDurance)),
            PreferredText = answers.Text(nameof(ProfileColumns.PreferredText)),

            CurrentStatus = answers.Text(nameof(ProfileColumns.CurrentStatus)),
            CurrentJobHuntingSince = answers.Date(nameof(ProfileColumns.CurrentJobHuntingSince)),
            CurrentEmployer = answers.Text(nameof(ProfileColumns.CurrentEmployer)) ?? current?.Company,
            CurrentKind = answers.Text(nameof(ProfileColumns.CurrentKind)),
            CurrentType = answers.Text(nameof(ProfileColumns.CurrentType)),
            CurrentCategory = answers.Text(nameof(ProfileColumns.CurrentCategory)) ?? Join(current?.Fields),
            CurrentPosition = answers.Text(nameof(ProfileColumns.CurrentPosition)) ?? current?.Title,
            CurrentSallery = answers.Text(nameof(ProfileColumns.CurrentSallery)),
            CurrentChangeReason = answers.Text(nameof(ProfileColumns.CurrentChangeReason)),
            CurrentNoticePeriod = answers.Text(nameof(ProfileColumns.CurrentNoticePeriod)),
            CurrentEndOfEducation = answers.Date(nameof(ProfileColumns.CurrentEndOfEducation)) ?? EndOfEducation(application.Educations),
            CurrentEarliestEntryDate = answers.Date(nameof(ProfileColumns.CurrentEarliestEntryDate)),
            CurrentExpectations = answers.Text(nameof(ProfileColumns.CurrentExpectations)),

            CoverLetter = answers.Text(nameof(ProfileColumns.CoverLetter)) ?? letter?.Details,
            CoverLetterFile = CvText.Of(letter is null ? null : letter with { Details = null }),
            VideoUrl = answers.Text(nameof(ProfileColumns.VideoUrl)) ?? application.Attachments.FirstOrDefault(Documents.IsVideo)?.Url,

            // A consent that nobody has delivered is none.
            Consent = application.Person.Consent ?? answers.Flag(nameof(ProfileColumns.Consent)) ?? false,
            ConsentGDPR = application.Person.ConsentGdpr ?? answers.Flag(nameof(ProfileColumns.ConsentGDPR)) ?? false,

            Status = application.ContactStage,
            // Only a clear no takes an application out; hokify's other words (saved, pending, needreview) leave it open.
            IsActive = !string.Equals(application.LikeUser, "false", StringComparison.OrdinalIgnoreCase),
            // The order of the list is the recruiters'; hokify has none.
            Sort = 0,
            Comment = CommentOf(application, answers),
            DatePublish = application.AppliedAt,
            // hokify's applications do not expire.
            DateExpires = null,
            CandidateName = NameOf(application.Person),
        };
    }

    /// <summary>
    /// What a recruiter wants to see and no column holds, a line each. The addresses of documents stay in the payload: they
    /// may be signed anew for every call, and each import would look like a change.
    /// </summary>
    private static string? CommentOf(HokifyApplication application, SortedAnswers answers)
    {
        var lines = new List<string>();
        Add("Source id", application.SourceId);
        Add("Job number", application.Job?.Number);
        Add("Job wage", application.Job?.Wage);
        Add("Job page", application.Job?.WebUrl);
        foreach (var answer in answers.WithoutColumn)
        {
            Add(answer.Question ?? answer.ExternalId ?? answer.QuestionId ?? "Answer", answer.Answer);
        }

        return lines.Count == 0 ? null : string.Join('\n', lines);

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                lines.Add($"{name}: {value}");
            }
        }
    }

    /// <summary>An application to a company as such has no job; the ATS's own id of the job is better than no name at all.</summary>
    public static string? JobOf(HokifyApplication application) =>
        application.Job is { } job ? job.Name ?? application.SourceId : application.Company?.Name ?? application.SourceId;

    private static string? KindOf(HokifyApplication application) =>
        application.RelationType
        ?? (application.Job is not null ? RelationTypes.Job : application.Company is not null ? RelationTypes.Company : null);

    private static string? NameOf(Person person) => person.DisplayName
        ?? (person.FirstName is null ? person.LastName : person.LastName is null ? person.FirstName : $"{person.FirstName} {person.LastName}");

    /// <summary>The position that is marked as current, else the latest that has not ended.</summary>
    private static Experience? CurrentExperience(IReadOnlyList<Experience> experiences) =>
        experiences.Where(experience => experience.IsCurrent).MaxBy(experience => experience.Start ?? DateTimeOffset.MinValue)
        ?? experiences.Where(experience => experience.End is null).MaxBy(experience => experience.Start ?? DateTimeOffset.MinValue);

    /// <summary>Who is still studying has not ended with an earlier school, so only those that go on count then.</summary>
    private static DateTime? EndOfEducation(IReadOnlyList<Education> educations)
    {
        var ongoing = educations.Where(education => education.Status == "studying").ToList();
        var relevant = ongoing.Count > 0 ? ongoing : educations.Where(education => education.Status != "canceled");
        return relevant.Max(education => education.End)?.DateTime;
    }

    private static string? Join(string? first, string? second) =>
        first is null || first == second ? second : second is null ? first : $"{first}, {second}";

    private static string? Join(IReadOnlyList<string>? texts) => texts is null or [] ? null : string.Join(", ", texts);

    /// <summary>
    /// A date of change that cannot be one would outrank every later copy of its application, or be outranked by all. Where only the
    /// clocks differ, the record is tried again from the ledger until its time has come.
    /// </summary>
    private Rejection? NoChange(HokifyApplication application, string position) =>
        application.LastUpdate is { } changed && (changed.Year < FirstYearOfChange || changed > _clock.GetUtcNow() + MostAhead)
            ? new Rejection(
                ElementNames.CandidateProfile, position, application.Id, application.LastUpdateField, FailureCause.BadDate,
                $"is no date of a change; expected is one from the year {FirstYearOfChange} on and at most a day ahead of this machine's clock", application.Payload)
            {
                Person = application.Person.Id,
            }
            : null;

    private static Rejection? Overlong<TRow>(
        string element, IReadOnlyList<Column<TRow>> columns, TRow row, HokifyApplication application, string position)
    {
        foreach (var column in columns)
        {
            if (column.MaxLength is { } maximum && column.Value(row) is string text && text.Length > maximum)
            {
                var problem = $"has {text.Length} characters; the column holds at most {maximum}";
                return new Rejection(element, position, application.Id, column.Name, FailureCause.TooLong, problem, application.Payload) { Person = application.Person.Id, AppliedAt = application.AppliedAt };
            }
        }

        return null;
    }
}
