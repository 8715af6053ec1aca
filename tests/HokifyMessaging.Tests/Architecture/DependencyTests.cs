using System.Reflection;
using HokifyMessaging.Contracts;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>Dependencies point one way: Contracts, then HokifyMessaging, then Service; and between the folders of HokifyMessaging.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly Capability = typeof(IApplicationSource).Assembly;
    private static readonly Assembly Sandbox = Assembly.Load("HokifyMessaging.Sandbox");

    private static readonly string[] Folders =
    [
        "HokifyMessaging.Applications",
        "HokifyMessaging.Importing",
        "HokifyMessaging.Planning",
        "HokifyMessaging.Reading",
        "HokifyMessaging.Receiving",
        "HokifyMessaging.Results",
        "HokifyMessaging.Runs",
        "HokifyMessaging.Runs.Queries",
        "HokifyMessaging.Storage",
        "HokifyMessaging.Writing",
    ];

    /// <summary>Options bind configuration and decide nothing; they live in the root namespace whatever folder holds their file.</summary>
    private static readonly string[] Options =
        [.. new[] { typeof(HokifyOptions), typeof(DatabaseOptions), typeof(TransportOptions) }.SelectMany(OptionTypes.Of).Select(type => type.FullName!)];

    private static readonly string[] InputAndOutput =
    [
        "System.Data",
        "System.IO.Directory",
        "System.IO.DirectoryInfo",
        "System.IO.DriveInfo",
        "System.IO.File",
        "System.IO.FileInfo",
        "System.IO.FileStream",
        "System.IO.FileSystemInfo",
        "System.IO.IsolatedStorage",
        "System.IO.Pipelines",
        "System.IO.Pipes",
        "System.IO.RandomAccess",
        "System.IO.StreamReader",
        "System.IO.StreamWriter",
        "System.Net",
    ];

    private static readonly string[] Asynchrony =
    [
        "System.Collections.Generic.IAsyncEnumerable",
        "System.Runtime.CompilerServices.AsyncVoidMethodBuilder",
        "System.Threading.Tasks",
        "System.Threading.Thread",
        "System.Threading.Timer",
    ];

    private static readonly string[] Clocks = ["System.Diagnostics.Stopwatch", "System.TimeProvider"];

    private static readonly FolderRule Applications = new("HokifyMessaging.Applications")
    {
        MayUse = ["System", .. Options],
        MustNotUse = [.. InputAndOutput, .. Asynchrony],
    };

    private static readonly FolderRule Planning = new("HokifyMessaging.Planning")
    {
        MayUse = ["System", "HokifyMessaging.Applications", .. Options],
        MustNotUse = [.. InputAndOutput, .. Asynchrony, .. Clocks],
    };

    private static readonly FolderRule Reading = new("HokifyMessaging.Reading") { MustNotUse = ["HokifyMessaging.Writing"] };

    private static readonly FolderRule Writing = new("HokifyMessaging.Writing") { MustNotUse = ["HokifyMessaging.Reading"] };

    [Fact]
    public void Contracts_depend_on_the_framework_and_MassTransits_abstractions_at_most()
        => Assert.All(
            References(typeof(HokifyImportRequested).Assembly),
            reference => Assert.True(reference is "MassTransit.Abstractions" || reference.StartsWith("System.", StringComparison.Ordinal), reference));

    [Fact]
    public void The_capability_knows_the_contracts_but_neither_host_nor_sandbox()
        => Assert.Empty(OwnReferences(Capability).Except(["HokifyMessaging.Contracts"]));

    [Fact]
    public void The_sandbox_knows_none_of_the_others() => Assert.Empty(OwnReferences(Sandbox));

    [Fact]
    public void References_between_assemblies_are_seen()
        => Assert.Superset(new HashSet<string> { "HokifyMessaging", "HokifyMessaging.Contracts" }, OwnReferences(typeof(DependencyTests).Assembly).ToHashSet());

    [Fact]
    public void Applications_see_no_other_folder_and_no_input_or_output() => Assert.Empty(Applications.Violations(Capability));

    [Fact]
    public void Planning_sees_only_applications_and_has_neither_waiting_nor_a_clock() => Assert.Empty(Planning.Violations(Capability));

    [Fact]
    public void Reading_never_sees_writing() => Assert.Empty(Reading.Violations(Capability));

    [Fact]
    public void Writing_never_sees_reading() => Assert.Empty(Writing.Violations(Capability));

    [Fact]
    public void Folders_depend_on_each_other_in_no_circle()
    {
        using var module = Mono.Cecil.ModuleDefinition.ReadModule(Capability.Location);
        var uses = Folders.ToDictionary(
            folder => folder,
            folder => module.Types.Where(type => FolderOf(type.FullName) == folder)
                .SelectMany(Dependencies.Of)
                .Select(FolderOf)
                .OfType<string>()
                .Where(other => other != folder)
                .ToHashSet());

        // Whoever depends on none that is left can be put down; what cannot be is in a circle, or behind one.
        while (uses.FirstOrDefault(folder => folder.Value.Count == 0) is { Key: { } free })
        {
            uses.Remove(free);
            foreach (var used in uses.Values)
            {
                used.Remove(free);
            }
        }

        Assert.Empty(uses.Select(folder => $"{folder.Key} -> {string.Join(", ", folder.Value)}"));
    }

    [Fact]
    public void Every_type_lives_in_a_folder_that_the_rules_know()
        => Assert.Empty(Capability.GetTypes()
            .Select(type => type.Namespace)
            .Where(name => name?.StartsWith("HokifyMessaging.", StringComparison.Ordinal) == true)
            .Where(name => !Folders.Any(folder => name == folder || name!.StartsWith(folder + ".", StringComparison.Ordinal)))
            .Distinct());

    [Theory]
    [InlineData("Plan", true)]
    [InlineData("PlanThatWaits", false)]
    [InlineData("PlanThatWaitsInAnIterator", false)]
    [InlineData("PlanThatWaitsUnseen", false)]
    [InlineData("PlanWithAClock", false)]
    [InlineData("PlanWithAFile", false)]
    [InlineData("PlanWithAFileInALambda", false)]
    [InlineData("PlanWithAFileInANestedType", false)]
    [InlineData("PlanWithANetworkInACatch", false)]
    [InlineData("PlanWithADatabase", false)]
    [InlineData("PlanWithASource", false)]
    [InlineData("PlanWithASourceInAnAttribute", false)]
    [InlineData("PlanWithASourceAsAnArgument", false)]
    public void A_plan_that_sees_too_much_is_found(string sample, bool isAllowed)
    {
        var rule = Planning with { Folder = "HokifyMessaging.Tests.Architecture.Samples.Planning" };
        var violations = rule.Violations(typeof(DependencyTests).Assembly).Select(name => name.Split('.')[^1].Split('+')[0]);

        Assert.Equal(isAllowed, !violations.Contains(sample));
    }

    [Theory]
    [InlineData("WriterThatReads")]
    [InlineData("WriterThatReadsInAnAsynchronousLambda")]
    public void A_writer_that_reads_is_found(string sample)
    {
        var rule = Writing with { Folder = "HokifyMessaging.Tests.Architecture.Samples.Writing" };

        Assert.Contains($"{rule.Folder}.{sample}", rule.Violations(typeof(DependencyTests).Assembly));
    }

    /// <summary>The innermost folder of those that the rules know.</summary>
    private static string? FolderOf(string type) =>
        Folders.Where(folder => type.StartsWith(folder + ".", StringComparison.Ordinal)).MaxBy(folder => folder.Length);

    private static IEnumerable<string> OwnReferences(Assembly assembly)
        => References(assembly).Where(name => name == "hokify" || name.StartsWith("HokifyMessaging", StringComparison.Ordinal));

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
