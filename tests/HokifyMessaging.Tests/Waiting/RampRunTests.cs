using HokifyMessaging.Applications;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Importing;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Waiting;

/// <summary>Ramps in the whole import: each step is an import that is asked for as any other is.</summary>
public sealed class RampRunTests
{
    private const int Waiting = 10_000;

    private static readonly Actor Karin = new("karin", "office");

    private static readonly WaitingFilter Dates = new() { ScopeIds = [1], Cause = FailureCause.BadDate, Field = "datematch" };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ramp_over_ten_thousand_whose_cause_is_still_there_touches_three_in_a_hundred_at_most()
    {
        await using var setup = await StartAsync();
        await LayOutAsync(setup, _ => "31.02.2026");

        var ramp = await RunAsync(setup);

        Assert.Equal((RampEnd.CauseIsThere, Waiting, 0), (ramp.End, ramp.Size, ramp.Done));
        Assert.InRange(ramp.Failed, 1, Waiting * 3 / 100);
        var (tried, untried) = await setup.QueryAsync(async db => (await Logs(db).CountAsync(l => l.RetryCount > 0, Cancel), await Logs(db).CountAsync(l => l.RetryCount == 0 && l.RampId == null && l.Status == ActivityStatus.Parked, Cancel)));
        Assert.Equal((ramp.Failed, Waiting - ramp.Failed), (tried, untried));
    }

    [Fact]
    public async Task A_ramp_over_ten_thousand_whose_cause_is_gone_goes_through_past_a_straggler()
    {
        await using var setup = await StartAsync();
        await LayOutAsync(setup, i => i is 0 or 5_000 ? "31.02.2026" : "2026-02-15T08:00:00Z");

        var ramp = await RunAsync(setup);

        Assert.Equal((RampEnd.Through, Waiting - 2, 2, 0), (ramp.End, ramp.Done, ramp.Failed, ramp.Ignored));
        Assert.Equal(Waiting - 2, await setup.QueryAsync(db => db.CandidateProfiles.CountAsync(Cancel)));
        var steps = (await setup.Services.GetRequiredService<RampQueries>().FindAsync(ramp.Id, Cancel))!.Steps;
        Assert.Equal([1, 2, 5, 20, 50, 100, 200, 500, 1_000], steps.Take(9).Select(step => step.Size));
        foreach (var step in steps)
        {
            var run = await setup.RunAsync(ramp.KeyOf(step.Number));
            Assert.Equal((run.Id, RunState.Completed, $"ramp {ramp.Id} of karin"), (step.RunId, run.State, run.RequestedBy));
        }
    }

    [Fact]
    public async Task A_service_that_dies_in_a_step_leaves_a_ramp_that_the_next_one_ends()
    {
        await using var setup = await StartAsync();
        await LayOutAsync(setup, _ => "2026-02-15T08:00:00Z", count: 40);
        var ramp = await BeginAsync(setup);
        var queries = setup.Services.GetRequiredService<RampQueries>();
        await HostedImport.Until(async () => (await queries.FindAsync(ramp.Id, Cancel))!.Ramp.Step >= 3);

        await setup.StopHostAsync();
        await setup.StartHostAsync(WithRunner);

        var ended = await EndAsync(setup, ramp.Id);
        Assert.Equal((RampEnd.Through, 40, 0), (ended.End, ended.Done, ended.Failed));
    }

    [Fact]
    public async Task A_hokify_that_is_away_does_not_keep_a_ramp_from_trying_what_is_here()
    {
        await using var setup = await StartAsync();
        await LayOutAsync(setup, _ => "2026-02-15T08:00:00Z", count: 12);
        await setup.Sandbox.DisposeAsync();

        var ramp = await RunAsync(setup);

        Assert.Equal((RampEnd.Through, 12), (ramp.End, ramp.Done));
    }

    private static Task<ImportSetup> StartAsync() => ImportSetup.StartAsync(applications: 1, settings: [new("Hokify:Import:BatchSize", "1000")], services: WithRunner);

    private static void WithRunner(IServiceCollection services) => services.AddHostedService<RampRunner>();

    private static async Task<RetryRamp> RunAsync(ImportSetup setup) => await EndAsync(setup, (await BeginAsync(setup)).Id);

    private static async Task<RetryRamp> BeginAsync(ImportSetup setup)
    {
        var started = Assert.IsType<RampStart.Started>(await setup.Services.GetRequiredService<RampBook>().StartAsync(1, Dates, Karin, Cancel)).Ramp;
        setup.Services.GetRequiredService<RampAlarm>().Ring();
        return started;
    }

    private static async Task<RetryRamp> EndAsync(ImportSetup setup, long ramp)
    {
        var queries = setup.Services.GetRequiredService<RampQueries>();
        await HostedImport.Until(async () => !(await queries.FindAsync(ramp, Cancel))!.Ramp.IsActive, TimeSpan.FromMinutes(3), TimeSpan.FromMilliseconds(50));
        return (await queries.FindAsync(ramp, Cancel))!.Ramp;
    }

    private static IQueryable<ActivityLog> Logs(HokifyDbContext db) => db.ActivityLogs.Where(l => l.Cause == FailureCause.BadDate);

    /// <summary>Has records wait that failed before, of which only the payload says what becomes of them now.</summary>
    private static async Task LayOutAsync(ImportSetup setup, Func<int, string> date, int count = Waiting)
    {
        await setup.ImportFullAsync();
        await setup.QueryAsync(async db =>
        {
            var run = await db.ImportRuns.Select(r => r.Id).FirstAsync(Cancel);
            await db.CandidateProfiles.ExecuteDeleteAsync(Cancel);
            await db.Candidates.ExecuteDeleteAsync(Cancel);
            foreach (var i in Enumerable.Range(0, count))
            {
                var id = FormattableString.Invariant($"{i:x8}0000000000abcdef");
                db.ActivityLogs.Add(new ActivityLog
                {
                    ScopeId = 1,
                    RunId = run,
                    LastRunId = run,
                    Name = ActivityName.Rejected,
                    Status = ActivityStatus.Parked,
                    ReferenceId = id,
                    ElementName = ElementNames.CandidateProfile,
                    Command = ActivityLog.Import,
                    Date = DateTimeOffset.UnixEpoch.AddYears(56),
                    Cause = FailureCause.BadDate,
                    Field = "datematch",
                    ResultData = $"page 1, item {i}, application {id}: datematch is not a date.",
                    Data = $$"""{"_id":"{{id}}","datematch":"{{date(i)}}","user":{"_id":"{{id[..8]}}1111111111abcdef","displayName":"Mizzi Muster"} }""",
                });
            }

            return await db.SaveChangesAsync(Cancel);
        });
    }
}
