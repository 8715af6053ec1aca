using System.Reflection;
using NetArchTest.Rules;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>
/// What the types of one folder may depend on. Names are namespaces, with everything below them, or full names of types.
/// </summary>
/// <param name="Folder">The folder's namespace.</param>
internal sealed record FolderRule(string Folder)
{
    /// <summary>All that the folder may see beside itself; null for everything.</summary>
    public string[]? MayUse { get; init; }

    /// <summary>What it must not see all the same.</summary>
    public string[] MustNotUse { get; init; } = [];

    /// <summary>The types that break the rule.</summary>
    public IReadOnlyList<string> Violations(Assembly assembly) =>
    [
        .. Types.InAssembly(assembly)
            .That().ResideInNamespaceMatching($@"^{Folder.Replace(".", @"\.", StringComparison.Ordinal)}(\.|$)")
            .And().MeetCustomRule(new DependsOnForbidden(IsForbidden))
            .GetTypes()
            .Select(type => type.FullName!)
            .Order(StringComparer.Ordinal),
    ];

    private bool IsForbidden(string dependency)
    {
        if (MustNotUse.Any(name => Covers(name, dependency)))
        {
            return true;
        }

        // What the compiler adds has names that no source can have: <PrivateImplementationDetails>.
        return MayUse is not null && !dependency.StartsWith('<') && !Covers(Folder, dependency) && !MayUse.Any(name => Covers(name, dependency));
    }

    private static bool Covers(string name, string dependency)
        => dependency.StartsWith(name, StringComparison.Ordinal) && (dependency.Length == name.Length || dependency[name.Length] is '.' or '/' or '`');
}
