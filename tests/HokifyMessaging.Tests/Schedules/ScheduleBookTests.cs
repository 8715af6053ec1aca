using HokifyMessaging.Contracts;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Schedules;

/// <summary>What several services decide about one schedule in one database.</summary>
public sealed class ScheduleBookTests : IAsyncLifetime
{
    private const string Name = "nightly";

    private static readonly ScheduleOptions Hourly = new() { Cron = "0 * * * *" };

    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    private ScheduleBook Book => Site.Worker.Services.GetRequiredService<ScheduleBook>();

    public async ValueTask InitializeAsync()
    {
        _site = await BackupSite.CreateAsync();
        await Site.ConfigureAsync(new("Hokify:Scopes:1:Schedules:nightly:Cron", Hourly.Cron), new("Hokify:Scopes:1:Schedules:nightly:Overlap", "Skip"));
        Site.Worker.Clock.Advance(TimeSpan.FromMinutes(10));
    }

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task A_schedule_counts_from_when_it_is_first_seen()
    {
        Assert.Null(await DecideAsync());
        Assert.Null(await DecideAsync());

        Assert.Equal((null, (DateTimeOffset?)null), ((await StandingAsync()).LastOutcome, (await StandingAsync()).LastTime));
    }

    [Fact]
    public async Task Of_any_number_of_services_one_asks_and_who_comes_after_one_that_died_asks_again()
    {
        await DecideAsync();
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(DecideAsync, Cancel)));
        var hour = Assert.Single(asked.Distinct());
        Assert.Equal(0, hour!.Value.Minute);
        Assert.Equal(ScheduleOutcome.Starting, (await StandingAsync()).LastOutcome);

        await Book.ConcludeAsync(1, Name, hour.Value, ScheduleOutcome.Started, Cancel);
        Assert.Null(await DecideAsync());
        Assert.Equal((ScheduleOutcome.Started, hour), ((await StandingAsync()).LastOutcome, (await StandingAsync()).LastTime));
    }

    [Fact]
    public async Task A_time_at_which_the_scope_is_at_work_is_left_out_for_good()
    {
        await DecideAsync();
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Site.Worker.OpenAsync();

        Assert.Null(await DecideAsync());
        await Site.Worker.ConcludeAsync(run);
        Assert.Null(await DecideAsync());

        Assert.Equal(ScheduleOutcome.Skipped, (await StandingAsync()).LastOutcome);
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await DecideAsync());
    }

    [Fact]
    public async Task A_paused_schedule_lets_its_times_pass_and_what_passed_is_not_made_up_for()
    {
        await DecideAsync();
        Assert.Null(await Book.PauseAsync(1, Name, "hokify moves", Actor.OfKey("crm"), Cancel));
        Assert.NotNull(await Book.PauseAsync(1, Name, "again", Actor.OfUser(), Cancel));
        Site.Worker.Clock.Advance(TimeSpan.FromHours(5));
        Assert.Null(await DecideAsync());
        var paused = await StandingAsync();
        Assert.Equal((ScheduleOutcome.Paused, "hokify moves", "crm", false), (paused.LastOutcome, paused.PauseReason, paused.PausedBy, paused.IsOverdue));

        Assert.NotNull(await Book.ResumeAsync(1, Name, Actor.OfKey("crm"), Cancel));
        Assert.Null(await Book.ResumeAsync(1, Name, Actor.OfKey("crm"), Cancel));
        Assert.Null(await DecideAsync());
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await DecideAsync());
        Assert.Equal(2, await Site.Worker.QueryAsync(db => db.Audit.CountAsync(a => a.Who == "crm" && (a.Action == AuditAction.PauseSchedule || a.Action == AuditAction.ResumeSchedule), Cancel)));
    }

    [Fact]
    public async Task A_scope_is_overdue_when_its_schedule_brings_no_import_that_ends_well()
    {
        await DecideAsync();
        Site.Worker.Clock.Advance(TimeSpan.FromMinutes(90));
        Assert.False((await StandingAsync()).IsOverdue);
        Site.Worker.Clock.Advance(TimeSpan.FromMinutes(40));
        Assert.True((await StandingAsync()).IsOverdue);

        var run = await Site.Worker.OpenAsync(mode: ImportMode.Incremental);
        await Site.Worker.ConcludeAsync(run);

        Assert.False((await StandingAsync()).IsOverdue);
    }

    [Fact]
    public async Task An_import_that_was_being_asked_for_is_still_the_same_when_its_schedule_was_paused_and_resumed_meanwhile()
    {
        await DecideAsync();
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));
        var hour = await DecideAsync();
        await Book.PauseAsync(1, Name, null, Actor.OfUser(), Cancel);
        Site.Worker.Clock.Advance(TimeSpan.FromMinutes(5));
        await Book.ResumeAsync(1, Name, Actor.OfUser(), Cancel);

        Assert.Equal(hour, await DecideAsync());
    }

    private async Task<DateTimeOffset?> DecideAsync() => (await Book.DecideAsync(new KnownSchedule(1, Name, Hourly, ScheduleOrigin.Settings), Cancel))?.Instant;

    private async Task<ScheduleStanding> StandingAsync() => Assert.Single(await Site.Worker.Services.GetRequiredService<ScheduleQueries>().ListAsync(1, Cancel));
}
