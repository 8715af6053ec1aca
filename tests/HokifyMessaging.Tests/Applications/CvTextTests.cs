using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

/// <summary>The texts of the CV's columns count for the content hash: they are those that a serializer would write.</summary>
public sealed class CvTextTests
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Gen<string?> Text = Gen.OneOf(Gen.String.Select(text => (string?)text), Gen.OneOfConst<string?>(null, "", "Köchin & Co <b>", "\"'\\\n\u2028", "😀", "\ud83d", "\0"));

    private static readonly Gen<DateTimeOffset?> Instant = Gen.OneOf(Gen.DateTimeOffset.Select(instant => (DateTimeOffset?)instant), Gen.OneOfConst<DateTimeOffset?>(null, DateTimeOffset.UnixEpoch));

    [Fact]
    public void Experiences() =>
        Gen.Select(Text, Text, Text, Text.Select(text => text ?? "").Array[0, 3], Instant, Instant, Gen.Bool)
            .Select((title, company, summary, fields, start, end, isCurrent) => new Experience(title, company, summary, fields, start, end, isCurrent))
            .Array[1, 3].Sample(experiences => Assert.Equal(JsonSerializer.Serialize(experiences, Options), CvText.Of(experiences)), iter: Examples.Of(500));

    [Fact]
    public void Educations() =>
        Gen.Select(Text, Text, Text, Text, Instant, Instant, Text)
            .Select((school, level, degree, description, start, end, status) => new Education(school, level, degree, description, start, end, status))
            .Array[1, 3].Sample(educations => Assert.Equal(JsonSerializer.Serialize(educations, Options), CvText.Of(educations)), iter: Examples.Of(500));

    [Fact]
    public void Skills() =>
        Gen.Select(Text, Text, Text).Select((category, title, text) => new Skill(category, title, text))
            .Array[1, 3].Sample(skills => Assert.Equal(JsonSerializer.Serialize(skills, Options), CvText.Of(skills)), iter: Examples.Of(500));

    [Fact]
    public void Documents() =>
        Gen.Select(Text, Text, Text, Text, Text).Select((type, title, url, name, details) => new Attachment(type, title, url, name, details))
            .Sample(document => Assert.Equal(JsonSerializer.Serialize(document, Options), CvText.Of(document)), iter: Examples.Of(500));

    [Fact]
    public void Nothing_is_no_text() =>
        Assert.Equal((null, null, null, null), (CvText.Of((IReadOnlyList<Experience>)[]), CvText.Of((IReadOnlyList<Education>)[]), CvText.Of((IReadOnlyList<Skill>)[]), CvText.Of((Attachment?)null)));
}
