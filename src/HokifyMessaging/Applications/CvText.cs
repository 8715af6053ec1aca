using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Applications;

/// <summary>The JSON texts of those columns that hold a list or an object; umlauts stay readable.</summary>
internal static class CvText
{
    /// <summary>These texts go to the database; pages and CSV escape for themselves.</summary>
    private static readonly CvJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string? Of(IReadOnlyList<Experience> experiences) =>
        experiences.Count == 0 ? null : JsonSerializer.Serialize(experiences, Json.IReadOnlyListExperience);

    public static string? Of(IReadOnlyList<Education> educations) =>
        educations.Count == 0 ? null : JsonSerializer.Serialize(educations, Json.IReadOnlyListEducation);

    public static string? Of(IReadOnlyList<Skill> skills) =>
        skills.Count == 0 ? null : JsonSerializer.Serialize(skills, Json.IReadOnlyListSkill);

    public static string? Of(Attachment? attachment) =>
        attachment is null ? null : JsonSerializer.Serialize(attachment, Json.Attachment);
}

[JsonSerializable(typeof(IReadOnlyList<Experience>))]
[JsonSerializable(typeof(IReadOnlyList<Education>))]
[JsonSerializable(typeof(IReadOnlyList<Skill>))]
[JsonSerializable(typeof(Attachment))]
internal sealed partial class CvJson : JsonSerializerContext;
