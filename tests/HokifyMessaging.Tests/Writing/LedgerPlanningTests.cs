using HokifyMessaging.Applications;
using HokifyMessaging.Planning;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What a step means for the ledger, decided without a database.</summary>
public sealed class LedgerPlanningTests
{
    private static readonly Guid Run = Guid.Parse("0198f0b2-0000-7000-8000-000000000001");
    private static readonly RetrySchedule Schedule = new(TimeSpan.FromMinutes(1), Growth: 2, TimeSpan.FromDays(1), MostRetries: 2);

    [Fact]
    public void What_arrives_closes_the_entry_that_waits_under_its_id_and_no_other()
    {
        var settle = Assert.IsType<LedgerDecision.Settle>(Assert.Single(Planning(Entry("a1"), Entry("a2")).Arrive(Stored("a1"), null)));

        Assert.Equal(("a1", false), (settle.Entry.ReferenceId, settle.IsSuperseded));
    }

    [Fact]
    public void What_was_tried_again_closes_the_entry_that_it_was_kept_in_whatever_that_goes_by()
    {
        var settle = Assert.IsType<LedgerDecision.Settle>(Assert.Single(Planning(Entry("payload:1")).Arrive(Stored("a1"), "payload:1")));

        Assert.Equal("payload:1", settle.Entry.ReferenceId);
    }

    [Fact]
    public void An_entry_leaves_once()
    {
        var planning = Planning(Entry("a1"));

        Assert.Single(planning.Arrive(Stored("a1"), "a1").ToList());
        Assert.Empty(planning.Arrive(Stored("a1"), null));
    }

    [Fact]
    public void A_copy_that_lost_supersedes_what_was_tried_and_one_from_the_source_leaves_it_waiting()
    {
        Assert.True(Assert.IsType<LedgerDecision.Settle>(Assert.Single(Planning(Entry("a1")).Arrive(Stale("a1"), "a1"))).IsSuperseded);
        Assert.Empty(Planning(Entry("a1")).Arrive(Stale("a1"), null));
    }

    [Theory]
    [InlineData(-1, true, false)]
    [InlineData(0, true, true)]
    [InlineData(1, true, true)]
    [InlineData(-1, false, false)]
    [InlineData(0, false, true)]
    public void A_copy_that_is_older_than_what_waits_does_not_close_it(int minutes, bool isWritten, bool closes)
    {
        var plan = isWritten ? Stored("a1", minutes) : Unchanged("a1", minutes);

        Assert.Equal(closes, Planning(Entry("a1", version: 0)).Arrive(plan, null).Any());
    }

    [Fact]
    public void Nothing_of_the_erased_goes_on_waiting()
    {
        var application = Record.Application("a1");

        Assert.IsType<LedgerDecision.Forget>(Assert.Single(Planning(Entry("a1")).Arrive(new ApplicationPlan.Suppress(application, IsRepeat: false), null)));
        Assert.IsType<LedgerDecision.Forget>(Assert.Single(Planning(Entry("a1")).Arrive(new ApplicationPlan.Erase(application, IsRepeat: false), "a1")));
        Assert.IsType<LedgerDecision.Forget>(Assert.Single(Planning(Entry("a1")).Forget(Failure("a1"))));
        Assert.Empty(Planning().Forget(Failure("a1")));
    }

    [Fact]
    public void What_contradicts_or_waits_itself_closes_nothing()
    {
        var application = Record.Application("a1");

        Assert.Empty(Planning(Entry("a1")).Arrive(new ApplicationPlan.Hold(application), "a1"));
        Assert.Empty(Planning(Entry("a1")).Arrive(new ApplicationPlan.Reject(application, Rejection("a1")), "a1"));
    }

