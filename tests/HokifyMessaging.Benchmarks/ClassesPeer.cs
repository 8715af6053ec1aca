using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading.Http;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// EF Core's peer where a team reads the pages as the documentation of System.Text.Json advises: classes with the members that it needs, code
/// generated for them, items as they arrive. It recognizes nothing and forgives nothing, and stores a record as its classes have it.
/// </summary>
internal static class ClassesPeer
{
    public static async Task<Func<Task<int>>> PrepareAsync(Setup setup, int batchSize)
    {
        var run = await Contestant.OpenRunAsync(setup);
        return async () =>
        {
            var records = 0;
            await foreach (var batch in MapAsync(setup).Chunk(batchSize))
            {
                await EfCorePeer.WriteAsync(setup, run, batch);
                records += batch.Length;
            }

            return records;
        };
    }

    private static async IAsyncEnumerable<MappedApplication> MapAsync(Setup setup)
    {
        var mapping = setup.Get<ApplicationMapping>();
        using var client = setup.Get<IHttpClientFactory>().CreateClient(HokifyHttp.ClientName);
        var seen = new HashSet<string>();
        foreach (var offset in Directory.GetFiles(setup.Input).Select(page => long.Parse(Path.GetFileNameWithoutExtension(page)["offset=".Length..], CultureInfo.InvariantCulture)).Order())
        {
            using var response = await client.GetAsync(new Uri($"https://recorded.example/ats-api/application/getAllApplications?offset={offset}&limit=500"), HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.Content.ReadAsStreamAsync();
            await foreach (var group in JsonSerializer.DeserializeAsyncEnumerable(body, PeerJson.Default.PeerGroup))
            {
                foreach (var application in group!.Applications.Where(application => seen.Add(application.Id)))
                {
                    yield return mapping.Map(Of(group, application), "a page").Value ?? throw new InvalidOperationException("The inputs hold nothing that is refused.");
                }
            }
        }
    }

    private static HokifyApplication Of(PeerGroup group, PeerApplication application)
    {
        var (user, job) = (application.User, application.Job);
        var isToCompany = group.RelationType == RelationTypes.Company;
        return new HokifyApplication
        {
            Id = new ApplicationId(application.Id),
            Person = PersonOf(user),
            RelationType = Text(group.RelationType),
            Job = job is null ? (isToCompany ? null : new Job { Id = group.RelationId }) : new Job
            {
                Id = job.Id,
                Number = job.JobNr?.ToString(CultureInfo.InvariantCulture),
                Name = Text(job.Name),
                Type = Text(job.Type),
                EmploymentType = Text(job.Employmenttype),
                Fields = Names(job.Fields),
                Location = Text(job.Location?.Name) ?? Text(job.AddressText),
                Wage = Text(job.Wage),
                WebUrl = Text(job.WebUrl),
                Date = job.Date,
            },
            Company = job?.Company is { } company ? new Company(company.Id, Text(company.Name)) : isToCompany ? new Company(group.RelationId, null) : null,
            SourceId = Text(group.SourceId),
            ContactStage = Text(application.ContactStage),
            AppliedAt = application.Datematch?.ToUniversalTime(),
            LastUpdate = application.Lastupdate?.ToUniversalTime(),
            Experiences = user.CvInfo.Experiences.ConvertAll(e => new Experience(Text(e.Title), Text(e.Company?.Name), Text(e.Summary), Names(e.Fields), e.StartDate, e.EndDate, e.IsCurrent)),
            Educations = user.CvInfo.Educations.ConvertAll(e => new Education(
                Text(e.School?.Name), Join(Text(e.Level?.Name), Text(e.Sublevel?.Name)), Text(e.Degree?.Name), Text(e.Description), e.StartDate, e.EndDate, Text(e.Status))),
            Skills = user.CvInfo.Skills.ConvertAll(s => new Skill(Text(s.Category?.Value), Text(s.Title), Text(s.Text))),
            Attachments = user.Extras.ConvertAll(e => new Attachment(Text(e.Type?.Name), Text(e.Title), Text(e.Url), Text(e.OriginalName), Text(e.Details))),
            Answers = application.InterviewQuestions.ConvertAll(question => Answer(question, job?.Questions.Find(asked => asked.Id == question.Id))),
            Payload = JsonSerializer.Serialize(application, PeerJson.Default.PeerApplication),
        };
    }

    private static Person PersonOf(PeerUser user)
    {
        var (general, address) = (user.General, user.General.Address);
        return new Person
        {
            Id = new PersonId(user.Id),
            FirstName = Text(general.FirstName),
            LastName = Text(general.LastName),
            DisplayName = Text(user.DisplayName),
            Email = Text(general.Email),
            Phone = Text(general.Phone),
            Birthday = general.Birthday is { } birthday ? DateText.DayOf(birthday) : null,
            Gender = Text(general.Gender),
            Nationality = Text(general.Nationality),
            Language = Text(user.Language),
            PictureUrl = Text(user.Images?.Large),
            Address = address is null ? null : new Address(
                string.Join(' ', new[] { Text(address.Street), Text(address.StreetNumber) }.OfType<string>()) is { Length: > 0 } street ? street : null,
                Text(address.Code), Text(address.City), Text(address.County), Text(address.Country), Text(address.CountryCode)),
        };
    }

    private static InterviewAnswer Answer(PeerQuestion given, PeerQuestion? asked) =>
        new(given.Id, Text(asked?.ExternalId), Text(asked?.Question) ?? Text(given.Question), Text(given.CurrentAnswer));

    private static List<string> Names(List<PeerNamed> named) => [.. named.Select(one => Text(one.Name)).OfType<string>()];

    private static string? Join(string? first, string? second) => first is null ? second : second is null ? first : $"{first}, {second}";

    private static string? Text(string? text) => text?.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}

internal sealed record PeerGroup(string? RelationType, string? RelationId, string? SourceId, List<PeerApplication> Applications);

internal sealed record PeerApplication(
    [property: JsonPropertyName("_id")] string Id, string? ContactStage, DateTimeOffset? Datematch, DateTimeOffset? Lastupdate, PeerUser User, PeerJob? Job, List<PeerQuestion> InterviewQuestions);

internal sealed record PeerUser(
    [property: JsonPropertyName("_id")] string Id, string? DisplayName, string? Language, PeerImages? Images, PeerGeneral General, List<PeerExtra> Extras, PeerCv CvInfo);

internal sealed record PeerImages(string? Large);

internal sealed record PeerGeneral(
    string? FirstName, string? LastName, string? Email, string? Phone, DateTimeOffset? Birthday, string? Gender, string? Nationality, PeerAddress? Address);

internal sealed record PeerAddress(string? Name, string? Street, string? StreetNumber, string? City, string? County, string? Country, string? Code, string? CountryCode);

internal sealed record PeerExtra(PeerNamed? Type, string? Title, string? Url, string? OriginalName, string? Details);

internal sealed record PeerCv(List<PeerExperience> Experiences, List<PeerEducation> Educations, List<PeerSkill> Skills);

internal sealed record PeerExperience(
    string? Title, PeerNamed? Company, string? Summary, List<PeerNamed> Fields, DateTimeOffset? StartDate, DateTimeOffset? EndDate, bool IsCurrent);

internal sealed record PeerEducation(
    PeerNamed? School, PeerNamed? Level, PeerNamed? Sublevel, PeerNamed? Degree, string? Description, DateTimeOffset? StartDate, DateTimeOffset? EndDate, string? Status);

internal sealed record PeerSkill(PeerCategory? Category, string? Title, string? Text);

internal sealed record PeerCategory(string? Value);

internal sealed record PeerNamed([property: JsonPropertyName("_id")] string? Id, string? Name);

internal sealed record PeerQuestion([property: JsonPropertyName("_id")] string? Id, string? ExternalId, string? Question, string? CurrentAnswer);

internal sealed record PeerJob(
    [property: JsonPropertyName("_id")] string? Id, int? JobNr, string? Name, string? AddressText, string? WebUrl, string? Wage, string? Type, string? Employmenttype,
    DateTimeOffset? Date, List<PeerNamed> Fields, PeerAddress? Location, PeerNamed? Company, List<PeerQuestion> Questions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PeerGroup))]
[JsonSerializable(typeof(PeerApplication))]
internal sealed partial class PeerJson : JsonSerializerContext;
