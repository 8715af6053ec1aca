using System.Text.Json;
using System.Text.Json.Serialization;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// An item of today's API as a team writes it down that reads with the generator of <c>System.Text.Json</c>: the members that end in a column, and no others.
/// It trusts hokify to deliver what it has documented, in one spelling and of one type; the inputs do.
/// </summary>
internal sealed record Item(string? RelationType, string? RelationId, string? SourceId, List<Match>? Applications);

internal sealed record Match(
    [property: JsonPropertyName("_id")] string Id,
    string? ContactStage,
    DateTimeOffset? Datematch,
    DateTimeOffset? Lastupdate,
    User User,
    Posting? Job,
    List<Asked>? InterviewQuestions);

internal sealed record User(
    [property: JsonPropertyName("_id")] string Id,
    string? DisplayName,
    bool PrivacyAutoDeleted,
    Pictures? Images,
    string? Language,
    Facts? General,
    List<Extra>? Extras,
    Cv? CvInfo);

internal sealed record Facts(string? FirstName, string? LastName, string? Email, string? Phone, DateTimeOffset? Birthday, string? Gender, string? Nationality, Place? Address);

internal sealed record Place(string? Name, string? Street, string? StreetNumber, string? City, string? County, string? Country, string? Code, string? CountryCode);

internal sealed record Pictures(string? Thumbnail, string? Small, string? Medium, string? Large, string? Xlarge);

internal sealed record Named(string? Name);

internal sealed record Category(string? Value);

internal sealed record Extra(Named? Type, string? Title, string? Url, string? OriginalName, string? Details);

internal sealed record Cv(List<Position>? Experiences, List<Schooling>? Educations, List<Ability>? Skills);

internal sealed record Position(string? Title, Named? Company, string? Summary, List<Named>? Fields, DateTimeOffset? StartDate, DateTimeOffset? EndDate, bool IsCurrent);

internal sealed record Schooling(
    Named? School, Named? Level, Named? Sublevel, Named? Degree, string? Description, DateTimeOffset? StartDate, DateTimeOffset? EndDate, string? Status);

internal sealed record Ability(Category? Category, string? Title, string? Text);

internal sealed record Posting(
    [property: JsonPropertyName("_id")] string? Id,
    long? JobNr,
    string? Name,
    string? Type,
    string? Employmenttype,
    List<Named>? Fields,
    Place? Location,
    string? Wage,
    string? WebUrl,
    DateTimeOffset? Date,
    Employer? Company,
    List<Question>? Questions);

internal sealed record Employer([property: JsonPropertyName("_id")] string? Id, string? Name);

internal sealed record Question([property: JsonPropertyName("_id")] string? Id, string? ExternalId, [property: JsonPropertyName("question")] string? Text);

internal sealed record Asked([property: JsonPropertyName("_id")] string? Id, [property: JsonPropertyName("question")] string? Text, string? CurrentAnswer);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Item))]
internal sealed partial class TodaysClasses : JsonSerializerContext;