    [Fact]
    public void What_fails_for_the_first_time_enters_and_what_fails_twice_in_a_run_counts_once()
    {
        var planning = Planning();

        Assert.Equal(new RetryDecision.Retry(TimeSpan.FromMinutes(1)), Assert.IsType<LedgerDecision.Enter>(planning.Fail(Failure("a1"))).Next);
        Assert.IsType<LedgerDecision.Repeat>(planning.Fail(Failure("a1")));
        Assert.IsType<LedgerDecision.Repeat>(Planning(Entry("a1", lastRun: Run)).Fail(Failure("a1")));
    }

    [Theory]
    [InlineData(true, 0, 1, 2)]
    [InlineData(true, 1, 2, null)]
    [InlineData(false, 0, 0, 1)]
    [InlineData(false, 1, 1, 2)]
    public void Only_what_the_ledger_tries_counts_as_a_retry_and_the_last_one_parks(bool isRetry, int before, int after, int? minutes)
    {
        var again = Assert.IsType<LedgerDecision.FailAgain>(Planning(isRetry, Entry("a1", retries: before)).Fail(Failure("a1")));

        Assert.Equal((after, minutes), (again.RetryCount, again.Next is RetryDecision.Retry(var pause) ? (int?)pause.TotalMinutes : null));
    }

    [Fact]
    public void What_is_parked_stays_parked_and_a_contradiction_is_parked_at_once()
    {
        Assert.IsType<RetryDecision.Park>(Assert.IsType<LedgerDecision.FailAgain>(Planning(Entry("a1", status: ActivityStatus.Parked)).Fail(Failure("a1"))).Next);
        Assert.IsType<RetryDecision.Park>(Assert.IsType<LedgerDecision.Enter>(Planning().Fail(Failure("a1") with { Park = true })).Next);
    }

    [Fact]
    public void An_old_copy_that_fails_as_well_leaves_the_newer_one_waiting()
    {
        var outlived = Assert.IsType<LedgerDecision.Outlive>(Planning(isRetry: true, Entry("a1", version: 1)).Fail(Failure("a1") with { Version = Record.Epoch }));

        Assert.Equal(1, outlived.RetryCount);
    }

    [Fact]
    public void What_failed_behind_what_arrived_enters_anew()
    {
        var planning = Planning(Entry("a1"));
        Assert.Single(planning.Arrive(Stored("a1"), null).ToList());

        Assert.IsType<LedgerDecision.Enter>(planning.Fail(Failure("a1")));
    }

    private static LedgerPlanning Planning(params ActivityLog[] waiting) => Planning(isRetry: false, waiting);

    private static LedgerPlanning Planning(bool isRetry, params ActivityLog[] waiting) => new(waiting.ToDictionary(l => l.ReferenceId), Schedule, Run, isRetry);

    private static ApplicationPlan.Store Stored(string id, int minutes = 0) => new(Record.Application(id, version: minutes), ElementPlan.Update, ElementPlan.Update, IsRepeat: false);

    private static ApplicationPlan.Store Unchanged(string id, int minutes) =>
        new(Record.Application(id, version: minutes), ElementPlan.Unchanged, ElementPlan.Unchanged, IsRepeat: false);

    private static ApplicationPlan.Store Stale(string id) => new(Record.Application(id), ElementPlan.Stale, ElementPlan.Stale, IsRepeat: false);

    private static RecordFailure Failure(string id) => RecordFailure.Of(Record.Of(Rejection(id)), Rejection(id));

    private static Rejection Rejection(string id) =>
        new(ElementNames.CandidateProfile, "page 1, item 1", new HokifyMessaging.Applications.ApplicationId(id), "datematch", FailureCause.BadDate, "is not a date", "{}");

    private static ActivityLog Entry(string reference, int? version = null, int retries = 0, ActivityStatus status = ActivityStatus.Open, Guid? lastRun = null) => new()
    {
        Name = ActivityName.Rejected,
        Status = status,
        ReferenceId = reference,
        ElementName = ElementNames.CandidateProfile,
        Command = "HokifyImport",
        Version = version is { } minutes ? Record.Epoch.AddMinutes(minutes) : null,
        RetryCount = retries,
        LastRunId = lastRun,
    };
}
