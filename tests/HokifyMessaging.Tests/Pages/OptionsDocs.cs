using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Tests.Pages;

/// <summary>What an option's documentation says of it.</summary>
/// <param name="Meaning">All but what follows.</param>
/// <param name="Default">What it says of the default.</param>
/// <param name="Range">What it says of the range, behind the default.</param>
/// <param name="Required">Whether and when the option is required.</param>
internal sealed partial record OptionDoc(string Meaning, string Default, string Range, string Required)
{
    public static OptionDoc Of(string text)
    {
        var sentences = BetweenSentences().Split(text);
        var parts = sentences.FirstOrDefault(IsDefault)?["Default: ".Length..].TrimEnd('.').Split("; ", 2) ?? [""];
        var required = sentences.FirstOrDefault(IsRequired)?.TrimEnd('.') ?? "";
        return new OptionDoc(
            string.Join(' ', sentences.Where(sentence => !IsDefault(sentence) && !IsRequired(sentence))),
            parts[0],
            parts.Length > 1 ? parts[1] : "",
            required.Length > 0 ? char.ToLowerInvariant(required[0]) + required[1..] : "");
    }

    private static bool IsDefault(string sentence) => sentence.StartsWith("Default: ", StringComparison.Ordinal);

    private static bool IsRequired(string sentence) => RequiredWord().IsMatch(sentence);

    [GeneratedRegex(@"(?<=[.…])\s+(?=[A-Z])")]
    private static partial Regex BetweenSentences();

    [GeneratedRegex(@"\ARequired\b")]
    private static partial Regex RequiredWord();
}

/// <summary>The documentation of the options, as the compiler has put it beside the assemblies, with their references as names of settings.</summary>
/// <param name="nameOf">The key of a setting, by the type and the name of its property and where it is spoken of; null where the property is none.</param>
internal sealed partial class OptionsDocs(Func<string, string, string, string?> nameOf)
{
    private static readonly Dictionary<string, XElement> Summaries = new[] { typeof(HokifyOptions).Assembly, typeof(HttpOptions).Assembly, typeof(ImportMode).Assembly }
        .SelectMany(assembly => XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml")).Descendants("member"))
        .Where(member => member.Attribute("name")!.Value[2..].StartsWith(nameof(HokifyMessaging), StringComparison.Ordinal) && member.Element("summary") is not null)
        .ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")!);

    /// <summary>What introduces a section.</summary>
    /// <param name="member">The property, or the class, that it is.</param>
    /// <param name="place">Its key.</param>
    public string IntroductionOf(MemberInfo member, string place) => Text(IdOf(member), place);

    /// <param name="member">The option.</param>
    /// <param name="place">Its key.</param>
    public OptionDoc Of(PropertyInfo member, string place)
    {
        var doc = OptionDoc.Of(Text(IdOf(member), place));
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        return type.IsEnum ? doc with { Meaning = $"{doc.Meaning} {Values(type, place)}" } : doc;
    }

    private string Values(Type type, string place) =>
        string.Join(' ', Enum.GetNames(type).Select(name => $"`{name}`: {WithinSentence(Text($"F:{type.FullName}.{name}", place))}"));

    /// <summary>In lower case, unless the first word is an abbreviation.</summary>
    private static string WithinSentence(string text) =>
        text.Length > 1 && char.IsUpper(text[1]) ? text : char.ToLowerInvariant(text[0]) + text[1..];

    private static string IdOf(MemberInfo member) => member is Type type ? $"T:{type.FullName}" : $"P:{member.DeclaringType!.FullName}.{member.Name}";

    private string Text(string id, string place) =>
        Summaries.TryGetValue(id, out var summary)
            ? Blanks().Replace(string.Concat(summary.Nodes().Select(node => Text(node, place))), " ").Trim()
            : throw new InvalidOperationException($"{id} has no documentation.");

    private string Text(XNode node, string place) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see when see.Attribute("cref") is { } reference => $"`{Name(reference.Value, place)}`",
        _ => throw new InvalidOperationException($"{place} is documented with {node}, which the page cannot show."),
    };

    private string Name(string reference, string place)
    {
        var dot = reference.LastIndexOf('.');
        var (type, member) = (reference[2..dot], reference[(dot + 1)..]);
        return reference[0] switch
        {
            // A value of a message's member may be a setting's as well.
            'P' when type.StartsWith($"{nameof(HokifyMessaging)}.{nameof(Contracts)}.", StringComparison.Ordinal) => member,
            'P' => nameOf(type, member, place) ?? throw new InvalidOperationException($"{place} refers to {reference}, which is no setting."),
            _ => member,
        };
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
