using System.Reflection;
using Mono.Cecil;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>
/// The rooms of the capability: its folders, and two at the root. The settings are below all others, because options bind configuration and decide
/// nothing, and live in the root namespace whatever folder holds their file; and what puts the parts together is above all.
/// </summary>
internal static class Rooms
{
    public const string Root = "HokifyMessaging";
    public const string Settings = "(settings)";
    public const string Composition = "(composition)";

    public static readonly string[] Folders =
    [
        "HokifyMessaging.Applications",
        "HokifyMessaging.Backups",
        "HokifyMessaging.CheckUp",
        "HokifyMessaging.Importing",
        "HokifyMessaging.Machine",
        "HokifyMessaging.Planning",
        "HokifyMessaging.Privacy",
        "HokifyMessaging.Reading",
        "HokifyMessaging.Receiving",
        "HokifyMessaging.Results",
        "HokifyMessaging.Runs",
        "HokifyMessaging.Runs.Coverage",
        "HokifyMessaging.Runs.Queries",
        "HokifyMessaging.Schedules",
        "HokifyMessaging.Storage",
        "HokifyMessaging.Telemetry",
        "HokifyMessaging.Waiting",
        "HokifyMessaging.Wording",
        "HokifyMessaging.Writing",
    ];

    public static readonly string[] Options =
        [.. new[] { typeof(HokifyOptions), typeof(DatabaseOptions), typeof(TransportOptions) }.SelectMany(OptionTypes.Of).Select(type => type.FullName!)];

    private static readonly string[] AboveAll = [typeof(HokifyMessagingServices).FullName!, typeof(HokifyOptionsValidator).FullName!];

    /// <summary>How options are bound and checked, each by itself; and how long anything may take.</summary>
    public static readonly string[] BesideOptions = [typeof(KnownSettings).FullName!, typeof(AnnotationSentences).FullName!, typeof(TimeLimit).FullName!];

    /// <summary>Where a type lives; null for one that is not the capability's.</summary>
    /// <param name="name">Its full name, as metadata has it.</param>
    public static string? Of(string name)
    {
        if (Folders.Where(folder => name.StartsWith(folder + ".", StringComparison.Ordinal)).MaxBy(folder => folder.Length) is { } folder)
        {
            return folder;
        }

        var outer = name.Split('/')[0];
        if (!outer.StartsWith(Root + ".", StringComparison.Ordinal) || outer[(Root.Length + 1)..].Contains('.', StringComparison.Ordinal))
        {
            return null;
        }

        return AboveAll.Contains(outer) ? Composition
            : Options.Contains(outer) || BesideOptions.Contains(outer) || outer.Trim('_').EndsWith("Validator", StringComparison.Ordinal) ? Settings
            : null;
    }

    /// <summary>Which rooms each room uses.</summary>
    public static Dictionary<string, HashSet<string>> Uses(Assembly assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        return module.Types
            .SelectMany(type => Dependencies.Of(type).Select(name => (Room: Of(type.FullName), Used: Of(name))))
            .Where(use => use.Room is not null && use.Used is not null && use.Room != use.Used)
            .GroupBy(use => use.Room!, use => use.Used!)
            .ToDictionary(uses => uses.Key, uses => uses.ToHashSet());
    }

    /// <summary>The rooms that are in a circle, or behind one, with what each uses there.</summary>
    public static IReadOnlyList<string> Circles(Dictionary<string, HashSet<string>> uses)
    {
        // Whoever depends on none that is left can be put down.
        var left = uses.ToDictionary(room => room.Key, room => room.Value.Intersect(uses.Keys).ToHashSet());
        while (left.FirstOrDefault(room => room.Value.Count == 0) is { Key: { } free })
        {
            left.Remove(free);
            foreach (var used in left.Values)
            {
                used.Remove(free);
            }
        }

        return [.. left.Select(room => $"{room.Key} -> {string.Join(", ", room.Value.Order(StringComparer.Ordinal))}")];
    }
}
