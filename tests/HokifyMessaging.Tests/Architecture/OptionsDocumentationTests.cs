using System.Reflection;
using System.Xml.Linq;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>Every setting says what it means. The compiler asks that of public members alone, and options are internal.</summary>
public sealed class OptionsDocumentationTests
{
    private static readonly Type[] Sections = [typeof(HokifyOptions), typeof(DatabaseOptions), typeof(TransportOptions), typeof(HttpOptions)];

    private static readonly HashSet<string> Documented =
    [
        .. new[] { "HokifyMessaging.xml", "hokify.xml", "HokifyMessaging.Tests.xml" }
            .SelectMany(file => XDocument.Load(Path.Combine(AppContext.BaseDirectory, file)).Descendants("member"))
            .Where(member => !string.IsNullOrWhiteSpace(member.Element("summary")?.Value))
            .Select(member => member.Attribute("name")!.Value),
    ];

    [Fact]
    public void Every_setting_is_documented() => Assert.Empty(Sections.SelectMany(OptionTypes.Of).Distinct().SelectMany(Undocumented));

    [Fact]
    public void Settings_of_every_depth_are_looked_at()
        => Assert.Superset(
            new HashSet<Type> { typeof(HokifyOptions), typeof(ScopeOptions), typeof(HttpRetryOptions), typeof(QuestionRule), typeof(OffsetUnit), typeof(RabbitMqTlsOptions), typeof(LimitOptions) },
            Sections.SelectMany(OptionTypes.Of).ToHashSet());

    [Fact]
    public void What_is_not_documented_is_found()
    {
        Assert.Equal(["P:HokifyMessaging.Tests.Architecture.SampleOptions.Silent"], Undocumented(typeof(SampleOptions)));
        Assert.Equal(["T:HokifyMessaging.Tests.Architecture.SampleKind", "F:HokifyMessaging.Tests.Architecture.SampleKind.Silent"], Undocumented(typeof(SampleKind)));
    }

    private static IEnumerable<string> Undocumented(Type type) => (type.IsEnum
        ? Enum.GetNames(type).Select(name => $"F:{type.FullName}.{name}")
        : type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(property => $"P:{type.FullName}.{property.Name}"))
        .Prepend($"T:{type.FullName}")
        .Where(member => !Documented.Contains(member));
}

/// <summary>One setting that says what it means, and one that does not.</summary>
internal sealed class SampleOptions
{
    /// <summary>Something.</summary>
    public int Told { get; set; }

    public int Silent { get; set; }
}

internal enum SampleKind
{
    /// <summary>Something.</summary>
    Told,

    Silent,
}
