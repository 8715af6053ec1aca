using System.Reflection;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore.Migrations;

namespace HokifyMessaging.Tests.Architecture;

/// <summary>What others may build upon is public, and that is little: the contracts. All else is the executable's own.</summary>
public sealed class VisibilityTests
{
    /// <summary>What HTTP answers with. The documentation of public types alone reaches the API's description, so an internal one would be described by nothing.</summary>
    private static readonly Type[] Answers =
        [typeof(PlannedChange), typeof(PlannedEntry), typeof(PlannedValue), typeof(RecordOutcome), typeof(RunDetails), typeof(RunRecord), typeof(RunState), typeof(RunSummary), typeof(WaitingRecord)];

    /// <summary>The sandbox is a program of its own, which the others start, steer and look at as anybody could: by these, and by no door in the wall.</summary>
    private static readonly Type[] OfSandbox =
    [
        typeof(HokifySandbox),
        typeof(SandboxAdvance),
        typeof(SandboxBomb),
        typeof(SandboxCall),
        typeof(SandboxDeadToken),
        typeof(SandboxFault),
        typeof(SandboxFaultKind),
        typeof(SandboxFaults),
        typeof(SandboxFaultState),
        typeof(SandboxFilter),
        typeof(SandboxMandator),
        typeof(SandboxMove),
        typeof(SandboxOffsetUnit),
        typeof(SandboxOptions),
        typeof(SandboxOrder),
        typeof(SandboxRequest),
        typeof(SandboxShape),
        typeof(SandboxState),
    ];

    [Fact]
    public void Of_the_capability_only_what_HTTP_answers_with_is_public_beside_the_migrations_as_their_tool_writes_them()
        => Assert.Equal(
            Answers.Select(type => type.FullName).Order(StringComparer.Ordinal),
            typeof(HokifyOptions).Assembly.GetExportedTypes().Where(type => !type.IsSubclassOf(typeof(Migration))).Select(type => type.FullName).Order(StringComparer.Ordinal));

    [Fact]
    public void Of_the_executable_nothing_is_public() => Assert.DoesNotContain(Assembly.Load("hokify").GetExportedTypes(), type => type.Name != "Program");

    [Fact]
    public void Of_the_sandbox_is_public_what_starts_steers_and_shows_it()
        => Assert.Equal(
            OfSandbox.Select(type => type.FullName).Order(StringComparer.Ordinal),
            typeof(HokifySandbox).Assembly.GetExportedTypes().Select(type => type.FullName).Order(StringComparer.Ordinal));

    [Fact]
    public void The_executable_and_the_tests_alone_see_what_is_internal()
    {
        Assert.Equal(["HokifyMessaging.Benchmarks", "HokifyMessaging.IntegrationTests", "HokifyMessaging.Tests", "hokify"], Friends(typeof(HokifyOptions).Assembly));
        Assert.Equal(["HokifyMessaging.Tests"], Friends(typeof(HokifySandbox).Assembly));
        Assert.Empty(Friends(typeof(HokifyImportRequested).Assembly));
    }

    private static IEnumerable<string> Friends(Assembly assembly) =>
        assembly.GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName).Order(StringComparer.Ordinal);
}
