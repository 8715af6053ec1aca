using HokifyMessaging.Contracts;
using HokifyMessaging.Schedules;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Schedules;

/// <summary>Schedules that are added to those of the settings while services run.</summary>
public sealed class StoredSchedulesTests : IAsyncLifetime
{
    private const string Name = "often";

    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    private StoredSchedules Stored => Site.Worker.Services.GetRequiredService<StoredSchedules>();

    private ScheduleBook Book => Site.Worker.Services.GetRequiredService<ScheduleBook>();

    public async ValueTask InitializeAsync()
    {
        _site = await BackupSite.CreateAsync();
        await Site.ConfigureAsync(new KeyValuePair<string, string?>("Hokify:Scopes:1:Schedules:nightly:Cron", "30 2 * * *"));
        Site.Worker.Clock.Advance(TimeSpan.FromMinutes(10));
    }

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task A_schedule_that_is_added_counts_from_then_on_and_is_decided_once()
    {
        await AddAsync();
        Assert.Null(await DecideAsync());
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));

        var asked = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(DecideAsync, Cancel)));

        Assert.Equal(0, Assert.Single(asked.Distinct())!.Instant.Minute);
        Assert.Equal(ImportMode.Full, asked[0]!.Mode);
        var standing = await StandingAsync();
        Assert.Equal((ScheduleOrigin.Stored, "crm", "0 * * * *", null), (standing.Origin, standing.ChangedBy, standing.Cron, standing.Problem));
        Assert.Equal(5, standing.Next.Count);
    }

    [Fact]
    public async Task What_is_changed_no_longer_comes_at_the_times_of_before()
    {
        await AddAsync();
        Site.Worker.Clock.Advance(TimeSpan.FromHours(3));

        await Stored.ChangeAsync(1, "OFTEN", Of("30 4 * * *", ImportMode.Incremental), Place, Actor.OfKey("other"), Cancel);

        Assert.Null(await DecideAsync());
        Site.Worker.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(ImportMode.Incremental, (await DecideAsync())!.Mode);
        Assert.Equal(("30 4 * * *", "other"), ((await StandingAsync()).Cron, (await StandingAsync()).ChangedBy));
    }

    [Fact]
    public async Task A_service_that_has_not_heard_yet_that_one_was_removed_or_changed_does_what_is_stored()
    {
        await AddAsync();
        var hourly = await KnownAsync();
        await Stored.ChangeAsync(1, Name, Of("30 4 * * *"), Place, Actor.OfUser(), Cancel);
        Site.Worker.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await Book.DecideAsync(hourly, Cancel));

        Assert.Equal(Name, await Stored.RemoveAsync(1, "Often", Actor.OfUser(), Cancel));
        Assert.Null(await Book.DecideAsync(hourly, Cancel));
        await Assert.ThrowsAsync<ScheduleRefusedException>(() => Book.PauseAsync(1, Name, null, Actor.OfUser(), Cancel));

        Assert.Empty(await Site.Worker.QueryAsync(db => db.Schedules.ToListAsync(Cancel)));
    }

    [Fact]
    public async Task Whoever_adds_changes_and_removes_stands_in_the_audit_log()
    {
        await AddAsync();
        await Stored.ChangeAsync(1, Name, Of("30 4 * * *"), Place, Actor.OfKey("crm"), Cancel);
        await Stored.RemoveAsync(1, Name, Actor.OfKey("crm"), Cancel);

        var audit = await Site.Worker.QueryAsync(db => db.Audit.OrderBy(a => a.Id).Select(a => new { a.Action, a.Who, a.ScopeId, a.Detail }).ToListAsync(Cancel));

        Assert.Equal([AuditAction.AddSchedule, AuditAction.ChangeSchedule, AuditAction.RemoveSchedule], audit.Select(a => a.Action));
        Assert.All(audit, a => Assert.Equal(("crm", 1), (a.Who, a.ScopeId)));
        Assert.Equal(
            "Schedule often: '0 * * * *' by Europe/Vienna, Full, Overlap Skip, Missed Once became '30 4 * * *' by Europe/Vienna, Full, Overlap Skip, Missed Once.", audit[1].Detail);
    }

    [Theory]
    [InlineData("nightly", "0 * * * *", "Europe/Vienna", "Scope 1 has a schedule 'nightly' in the settings (Hokify:Scopes:1:Schedules:nightly); one that is added needs another name.")]
    [InlineData("NIGHTLY", "0 * * * *", "Europe/Vienna", "Scope 1 has a schedule 'nightly' in the settings (Hokify:Scopes:1:Schedules:nightly); one that is added needs another name.")]
    [InlineData("every night", "0 * * * *", "Europe/Vienna", "the Name is 'every night'; the name of a schedule must be made of letters, digits and '-', at most 50, such as nightly.")]
    [InlineData("x\n", "0 * * * *", "Europe/Vienna", @"the Name is 'x\u000A'; the name of a schedule must be made of letters, digits and '-', at most 50, such as nightly.")]
    [InlineData("x", "every night", "Europe/Vienna", "the Cron is 'every night'; it must be a cron expression of five fields (minute, hour, day of the month, month, day of the week) that comes at some time, such as 30 2 * * *.")]
    [InlineData("x", "0 0 30 2 *", "Europe/Vienna", "the Cron is '0 0 30 2 *'; it must be a cron expression of five fields (minute, hour, day of the month, month, day of the week) that comes at some time, such as 30 2 * * *.")]
    [InlineData("x", "0 * * * *", "Europe/Wien", "the TimeZone is 'Europe/Wien', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.")]
    public async Task What_is_wrong_with_one_is_said_as_the_settings_say_it(string name, string cron, string zone, string sentence)
    {
        var refused = await Assert.ThrowsAsync<ScheduleRefusedException>(
            () => Stored.AddAsync(1, name, new ScheduleOptions { Cron = cron, TimeZone = zone }, Place, Actor.OfUser(), Cancel));

        Assert.Equal(sentence, refused.Message);
        Assert.Equal(0, await Site.Worker.QueryAsync(db => db.Schedules.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Of_two_who_add_the_same_the_second_is_told_who_was_first()
    {
        await AddAsync();

        var refused = await Assert.ThrowsAsync<ScheduleRefusedException>(() => Stored.AddAsync(1, "Often", Of("30 4 * * *"), Place, Actor.OfUser(), Cancel));

        Assert.Equal("Scope 1 has a schedule 'often' already, which crm added or changed at 2026-10-01 09:10:00Z.", refused.Message);
    }

    [Fact]
    public async Task A_scope_has_so_many_and_no_more()
    {
        foreach (var number in Enumerable.Range(1, StoredSchedules.MostOfScope))
        {
            await Stored.AddAsync(1, $"s{number}", Of("0 * * * *"), Place, Actor.OfUser(), Cancel);
        }

        var refused = await Assert.ThrowsAsync<ScheduleRefusedException>(() => AddAsync());

        Assert.Equal("Scope 1 has 20 schedules beside those of the settings, which is the most; remove one that is no longer needed.", refused.Message);
    }

    [Fact]
    public async Task One_of_the_settings_is_neither_changed_nor_removed_here()
    {
        var refused = await Assert.ThrowsAsync<ScheduleRefusedException>(() => Stored.RemoveAsync(1, "Nightly", Actor.OfUser(), Cancel));

        Assert.Equal("Schedule 'nightly' of scope 1 stands in the settings (Hokify:Scopes:1:Schedules:nightly), and can be changed or removed there alone.", refused.Message);
        Assert.Equal("Scope 1 has no schedule 'weekly'; somebody may have removed it.", (await Assert.ThrowsAsync<ScheduleRefusedException>(() => Stored.RemoveAsync(1, "weekly", Actor.OfUser(), Cancel))).Message);
        Assert.Equal("Scope 7 is not in the settings, so that nothing could be imported into it.", (await Assert.ThrowsAsync<ScheduleRefusedException>(() => Stored.AddAsync(7, "x", Of("0 * * * *"), Place, Actor.OfUser(), Cancel))).Message);
    }

    [Fact]
    public async Task Settings_that_get_one_of_the_same_name_later_have_precedence_and_what_was_added_can_be_removed()
    {
        await AddAsync();
        await Site.ConfigureAsync(new KeyValuePair<string, string?>("Hokify:Scopes:1:Schedules:often:Cron", "15 3 * * *"));

        Assert.Equal((ScheduleOrigin.Settings, "15 3 * * *", null), ((await StandingAsync()).Origin, (await StandingAsync()).Cron, (await StandingAsync()).ChangedBy));
        Assert.Single(await Site.Worker.Services.GetRequiredService<KnownSchedules>().ListAsync(Cancel));

        await Stored.RemoveAsync(1, Name, Actor.OfUser(), Cancel);
        Assert.Equal(ScheduleOrigin.Settings, (await StandingAsync()).Origin);
    }

    [Fact]
    public async Task One_of_a_time_zone_that_this_machine_does_not_know_keeps_no_other_from_its_times_and_is_told()
    {
        await AddAsync();
        await Site.Worker.QueryAsync(db => db.Schedules.ExecuteUpdateAsync(set => set.SetProperty(s => s.TimeZone, "Mars/Olympus"), Cancel));

        var standing = await StandingAsync();

        Assert.Equal("TimeZone of schedule often of scope 1 is 'Mars/Olympus', which this machine does not know; it must be the IANA id of a time zone, such as Europe/Vienna.", standing.Problem);
        Assert.Empty(standing.Next);
    }

    [Fact]
    public async Task A_program_that_does_not_have_a_scope_leaves_its_schedules_to_others()
    {
        await AddAsync();
        await Site.Worker.QueryAsync(async db =>
        {
            db.Schedules.Add(new ScheduleState { ScopeId = 2, Name = Name, Cron = "0 * * * *", TimeZone = "UTC", Mode = ImportMode.Full, Overlap = ScheduleOverlap.Skip, Missed = ScheduleMissed.Once, ChangedAt = default(DateTimeOffset), ChangedBy = "x" });
            return await db.SaveChangesAsync(Cancel);
        });

        Assert.DoesNotContain(await Site.Worker.Services.GetRequiredService<KnownSchedules>().ListAsync(Cancel), one => one.ScopeId == 2);
    }

    [Fact]
    public async Task A_backup_that_is_restored_keeps_what_was_added_since_and_elsewhere_has_what_it_had()
    {
        await AddAsync();
        await Site.ImportAsync();
        var backup = await Site.BackUpAsync();
        await Stored.ChangeAsync(1, Name, Of("30 4 * * *"), Place, Actor.OfUser(), Cancel);
        await Stored.AddAsync(1, "later", Of("0 5 * * *"), Place, Actor.OfUser(), Cancel);

        await Site.RestoreAsync(backup);
        Assert.Equal(["0 5 * * *", "30 4 * * *"], await CronsAsync());

        await using var elsewhere = await BackupSite.CreateAsync();
        await elsewhere.RestoreAsync(backup);
        Assert.Equal(["0 * * * *"], await elsewhere.Worker.QueryAsync(db => db.Schedules.Select(s => s.Cron).ToListAsync(Cancel)));
    }

    private static string Place(string setting) => $"the {setting}";

    private static ScheduleOptions Of(string cron, ImportMode mode = ImportMode.Full) => new() { Cron = cron, Mode = mode };

    private Task AddAsync() => Stored.AddAsync(1, Name, Of("0 * * * *"), Place, Actor.OfKey("crm"), Cancel);

    private async Task<KnownSchedule> KnownAsync() => Assert.Single(await Site.Worker.Services.GetRequiredService<KnownSchedules>().ListAsync(Cancel), one => one.Name == Name);

    private async Task<DueImport?> DecideAsync() => await Book.DecideAsync(await KnownAsync(), Cancel);

    private async Task<ScheduleStanding> StandingAsync() => (await Site.Worker.Services.GetRequiredService<ScheduleQueries>().ListAsync(1, Cancel)).Single(one => one.Name == Name);

    private Task<List<string?>> CronsAsync() => Site.Worker.QueryAsync(db => db.Schedules.Where(s => s.Cron != null).OrderBy(s => s.Name).Select(s => s.Cron).ToListAsync(Cancel));
}
