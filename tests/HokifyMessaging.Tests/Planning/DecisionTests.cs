using HokifyMessaging.Applications;
using HokifyMessaging.Planning;

namespace HokifyMessaging.Tests.Planning;

public sealed class DecisionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1000, 200, true)]
    [InlineData(1000, 201, false)]
    [InlineData(12, 10, true)]
    [InlineData(12, 11, false)]
    [InlineData(0, 0, true)]
    public void The_guard_allows_a_fifth_of_the_active_rows_and_at_least_ten(long active, long missing, bool allowed) =>
        Assert.Equal(allowed, new DeletionGuard(0.2, 10).Decide(active, missing, read: 1, AbsenceEvidence.Proven) is DeletionDecision.Allowed);

    [Fact]
    public void A_refused_deletion_says_how_many_and_what_to_do()
    {
        var refused = Assert.IsType<DeletionDecision.Refused>(new DeletionGuard(0.2, 10).Decide(100, 90, read: 10, AbsenceEvidence.Proven));

        Assert.Equal("The source no longer has 90 of 100 active applications, more than the 20 that the deletion guard allows; nothing was deleted. If they are really gone, ask for a full import again, with a new key and allowDeletions 90.", refused.Reason);
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(10, 0, false)]
    [InlineData(1000, 0, false)]
    [InlineData(0, 0, true)]
    [InlineData(1, 1, true)]
    public void A_source_that_had_nothing_at_all_deletes_nothing_however_little_that_is(long active, long read, bool allowed)
    {
        var decision = new DeletionGuard(1, 1_000).Decide(active, active, read, AbsenceEvidence.Proven);

        Assert.Equal(allowed, decision is DeletionDecision.Allowed);
        if (decision is DeletionDecision.Refused(var reason))
        {
            Assert.StartsWith($"The source had no application at all, and {active} {(active == 1 ? "is" : "are")} active here; nothing was deleted.", reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(90, 10, true)]
    [InlineData(89, 10, false)]
    [InlineData(5, 10, false)]
    [InlineData(100, 0, true)]
    [InlineData(89, 0, false)]
    public void What_somebody_has_accepted_is_allowed_even_of_a_source_that_had_nothing(int accepted, long read, bool allowed) =>
        Assert.Equal(allowed, new DeletionGuard(0.2, 10, accepted).Decide(100, 90, read, AbsenceEvidence.Proven) is DeletionDecision.Allowed);

    [Fact]
    public void To_accept_fewer_than_the_guard_allows_takes_nothing_away() =>
        Assert.IsType<DeletionDecision.Allowed>(new DeletionGuard(0.2, 10, 0).Decide(100, 20, read: 80, AbsenceEvidence.Proven));

    [Theory]
    [InlineData(AbsenceEvidence.Ambiguous)]
    [InlineData(AbsenceEvidence.Unproven)]
    internal void What_is_not_proven_gone_is_not_deleted_whatever_somebody_accepts(AbsenceEvidence evidence) =>
        Assert.IsType<DeletionDecision.Refused>(new DeletionGuard(0.2, 10, 100).Decide(100, 5, read: 95, evidence));

    [Theory]
    [InlineData(0, null, true)]
    [InlineData(1, null, false)]
    [InlineData(5, 4, false)]
    [InlineData(5, 5, true)]
    public void What_another_source_may_have_brought_goes_only_when_somebody_accepts_that(long missing, int? accepted, bool allowed) =>
        Assert.Equal(allowed, new DeletionGuard(1, 10, accepted).Decide(100, missing, read: 95, AbsenceEvidence.ElsewhereBefore) is DeletionDecision.Allowed);

    [Fact]
    public void One_who_has_accepted_too_few_is_told_how_many_there_are()
    {
        var refused = Assert.IsType<DeletionDecision.Refused>(new DeletionGuard(0.2, 10, 50).Decide(100, 90, read: 10, AbsenceEvidence.Proven));

        Assert.Equal("The source no longer has 90 of 100 active applications, more than the 50 that this request allows; nothing was deleted. If they are really gone, ask for a full import again, with a new key and allowDeletions 90.", refused.Reason);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public void Nothing_is_deleted_while_the_source_has_records_that_may_be_what_is_missing(long missing, bool allowed) =>
        Assert.Equal(allowed, new DeletionGuard(1, 10).Decide(100, missing, read: 99, AbsenceEvidence.Ambiguous) is DeletionDecision.Allowed);

    [Fact]
    public void An_incremental_window_begins_at_the_request_else_before_the_watermark_else_at_the_beginning()
    {
        var overlap = TimeSpan.FromHours(1);

        Assert.Equal(Noon, Watermark.Begin(Noon, Noon.AddDays(1), overlap));
        Assert.Equal(Noon.AddHours(-1), Watermark.Begin(null, Noon, overlap));
        Assert.Null(Watermark.Begin(null, null, overlap));
    }

    [Fact]
    public void The_watermark_moves_to_the_end_of_a_window_that_leaves_no_hole()
    {
        Assert.Equal(Noon, Watermark.After(null, null, Noon));
        Assert.Equal(Noon.AddHours(2), Watermark.After(Noon, Noon, Noon.AddHours(2)));
        Assert.Equal(Noon.AddHours(2), Watermark.After(Noon, null, Noon.AddHours(2)));
    }

    [Fact]
    public void The_watermark_stays_where_a_window_began_behind_it_or_ended_before_it()
    {
        Assert.Equal(Noon, Watermark.After(Noon, Noon.AddMinutes(1), Noon.AddHours(2)));
        Assert.Null(Watermark.After(null, Noon, Noon.AddHours(2)));
        Assert.Equal(Noon, Watermark.After(Noon, null, Noon.AddHours(-2)));
    }

    [Fact]
    public void The_history_tells_field_time_run_old_and_new()
    {
        var run = Guid.Parse("018f0000-0000-7000-8000-000000000001");
        var changes = FieldHistory.Between(
            ProfileColumns.All, new ProfileColumns { Name = "Koch", Sort = 1 }, new ProfileColumns { Name = "Köchin", Sort = 1 }, Noon, run);

        Assert.Equal(
            """[{"time":"2026-05-01T12:00:00+00:00","run":"018f0000-0000-7000-8000-000000000001","field":"Name","old":"Koch","new":"Köchin"}]""",
            FieldHistory.Append(null, changes));
    }

    [Fact]
    public void The_history_keeps_the_last_twenty_changes()
    {
        string? history = null;
        for (var sort = 0; sort < 25; sort++)
        {
            history = FieldHistory.Append(history, FieldHistory.Between(
                ProfileColumns.All, new ProfileColumns { Sort = sort }, new ProfileColumns { Sort = sort + 1 }, Noon, Guid.Empty));
        }

        using var json = System.Text.Json.JsonDocument.Parse(history!);
        Assert.Equal(Enumerable.Range(6, 20), json.RootElement.EnumerateArray().Select(change => change.GetProperty("new").GetInt32()));
    }
}
