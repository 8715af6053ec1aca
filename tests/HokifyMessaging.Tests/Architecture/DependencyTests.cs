using System.Reflection;
using HokifyMessaging.Contracts;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>Dependencies point one way: Contracts, then HokifyMessaging, then Service; and between the folders of HokifyMessaging.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly Capability = typeof(IApplicationSource).Assembly;
    private static readonly Assembly Sandbox = Assembly.Load("HokifyMessaging.Sandbox");
    private static readonly Assembly Service = Assembly.Load("hokify");

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
        MayUse = ["System", .. Rooms.Options],
        MustNotUse = [.. InputAndOutput, .. Asynchrony],
    };

    private static readonly FolderRule Planning = new("HokifyMessaging.Planning")
    {
        MayUse = ["System", "HokifyMessaging.Applications", "HokifyMessaging.Wording.Counted", .. Rooms.Options],
        MustNotUse = [.. InputAndOutput, .. Asynchrony, .. Clocks],
    };

    private static readonly FolderRule Reading = new("HokifyMessaging.Reading") { MustNotUse = ["HokifyMessaging.Writing"] };

    private static readonly FolderRule Writing = new("HokifyMessaging.Writing") { MustNotUse = ["HokifyMessaging.Reading"] };

    /// <summary>The bus is an affair of Receiving, whatever carries it one day.</summary>
    private static readonly FolderRule All = new(Rooms.Root) { MustNotUse = ["MassTransit", "RabbitMQ"] };

    /// <summary>
    /// The executable asks for imports, looks at runs and shows results. It neither reads nor plans nor writes, sees no row, and changes no run but through
    /// Receiving and what imports in its own process; of folders whose other types are not its business the few are named that are.
    /// </summary>
    private static readonly FolderRule Executable = new("HokifyMessaging.Service")
    {
        MayUse =
        [
            "Microsoft",
            "OpenTelemetry",
            "Scalar",
            "Spectre",
            "System",
            "__OptionValidationGeneratedAttributes",
            "__OptionValidationStaticInstances",
            "HokifyMessaging.Contracts",
            "HokifyMessaging.Sandbox",
            "HokifyMessaging.Applications.FailureCause",
            "HokifyMessaging.CheckUp",
            "HokifyMessaging.HokifyMessagingServices",
            "HokifyMessaging.Backups",
            "HokifyMessaging.Importing.ForegroundEnd",
            "HokifyMessaging.Importing.ForegroundImport",
            "HokifyMessaging.Importing.ForegroundNews",
            "HokifyMessaging.Importing.ForegroundPlace",
            "HokifyMessaging.Machine",
            "HokifyMessaging.Privacy",
            "HokifyMessaging.Receiving",
            "HokifyMessaging.Results",
            "HokifyMessaging.Runs",
            "HokifyMessaging.Schedules",
            "HokifyMessaging.Storage.ActivityStatus",
            "HokifyMessaging.Storage.Actor",
            "HokifyMessaging.Storage.AuditAction",
            "HokifyMessaging.Storage.AuditFilter",
            "HokifyMessaging.Storage.AuditQueries",
            "HokifyMessaging.Storage.AuditView",
            "HokifyMessaging.Storage.DatabaseErrors",
            "HokifyMessaging.Storage.DatabasePatience",
            "HokifyMessaging.Storage.Deed",
            "HokifyMessaging.Storage.EndedSessions",
            "HokifyMessaging.Storage.ErasureState",
            "HokifyMessaging.Storage.RampEnd",
            "HokifyMessaging.Storage.RampState",
            "HokifyMessaging.Storage.RetryRamp",
            "HokifyMessaging.Storage.RetryRampStep",
            "HokifyMessaging.Storage.PlanDifference",
            "HokifyMessaging.Storage.PlannedChange",
            "HokifyMessaging.Storage.RunState",
            "HokifyMessaging.Storage.ScheduleOutcome",
            "HokifyMessaging.Storage.SchemaChanges",
            "HokifyMessaging.Storage.RewriteOutcome",
            "HokifyMessaging.Storage.SqliteFile",
            "HokifyMessaging.Storage.SqliteRewrite",
            "HokifyMessaging.Telemetry",
            "HokifyMessaging.Waiting",
            "HokifyMessaging.Wording",
            "HokifyMessaging.Writing.ChangedKey",
            "HokifyMessaging.Writing.ErasedAgain",
            "HokifyMessaging.Writing.ErasureKeys",
            "HokifyMessaging.Writing.ErasureRekeying",
            "HokifyMessaging.Writing.ForgottenKey",
            "HokifyMessaging.Writing.RememberedErasure",
            .. Rooms.BesideOptions,
            .. Rooms.Options,
        ],
        MustNotUse =
        [
            "Microsoft.Data.Sqlite",
            "Microsoft.EntityFrameworkCore",
            "HokifyMessaging.Runs.FencedTransactions",
            "HokifyMessaging.Runs.LeaseKeeper",
            "HokifyMessaging.Runs.RunControl",
            "HokifyMessaging.Runs.RunInProgress",
            "HokifyMessaging.Runs.RunStore",
            "HokifyMessaging.Runs.RunTransitions",
            "HokifyMessaging.Runs.ScopeErrands",
            "HokifyMessaging.Runs.ScopeTurns",
            "HokifyMessaging.Runs.TransientRetries",
        ],
    };

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
    public void The_bus_is_used_in_receiving_alone()
        => Assert.DoesNotContain(new[] { Capability, Service, Sandbox }.SelectMany(All.Violations), name => Rooms.Of(name) != "HokifyMessaging.Receiving");

    [Fact]
    public void The_executable_uses_what_it_is_given() => Assert.Empty(Executable.Violations(Service));

    [Fact]
    public void Rooms_depend_on_each_other_in_no_circle() => Assert.Empty(Rooms.Circles(Rooms.Uses(Capability)));

    [Fact]
    public void Nobody_starts_an_import_but_receiving()
        => Assert.Equal([Rooms.Composition, "HokifyMessaging.Receiving"], Rooms.Uses(Capability).Where(room => room.Value.Contains("HokifyMessaging.Importing")).Select(room => room.Key).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("A>B B>C", "")]
    [InlineData("A>B A>C B>C", "")]
    [InlineData("A>B B>A", "A B")]
    [InlineData("A>B B>C C>A", "A B C")]
    [InlineData("A>B B>C C>B", "A B C")]
    [InlineData("A>B C>D D>C", "C D")]
    public void A_circle_is_found_with_what_stands_behind_it(string uses, string found)
    {
        var rooms = uses.Split(' ').Select(use => use.Split('>')).GroupBy(use => use[0], use => use[1]).ToDictionary(room => room.Key, room => room.ToHashSet());

        Assert.Equal(found.Split(' ', StringSplitOptions.RemoveEmptyEntries), Rooms.Circles(rooms).Select(room => room.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("HokifyMessaging.Reading.Http.HokifyHttp", "HokifyMessaging.Reading")]
    [InlineData("HokifyMessaging.Storage.Candidate", "HokifyMessaging.Storage")]
    [InlineData("HokifyMessaging.AtsApiOptions", Rooms.Settings)]
    [InlineData("HokifyMessaging.DatabaseOptionsValidator", Rooms.Settings)]
    [InlineData("HokifyMessaging.HokifyOptionsValidator/<>c", Rooms.Composition)]
    [InlineData("HokifyMessaging.Runs.Queries.RunQueries/<>c", "HokifyMessaging.Runs.Queries")]
    [InlineData("HokifyMessaging.Homeless", null)]
    [InlineData("HokifyMessaging.Contracts.ImportMode", null)]
    [InlineData("MassTransit.IBus", null)]
    public void A_type_lives_in_the_room_of_its_folder_or_in_one_of_the_roots(string type, string? room) => Assert.Equal(room, Rooms.Of(type));

    [Fact]
    public void Every_type_lives_in_a_folder_that_the_rules_know()
        => Assert.DoesNotContain(
            Capability.GetTypes().Where(type => type.Namespace?.StartsWith(Rooms.Root, StringComparison.Ordinal) == true).Select(type => type.FullName!.Replace('+', '/')),
            name => Rooms.Of(name) is null);

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

    [Theory]
    [InlineData("VerbThatShows", true)]
    [InlineData("VerbThatWrites", false)]
    [InlineData("VerbThatReads", false)]
    [InlineData("VerbThatPlans", false)]
    [InlineData("VerbWithARow", false)]
    [InlineData("VerbWithADatabaseInALambda", false)]
    [InlineData("VerbThatChangesARun", false)]
    public void A_verb_that_sees_too_much_is_found(string sample, bool isAllowed)
    {
        var rule = Executable with { Folder = "HokifyMessaging.Tests.Architecture.Samples.Service" };

        Assert.Equal(isAllowed, !rule.Violations(typeof(DependencyTests).Assembly).Contains($"{rule.Folder}.{sample}"));
    }

    [Theory]
    [InlineData("VerbThatShows", true)]
    [InlineData("VerbOnTheBus", false)]
    [InlineData("VerbThatSubscribesInALambda", false)]
    [InlineData("VerbThatCatchesTheBus", false)]
    [InlineData("VerbWithAChannel", false)]
    public void A_bus_outside_of_receiving_is_found(string sample, bool isAllowed)
    {
        var rule = All with { Folder = "HokifyMessaging.Tests.Architecture.Samples.Service" };

        Assert.Equal(isAllowed, !rule.Violations(typeof(DependencyTests).Assembly).Contains($"{rule.Folder}.{sample}"));
    }

    private static IEnumerable<string> OwnReferences(Assembly assembly)
        => References(assembly).Where(name => name == "hokify" || name.StartsWith("HokifyMessaging", StringComparison.Ordinal));

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);
}
