using System.Net.Http.Json;
using System.Text.Json;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>Schedules, with as many services as somebody may run.</summary>
public sealed class ScheduledImportTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scheduled_time_is_imported_once_by_three_services_and_made_up_for_when_none_ran()
    {
        await using var site = await Installation.StartAsync(applications: 20);
        site.Settings["Hokify:Scopes:1:Schedules:yearly:Cron"] = "0 0 1 1 *";
        site.Settings["Hokify:Scopes:1:Schedules:yearly:Mode"] = "Full";
        site.Settings["Hokify:Scopes:1:Schedules:unmade:Cron"] = "0 0 1 1 *";
        site.Settings["Hokify:Scopes:1:Schedules:unmade:Missed"] = "None";
        await ComeToAsync(site, "yearly");
        await ComeToAsync(site, "unmade");

        var services = new[] { await site.ServeAsync(), await site.ServeAsync(), await site.ServeAsync() };
        await services[0].UntilAsync(
            () => site.Database.QueryAsync(async db => await db.ImportRuns.AnyAsync(r => r.State == RunState.Completed && r.AnnouncedAt != null, Cancel)
                && await db.Schedules.AllAsync(s => s.Outcome == ScheduleOutcome.Started || s.Outcome == ScheduleOutcome.Missed, Cancel)),
            "the scheduled import is completed");
        foreach (var service in services)
        {
            await service.UntilStartedAsync();
            Assert.Equal("Healthy", await HealthOfSchedulesAsync(service));
            Assert.Equal(0, await service.TerminateAsync());
        }

        var year = TimeProvider.System.GetUtcNow().AddHours(1).Year;
        var run = Assert.Single(await site.Database.QueryAsync(db => db.ImportRuns.AsNoTracking().ToListAsync(Cancel)));
        Assert.Equal(($"schedule:yearly:{year - 1}-12-31T23:00:00Z", "schedule yearly"), (run.IdempotencyKey, run.RequestedBy));
        Assert.Equal(
            [("unmade", ScheduleOutcome.Missed), ("yearly", ScheduleOutcome.Started)],
            await site.Database.QueryAsync(async db => (await db.Schedules.AsNoTracking().ToListAsync(Cancel)).OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => (s.Name, s.Outcome!.Value))));

        var shown = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "schedules", "--json");
        Assert.Equal((0, 2, "Missed", 5), (shown.ExitCode, shown.Json.GetArrayLength(), shown.Json[0].GetProperty("lastOutcome").GetString(), shown.Json[1].GetProperty("next").GetArrayLength()));
    }

    [Fact]
    public async Task A_schedule_that_is_added_to_three_running_services_is_imported_once_and_none_is_started_anew()
    {
        await using var site = await Installation.StartAsync(applications: 5);
        var services = new[] { await site.ServeAsync(), await site.ServeAsync(), await site.ServeAsync() };
        foreach (var service in services)
        {
            await service.UntilStartedAsync();
            Assert.Equal("Healthy", await HealthOfSchedulesAsync(service));
        }

        var added = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "schedules", "add", "1", "yearly", "0 0 1 1 *", "--json");
        Assert.Equal((0, "Stored", 5), (added.ExitCode, added.Json.GetProperty("origin").GetString(), added.Json.GetProperty("next").GetArrayLength()));
        var again = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "schedules", "add", "1", "yearly", "@daily");
        Assert.StartsWith("Scope 1 has a schedule 'yearly' already, which ", again.Error, StringComparison.Ordinal);

        // As if it had been added long ago: its last time is one that they have to make up for.
        var then = TimeProvider.System.GetUtcNow().AddDays(-370);
        await site.Database.QueryAsync(db => db.Schedules.ExecuteUpdateAsync(set => set.SetProperty(s => s.FirstSeenAt, then).SetProperty(s => s.LastInstant, then), Cancel));
        await services[0].UntilAsync(
            () => site.Database.QueryAsync(db => db.Schedules.AnyAsync(s => s.Outcome == ScheduleOutcome.Started, Cancel)), "the schedule that was added has asked for its import");
        await services[0].UntilAsync(() => site.Database.QueryAsync(db => db.ImportRuns.AnyAsync(r => r.State == RunState.Completed, Cancel)), "its import is completed");

        Assert.Equal("schedule yearly", Assert.Single(await site.Database.QueryAsync(db => db.ImportRuns.AsNoTracking().ToListAsync(Cancel))).RequestedBy);
        Assert.Equal(0, (await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "schedules", "remove", "1", "yearly")).ExitCode);
        Assert.Equal(0, await site.Database.QueryAsync(db => db.Schedules.CountAsync(Cancel)));
    }

    [Theory]
    [InlineData("Cron", "every night", "Hokify:Scopes:1:Schedules:nightly:Cron is 'every night'; it must be a cron expression of five fields (minute, hour, day of the month, month, day of the week) that comes at some time, such as 30 2 * * *.")]
    [InlineData("TimeZone", "Europe/Wien", "Hokify:Scopes:1:Schedules:nightly:TimeZone is 'Europe/Wien', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.")]
    public async Task A_schedule_that_is_none_stops_the_start_with_its_place(string setting, string value, string sentence)
    {
        await using var site = await Installation.StartAsync(applications: 0);
        site.Settings["Hokify:Scopes:1:Schedules:nightly:Cron"] = "30 2 * * *";
        site.Settings[$"Hokify:Scopes:1:Schedules:nightly:{setting}"] = value;

        var outcome = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, "serve");

        Assert.Equal((1, sentence), (outcome.ExitCode, outcome.Error));
    }

    [Theory]
    [InlineData("schedules pause 1 weekly", "Scope 1 has no schedule 'weekly'; it has nightly.")]
    [InlineData("schedules resume 2 nightly", "Scope 2 is not known")]
    public async Task A_schedule_that_nobody_knows_is_named(string arguments, string sentence)
    {
        await using var site = await Installation.StartAsync(applications: 0);
        site.Settings["Hokify:Scopes:1:Schedules:nightly:Cron"] = "30 2 * * *";

        var outcome = await HokifyProcess.RunAsync(site.Database.Folder, site.Settings, arguments.Split(' '));

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith(sentence, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_is_degraded_while_a_schedule_brings_no_import_that_ends_well()
    {
        await using var site = await Installation.StartAsync(applications: 0);
        site.Settings["Hokify:Scopes:1:Schedules:yearly:Cron"] = "0 0 1 1 *";
        site.Settings["Hokify:Scopes:1:Schedules:yearly:Missed"] = "None";
        await ComeToAsync(site, "yearly", days: 800);

        var service = await site.ServeAsync();
        await service.UntilStartedAsync();

        Assert.Equal("Degraded", await HealthOfSchedulesAsync(service));
        await service.UntilLineAsync("yearly of scope 1");
    }

    private static async Task<string?> HealthOfSchedulesAsync(HokifyProcess service)
    {
        using var http = new HttpClient { BaseAddress = await service.AddressAsync() };
        return (await http.GetFromJsonAsync<JsonElement>("health/ready", Cancel)).GetProperty("checks").GetProperty("schedules").GetProperty("status").GetString();
    }

    /// <summary>As if services had known the schedule for long, and none had run since.</summary>
    private static Task<int> ComeToAsync(Installation site, string name, int days = 370) => site.Database.QueryAsync(async db =>
    {
        var then = TimeProvider.System.GetUtcNow().AddDays(-days);
        if (!await db.Scopes.AnyAsync(Cancel))
        {
            db.Scopes.Add(new ScopeState { ScopeId = 1 });
        }

        db.Schedules.Add(new ScheduleState { ScopeId = 1, Name = name, FirstSeenAt = then, LastInstant = then, Outcome = ScheduleOutcome.Paused });
        return await db.SaveChangesAsync(Cancel);
    });
}