/// <summary>Reads the recorded pages with those classes, as the documentation of <c>System.Text.Json</c> advises: from the stream, item by item.</summary>
internal static class DeserializedPages
{
    /// <summary>Every application once; a page begins with the last ones of the page before.</summary>
    public static async IAsyncEnumerable<HokifyApplication> ReadAsync(string folder)
    {
        var (before, these) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var offset in RecordedPages.OffsetsOf(folder))
        {
            await using var page = new PageAtHand(RecordedPages.FileOf(folder, offset));
            await foreach (var item in JsonSerializer.DeserializeAsyncEnumerable(page, TodaysClasses.Default.Item))
            {
                foreach (var match in item!.Applications ?? [])
                {
                    these.Add(match.Id);
                    if (!before.Contains(match.Id))
                    {
                        yield return Application(item, match);
                    }
                }
            }

            (before, these) = (these, before);
            these.Clear();
        }
    }

    private static HokifyApplication Application(Item item, Match match)
    {
        var (user, job) = (match.User, match.Job);
        return new HokifyApplication
        {
            Id = new Applications.ApplicationId(match.Id),
            Person = user.PrivacyAutoDeleted ? throw new InvalidOperationException("The inputs have nobody who is erased.") : PersonOf(user, user.General!),
            RelationType = item.RelationType,
            Job = job is null ? (item.RelationType == RelationTypes.Job ? new Job { Id = item.RelationId } : null) : JobOf(job),
            Company = job?.Company is { } company ? new Company(company.Id, company.Name) : item.RelationType == RelationTypes.Company ? new Company(item.RelationId, null) : null,
            SourceId = Text(item.SourceId),
            ContactStage = match.ContactStage,
            AppliedAt = match.Datematch,
            LastUpdate = match.Lastupdate,
            Experiences = [.. (user.CvInfo?.Experiences ?? []).Select(e =>
                new Experience(Text(e.Title), Text(e.Company?.Name), Text(e.Summary), Names(e.Fields), e.StartDate, e.EndDate, e.IsCurrent))],
            Educations = [.. (user.CvInfo?.Educations ?? []).Select(e => new Education(
                Text(e.School?.Name), Joined(", ", e.Level?.Name, e.Sublevel?.Name), Text(e.Degree?.Name), Text(e.Description), e.StartDate, e.EndDate, Text(e.Status)))],
            Skills = [.. (user.CvInfo?.Skills ?? []).Select(s => new Skill(Text(s.Category?.Value), Text(s.Title), Text(s.Text)))],
            Attachments = [.. (user.Extras ?? []).Select(e => new Attachment(Text(e.Type?.Name), Text(e.Title), Text(e.Url), Text(e.OriginalName), Text(e.Details)))],
            Answers = [.. (match.InterviewQuestions ?? []).Select(asked => AnswerOf(asked, job?.Questions?.Find(question => question.Id == asked.Id)))],
            // What it has classes for is what it can keep of the record.
            Payload = JsonSerializer.Serialize(item with { Applications = [match] }, TodaysClasses.Default.Item),
        };
    }

    /// <summary>The job's own words are those that everybody was asked with.</summary>
    private static InterviewAnswer AnswerOf(Asked asked, Question? posted) =>
        new(asked.Id, posted?.ExternalId, Text(posted?.Text) ?? Text(asked.Text), Text(asked.CurrentAnswer));

    private static Person PersonOf(User user, Facts facts) => new()
    {
        Id = new PersonId(user.Id),
        FirstName = Text(facts.FirstName),
        LastName = Text(facts.LastName),
        DisplayName = Text(user.DisplayName),
        Email = Text(facts.Email),
        Phone = Text(facts.Phone),
        Birthday = facts.Birthday is { } birthday ? DateOnly.FromDateTime(birthday.UtcDateTime) : null,
        Gender = Text(facts.Gender),
        Nationality = Text(facts.Nationality),
        Language = Text(user.Language),
        PictureUrl = user.Images is { } images ? Text(images.Large) ?? Text(images.Xlarge) ?? Text(images.Medium) ?? Text(images.Small) ?? Text(images.Thumbnail) : null,
        Address = facts.Address is { } at
            ? new Address(Joined(" ", at.Street, at.StreetNumber), Text(at.Code), Text(at.City), Text(at.County), Text(at.Country), Text(at.CountryCode))
            : null,
    };

    private static Job JobOf(Posting job) => new()
    {
        Id = job.Id,
        Number = job.JobNr?.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Name = Text(job.Name),
        Type = Text(job.Type),
        EmploymentType = Text(job.Employmenttype),
        Fields = Names(job.Fields),
        Location = Text(job.Location?.Name),
        Wage = Text(job.Wage),
        WebUrl = Text(job.WebUrl),
        Date = job.Date,
    };

    private static List<string> Names(List<Named>? all) => [.. (all ?? []).Select(one => Text(one.Name)).OfType<string>()];

    private static string? Joined(string separator, params string?[] parts) => Text(string.Join(separator, parts.Select(Text).OfType<string>()));

    private static string? Text(string? given) => string.IsNullOrWhiteSpace(given) ? null : given.Trim();
}
