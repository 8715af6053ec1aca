using HokifyMessaging.Results;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;

namespace HokifyMessaging.Tests.Pages;

/// <summary>What the page says of tables and columns in people's words is all that there is.</summary>
public sealed class StoredPageTests
{
    private static readonly IRelationalModel Model = ModelOfSqlServer();

    public static TheoryData<string, string> Explained => new()
    {
        { "Candidate", "## The person" },
        { "CandidateProfile", "## The application" },
        { "ActivityLog", "## What was done" },
        { "ImportRun", "## The import" },
        { "Scope", "## The scope" },
        { "ErasureRequest", "## Who was to be erased" },
        { "LegalHold", "## What must be kept, and what was forgotten" },
    };

    public static TheoryData<string, string> Mentioned => new()
    {
        { "RunBatch", "## The import" },
        { "PendingEvent", "## The import" },
        { "PlanEntry", "## The import" },
        { "Retention", "## What must be kept, and what was forgotten" },
        { "RetryRamp", "## What is tried step by step" },
        { "RetryRampStep", "## What is tried step by step" },
        { "ErasedKey", "## What keeps erased people out" },
        { "EndedSession", "## What keeps erased people out" },
        { "DataProtectionKey", "## What keeps erased people out" },
    };

    [Fact]
    public void Every_table_is_explained() =>
        Assert.Equal(
            Model.Tables.Select(table => table.Name).Order(StringComparer.Ordinal),
            Page.Stored.Table("## At a glance", "table").Select(row => Page.Names(row[0]).Single()).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Explained))]
    public void Every_column_is_explained_once(string table, string heading) =>
        Assert.Equal(
            Columns(table).Order(StringComparer.Ordinal),
            Page.Stored.Table(heading, "columns").SelectMany(row => Page.Names(row[0])).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Mentioned))]
    public void Every_column_of_a_table_for_the_program_alone_is_mentioned(string table, string heading) =>
        Assert.Subset(Page.Names(Page.Stored.Section(heading)).ToHashSet(), Columns(table).ToHashSet());

    [Fact]
    public void Every_state_of_an_import_and_every_activity_is_explained()
    {
        var words = Page.Names(Page.Stored.Section("## The import") + Page.Stored.Section("## What was done")).ToHashSet();

        Assert.Subset(
            words,
            Enum.GetNames<RunState>().Concat(Enum.GetNames<RunPhase>()).Concat(Enum.GetNames<ActivityName>()).Concat(Enum.GetNames<ActivityStatus>()).ToHashSet());
    }

    [Fact]
    public void Every_column_of_a_runs_CSV_is_explained_once() =>
        Assert.Equal(
            RunCsvColumn.All.Select(column => column.Name).Order(StringComparer.Ordinal),
            Page.Stored.Table("## The CSV of an import", "columns").SelectMany(row => Page.Names(row[0])).Order(StringComparer.Ordinal));

    private static IEnumerable<string> Columns(string table) => Model.FindTable(table, null)!.Columns.Select(column => column.Name);

    private static IRelationalModel ModelOfSqlServer()
    {
        using var db = new SqlServerDesignTimeFactory().CreateDbContext([]);
        return db.GetService<IDesignTimeModel>().Model.GetRelationalModel();
    }
}
