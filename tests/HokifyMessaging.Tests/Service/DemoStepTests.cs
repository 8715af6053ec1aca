using HokifyMessaging.Contracts;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Service.Demo;

namespace HokifyMessaging.Tests.Service;

/// <summary>The demonstration must be able to fail: each step notices what did not come out.</summary>
public sealed class DemoStepTests
{
    private static readonly SandboxAdvance Advance = new(["new"], ["changed"], ["withdrawn"], ["person"], ["erased-1", "erased-2"]);

    private static readonly RunChange[] Changes =
    [
        new("CandidateProfile", "Created", "new"),
        new("CandidateProfile", "Updated", "changed"),
        new("Candidate", "Updated", "somebody"),
        new("CandidateProfile", "Erased", "erased"),
    ];

    private static readonly RowCounts Rows = new(9, 10, 19, 1, null);

    private static readonly DemoState State = new("{}", Guid.Empty, Rows, 7);

    [Fact]
    public void A_first_import_that_stored_everything_came_out()
        => Assert.Empty(DemoStep.FirstImport(Imported(10), 10, Rows).Deviations);

    [Fact]
    public void A_first_import_that_lost_an_application_did_not()
    {
        var step = DemoStep.FirstImport(Imported(9), 10, Rows);

        Assert.False(step.CameOut);
        Assert.Equal(["records fetched: expected 10, found 9", "applications created: expected 10, found 9"], step.Deviations);
    }

    [Fact]
    public void A_first_import_with_an_error_did_not_come_out()
        => Assert.Equal(["errors: expected 0, found 1"], DemoStep.FirstImport(Imported(10, errors: 1), 10, Rows).Deviations);

    [Fact]
    public void A_first_import_that_stored_less_than_it_says_did_not_come_out()
        => Assert.Equal(["applications stored: expected 10, found 8"], DemoStep.FirstImport(Imported(10), 10, Rows with { Profiles = 8 }).Deviations);

    [Fact]
    public void A_replay_that_left_everything_as_it_was_came_out() => Assert.Empty(DemoStep.Replay(State, State).Deviations);

    [Fact]
    public void A_replay_that_asked_hokify_did_not()
        => Assert.Equal(["calls to hokify: expected 7, found 8"], DemoStep.Replay(State, State with { CallsToHokify = 8 }).Deviations);

    [Fact]
    public void A_replay_with_another_event_message_id_or_log_did_not_come_out()
        => Assert.Equal(3, DemoStep.Replay(State, State with { Event = "[]", MessageId = Guid.NewGuid(), Rows = Rows with { ActivityLogs = 20 } }).Deviations.Count);

    [Fact]
    public void An_incremental_import_that_found_what_hokify_changed_came_out()
        => Assert.Empty(DemoStep.Incremental(Changed(1, 1, 2, erased: 1), Changes, Advance).Deviations);

    [Fact]
    public void An_incremental_import_that_missed_a_change_did_not()
        => Assert.Equal(
            ["changed applications: missing [changed], unexpected []", "applications updated: expected 1, found 0"],
            DemoStep.Incremental(Changed(1, 0, 2, erased: 1), Changes[..1], Advance).Deviations);

    [Fact]
    public void An_incremental_import_that_changed_more_than_hokify_did_not_come_out()
        => Assert.Equal(
            ["new applications: missing [], unexpected [ghost]"],
            DemoStep.Incremental(Changed(1, 1, 2, erased: 1), [.. Changes, new("CandidateProfile", "Created", "ghost")], Advance).Deviations);

    [Fact]
    public void An_incremental_import_that_erased_nobody_did_not_come_out()
        => Assert.Equal(
            ["persons erased: expected 1, found 0", "applications of erased persons: expected 2, found 0"],
            DemoStep.Incremental(Changed(1, 1, 0, erased: 0), Changes, Advance).Deviations);

    [Fact]
    public void A_full_import_that_deleted_what_is_withdrawn_came_out()
        => Assert.Empty(DemoStep.Withdrawn(Changed(0, 0, 1, erased: 0), [new("CandidateProfile", "Deleted", "withdrawn")], Advance).Deviations);

    [Fact]
    public void A_full_import_that_deleted_another_or_brought_somebody_back_did_not()
        => Assert.Equal(
            ["withdrawn applications: missing [withdrawn], unexpected [other]", "applications created: expected 0, found 2"],
            DemoStep.Withdrawn(Changed(2, 0, 1, erased: 0), [new("CandidateProfile", "Deleted", "other")], Advance).Deviations);

    private static HokifyImportCompleted Imported(int profiles, int errors = 0) => new()
    {
        Result = new ExportImportResult
        {
            CreatedCounts = new Dictionary<string, int> { ["Candidate"] = 9, ["CandidateProfile"] = profiles },
            StatsCounter = new Dictionary<string, int> { ["Fetched"] = profiles },
            ErrorCount = errors,
        },
    };

    private static HokifyImportCompleted Changed(int created, int updated, int deleted, int erased) => new()
    {
        Result = new ExportImportResult
        {
            CreatedCounts = new Dictionary<string, int> { ["CandidateProfile"] = created },
            UpdatedCounts = new Dictionary<string, int> { ["CandidateProfile"] = updated },
            DeletedCounts = new Dictionary<string, int> { ["CandidateProfile"] = deleted },
            StatsCounter = new Dictionary<string, int> { ["Erased"] = erased },
        },
    };
}
