using System.Globalization;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>Applications that are forgotten because they have been kept long enough, and what is kept all the same.</summary>
public abstract partial class WriterSpecification
{
    [Fact]
    public async Task What_is_due_is_forgotten_and_whoever_has_another_application_stays()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-09-10"), Applied("b1", "2026-02-10", "p2"), Applied("b2", "2026-02-20", "p2"), Applied("c1", "2026-03-10", "p3"));
        await RejectAsync(Record.Rejected("a1", "of a forgotten one", "p1"), Record.Rejected("a9", "of one that waits", "p1"), Record.Rejected("b9", "of another", "p2"));

        var report = await ForgetAsync(worker);

        Assert.Equal([new RetentionCount("applications", 3, 1, 0, 3)], report.Counts);
        Assert.Equal("a2, c1", await PeopleLeftAsync());
        Assert.Equal(["p1", "p3"], await Worker.QueryAsync(db => db.Candidates.Where(c => c.ScopeId == Worker.ScopeId && !c.ReferenceId.StartsWith("erased:")).OrderBy(c => c.ReferenceId).Select(c => c.ReferenceId).ToListAsync(Cancel)));
        var logs = await LogsAsync();
        Assert.DoesNotContain(logs, l => l.ReferenceId is "a1" or "b1" or "b2" or "p2" || l.Data == "of a forgotten one");
        Assert.Contains(logs, l => l is { Data: "of one that waits", PersonReferenceId: "p1" });
        Assert.Contains(logs, l => l is { Data: "of another", PersonReferenceId: "p2" });
        Assert.Equal([new RetentionCount("applications", 0, 1)], (await ForgetAsync(worker)).Counts);
    }

    [Fact]
    public async Task Of_a_person_who_stays_a_forgotten_application_is_neither_shown_nor_erased_once_more()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-09-10"));
        await ForgetAsync(worker);

        var found = await Worker.Services.GetRequiredService<PeopleFinder>().FindAsync(Worker.ScopeId, new NamedPerson(NamedBy.Application, "a2"), Cancel);
        var rows = await Worker.Services.GetRequiredService<PersonLookup>().ReadAsync(Worker.ScopeId, found.People[0], Cancel);
        var done = await EraseAsync(NamedBy.Person, "p1");

        Assert.Equal(["a2"], found.People[0].Applications.Select(a => a.ReferenceId));
        Assert.Equal(["a2"], rows.Profiles.Select(p => p.ReferenceId));
        Assert.Equal((1, 1), (done.People, done.Applications));
    }

    [Fact]
    public async Task A_forgotten_application_comes_back_by_no_import_and_the_person_by_the_next_one()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("b1", "2026-01-10", "p2"), Applied("b2", "2026-09-10", "p2"));
        await RejectAsync(Record.Rejected("b1", "{}", "p2"));
        await ForgetAsync(worker);

        var incremental = await OpenAsync(ImportMode.Incremental);
        await WriteAsync(incremental, Applied("a1", "2026-01-10", version: 5), Applied("b1", "2026-01-10", "p2", version: 5));
        await Worker.ConcludeAsync(incremental);
        var full = await ImportAsync(Applied("a1", "2026-01-10", version: 6), Applied("b1", "2026-01-10", "p9", version: 6), Applied("a7", "2026-10-01"));
        await RejectAsync(Record.Rejected("a1", "a later failure", "p1"));

        Assert.Equal(2, incremental.Tally.Stats[Stat.ErasedWithheld]);
        Assert.Equal(2, full.Stats[Stat.ErasedWithheld]);
        Assert.Equal("a7, b2", await PeopleLeftAsync());
        Assert.DoesNotContain(await LogsAsync(), l => l.Data == "a later failure");
        Assert.Contains("a7 'Köchin' 2026-03-01T08:00:00.0000000+00:00 of p1 'Mizzi Muster'", await RowsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_told_of_a_forgotten_application_forgets_it_and_nothing_else_of_the_person()
    {
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-09-10"));
        await RejectAsync(Record.Rejected("a3", "forgotten elsewhere", "p1"));
        var hashes = new[] { "a1", "a3" }.Select(id => (Secret.Hash(Worker.ScopeId, "forgotten application", id), Record.Epoch)).ToArray();

        var told = await TellAsync(hashes);

        Assert.Equal((0, 1), (told.People, told.Applications));
        Assert.Equal("a2", await PeopleLeftAsync());
        Assert.DoesNotContain(await LogsAsync(), l => l.Data == "forgotten elsewhere");
        Assert.Equal(1, (await ImportAsync(Applied("a1", "2026-01-10", version: 5), Applied("a2", "2026-09-10", version: 5))).Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task Whom_hokify_erases_after_an_application_was_forgotten_is_erased_all_the_same()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-09-10"));
        await ForgetAsync(worker);

        var tally = await ImportAsync(Record.Application("a1", version: 9, erased: true));

        Assert.Equal(1, tally.Stats[Stat.Erased]);
        Assert.Equal("", await PeopleLeftAsync());
        Assert.Equal(1, (await ImportAsync(Applied("a8", "2026-10-01"))).Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task The_ids_go_from_the_sentences_of_runs_and_what_waits_that_contradicts_them_goes_too()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await RejectAsync(Record.Rejected("a1", "waits no more", "p1"), Record.Rejected("a2", "waits", "p1"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-09-10"));
        await Worker.QueryAsync(async db =>
        {
            db.ActivityLogs.Add(new ActivityLog
            {
                ScopeId = Worker.ScopeId,
                RunId = (await db.ImportRuns.FirstAsync(r => r.ScopeId == Worker.ScopeId, Cancel)).Id,
                Name = ActivityName.Rejected,
                Status = ActivityStatus.Parked,
                ReferenceId = "payload:17",
                Data = "contradicts",
                ResultData = "page 1, application a1: says something else.",
                Date = Record.Epoch,
                ElementName = ElementNames.CandidateProfile,
                Command = ActivityLog.Import,
                LastRunId = (await db.ImportRuns.FirstAsync(r => r.ScopeId == Worker.ScopeId, Cancel)).Id,
            });
            return await db.SaveChangesAsync(Cancel);
        });

        await ForgetAsync(worker);

        var texts = await Worker.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == Worker.ScopeId).Select(r => r.Tally + r.CompletedEvent).ToListAsync(Cancel));
        Assert.DoesNotContain(texts, text => text.Contains("application a1", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains("application a2", StringComparison.Ordinal));
        Assert.DoesNotContain(await LogsAsync(), l => l.Data == "contradicts");
    }

    [Fact]
    public async Task Whoever_stays_no_longer_names_the_forgotten_application_that_their_data_came_with()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a2", "2026-09-10"), Applied("a1", "2026-01-10", version: 9));

        await ForgetAsync(worker);

        Assert.Null((await ProfileAsync("a2")).Candidate!.VersionReferenceId);
        Assert.Equal("a2", await PeopleLeftAsync());
    }

    [Theory]
    [InlineData("2026-10-10T21:59:59Z", 0)]
    [InlineData("2026-10-10T22:00:00Z", 1)]
    public async Task The_last_day_is_kept_to_its_end(string now, int due)
    {
        await using var worker = Retaining(("Months", "1"));
        await ImportAsync(Applied("a1", "2026-09-10"));
        worker.Clock.SetUtcNow(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));

        Assert.Equal(due, (await ForgetAsync(worker)).Counts.Single().Forgotten);
    }

    [Fact]
    public async Task From_rejection_the_history_of_the_stage_decides()
    {
        await using var worker = Retaining(("Preset", "Germany"), ("RejectionStages:0", "rejected"));
        await ImportAsync(At("a1", "contacted", 0), At("b1", "contacted", 0, "p2"), At("c1", "rejected", 0, "p3"));
        await ImportAsync(At("a1", "rejected", 1));
        Worker.Clock.SetUtcNow(new DateTimeOffset(2026, 9, 1, 21, 59, 59, TimeSpan.Zero).AddYears(1));

        Assert.Equal("a1 c1", string.Join(' ', (await ForgottenByAsync(worker)).Order(StringComparer.Ordinal)));

        MappedApplication At(string id, string stage, int version, string person = "p1") => With(Record.Application(id, person, version), new ProfileColumns { Name = "Köchin", Status = stage });
    }

    [Fact]
    public async Task Who_has_agreed_to_be_kept_is_kept_to_the_end_of_that()
    {
        await using var worker = Retaining(("Preset", "Austria"), ("TalentPool:Months", "12"), ("TalentPool:Column", "Consent"));
        await ImportAsync(Applied("a1", "2026-01-10"), With(Applied("b1", "2026-01-10", "p2"), new ProfileColumns { Name = "Köchin", DatePublish = Day("2026-01-10"), Consent = true }));

        await ForgetAsync(worker);
        Assert.Equal("b1", await PeopleLeftAsync());

        worker.Clock.SetUtcNow(new DateTimeOffset(2027, 1, 10, 23, 0, 0, TimeSpan.Zero));
        await ForgetAsync(worker);
        Assert.Equal("", await PeopleLeftAsync());
    }

    [Fact]
    public async Task What_is_on_hold_is_kept_until_the_hold_is_released_or_over()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-01-10"), Applied("b1", "2026-01-10", "p2"));
        var (one, person) = (await HoldAsync(NamedBy.Application, "a1", null), await HoldAsync(NamedBy.Person, "p2", new DateOnly(2026, 10, 5)));

        Assert.Equal([new RetentionCount("applications", 1, 0, 2, 1)], (await ForgetAsync(worker)).Counts);
        Assert.Equal("a1, b1", await PeopleLeftAsync());

        worker.Clock.SetUtcNow(new DateTimeOffset(2026, 10, 5, 21, 59, 59, TimeSpan.Zero));
        Assert.Equal(0, (await ForgetAsync(worker)).Counts.Single().Forgotten);
        worker.Clock.SetUtcNow(new DateTimeOffset(2026, 10, 5, 22, 0, 0, TimeSpan.Zero));
        await ForgetAsync(worker);
        Assert.Equal("a1", await PeopleLeftAsync());

        Assert.NotNull((await worker.Services.GetRequiredService<LegalHolds>().ReleaseAsync(one!.Id, null, new ErasureAsker("karin", "office", null), Cancel))!.ReleasedAt);
        await ForgetAsync(worker);
        Assert.Equal("", await PeopleLeftAsync());
        Assert.Equal(
            [AuditAction.HoldPeople, AuditAction.HoldPeople, AuditAction.ReleasePeople],
            await Worker.QueryAsync(db => db.Audit.Where(a => a.ScopeId == Worker.ScopeId).OrderBy(a => a.Id).Select(a => a.Action).ToListAsync(Cancel)));
        Assert.Equal(1, person!.People);
    }

    [Fact]
    public async Task What_is_put_on_hold_after_it_was_found_to_be_due_is_kept()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("b1", "2026-01-10", "p2"));
        var round = new RetentionRound(Worker.ScopeId, worker.Clock.GetUtcNow(), IsDry: false, async write =>
        {
            await HoldAsync(NamedBy.Application, "a1", null);
            await worker.Services.GetRequiredService<ScopeErrands>().BrieflyAsync(Worker.ScopeId, write, Cancel);
        });

        var counts = await worker.Services.GetServices<IRetentionPart>().OfType<DueApplications>().Single().RunAsync(round, Cancel);

        Assert.Equal([new RetentionCount("applications", 2, 0, 0, 1)], counts);
        Assert.Equal("a1", await PeopleLeftAsync());
    }

    [Fact]
    public async Task A_hold_defers_an_erasure_that_is_carried_out_when_it_is_released()
    {
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-01-10"));
        var hold = await HoldAsync(NamedBy.Application, "a1", null);

        var deferred = await EraseAsync(NamedBy.Person, "p1");
        await Erasing.CarryOutWaitingAsync(Worker.ScopeId, Cancel);

        Assert.Equal((ErasureState.Deferred, null), (deferred.State, deferred.DueAt));
        Assert.Equal("a1, a2", await PeopleLeftAsync());
        Assert.False((await AskAsync(NamedBy.Person, "p1")).IsNew);

        await Worker.Services.GetRequiredService<LegalHolds>().ReleaseAsync(hold!.Id, [Worker.ScopeId], new ErasureAsker("karin", "office", null), Cancel);
        await Erasing.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.Equal("", await PeopleLeftAsync());
    }

    [Fact]
    public async Task Whom_hokify_erases_while_something_of_theirs_is_on_hold_is_erased_when_that_is_over()
    {
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("a2", "2026-01-10"), Applied("b1", "2026-01-10", "p2"));
        await HoldAsync(NamedBy.Person, "p1", new DateOnly(2026, 10, 5));

        var tally = await ImportAsync(Record.Application("a1", version: 9, erased: true), Record.Application("b1", "p2", version: 9, erased: true));
        await ImportAsync(Record.Application("a1", version: 10, erased: true));

        Assert.Equal((1, 1), (tally.Stats[Stat.Erased], tally.Stats[Stat.ErasedWithheld]));
        Assert.Equal("a1, a2", await PeopleLeftAsync());
        var request = await Worker.QueryAsync(db => db.ErasureRequests.AsNoTracking().SingleAsync(r => r.ScopeId == Worker.ScopeId, Cancel));
        Assert.Equal((ErasureState.Deferred, "hokify", new DateTimeOffset(2026, 10, 5, 22, 0, 0, TimeSpan.Zero)), (request.State, request.Who, request.DueAt));

        Worker.Clock.SetUtcNow(request.DueAt!.Value);
        await Erasing.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.Equal("", await PeopleLeftAsync());
        Assert.Equal(2, (await ImportAsync(Applied("a1", "2026-01-10", version: 11), Applied("a7", "2026-01-10", version: 11))).Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task Whom_another_database_has_erased_while_they_are_on_hold_here_is_erased_when_the_hold_is_released()
    {
        await ImportAsync(Applied("a1", "2026-01-10"), Applied("b1", "2026-01-10", "p2"));
        var hold = await HoldAsync(NamedBy.Application, "a1", null);

        var told = await TellAsync((Secret.Hash(Worker.ScopeId, "person", "p1"), Record.Epoch), (Secret.Hash(Worker.ScopeId, "person", "p2"), Record.Epoch));

        Assert.Equal((1, 1), (told.People, told.Applications));
        Assert.Equal("a1", await PeopleLeftAsync());
        await Worker.Services.GetRequiredService<LegalHolds>().ReleaseAsync(hold!.Id, null, new ErasureAsker("karin", "office", null), Cancel);
        await Erasing.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.Equal("", await PeopleLeftAsync());
    }

    [Fact]
    public async Task Claims_defer_an_erasure_to_the_day_on_which_it_is_carried_out_by_itself()
    {
        await using var worker = Retaining(("ClaimMonths", "6"), ("RejectionStages:0", "rejected"));
        await ImportAsync(Applied("a1", "2026-08-10"), With(Applied("a2", "2026-01-10"), new ProfileColumns { Name = "Köchin", DatePublish = Day("2026-01-10"), Status = "rejected" }));
        var erasing = worker.Services.GetRequiredService<PeopleErasure>();

        var deferred = await erasing.CarryOutAsync((await AskAsync(NamedBy.Person, "p1")).Request.Id, Cancel);

        Assert.Equal((ErasureState.Deferred, new DateTimeOffset(2027, 2, 10, 23, 0, 0, TimeSpan.Zero)), (deferred.State, deferred.DueAt));
        worker.Clock.SetUtcNow(deferred.DueAt!.Value.AddTicks(-1));
        await erasing.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.Equal("a1, a2", await PeopleLeftAsync());
        worker.Clock.SetUtcNow(deferred.DueAt!.Value);
        await erasing.CarryOutWaitingAsync(Worker.ScopeId, Cancel);
        Assert.Equal("", await PeopleLeftAsync());
    }

    [Fact]
    public async Task While_an_import_is_at_work_it_waits_for_the_scope_and_goes_on_behind_it()
    {
        await using var worker = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"));
        var run = await OpenAsync();

        var forgetting = ForgetAsync(worker);
        for (var second = 0; second < 40 && !forgetting.IsCompleted; second++)
        {
            worker.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.False(forgetting.IsCompleted);
        Assert.Equal("a1", await PeopleLeftAsync());
        await Worker.ConcludeAsync(run);
        while (!forgetting.IsCompleted)
        {
            worker.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(1, (await forgetting).Counts.Single().Forgotten);
    }

    [Fact]
    public async Task It_is_done_once_a_day_and_only_counts_as_long_as_it_is_not_switched_on()
    {
        await using var dry = Retaining(("Preset", "Austria"));
        await ImportAsync(Applied("a1", "2026-01-10"));
        var job = dry.Services.GetRequiredService<RetentionJob>();

        Assert.Empty(await job.RunDueAsync(Cancel));

        var first = await StateAsync();
        Assert.Equal((new DateOnly(2026, 10, 1), true, "a1"), (first.Day, first.WasDry, await PeopleLeftAsync()));
        Assert.Equal([new RetentionCount("applications", 1)], RetentionQueries.CountsIn(first));

        await using var enabled = NewWorker(settings: [($"Hokify:Scopes:{Database.ScopeId}:Retention:Preset", "Austria"), ("Hokify:Retention:Enabled", "true")]);
        job = enabled.Services.GetRequiredService<RetentionJob>();
        await job.RunDueAsync(Cancel);
        Assert.Equal("a1", await PeopleLeftAsync());
        enabled.Clock.SetUtcNow(new DateTimeOffset(2026, 10, 2, 1, 29, 59, TimeSpan.Zero));
        await job.RunDueAsync(Cancel);
        Assert.Equal("a1", await PeopleLeftAsync());
        enabled.Clock.SetUtcNow(new DateTimeOffset(2026, 10, 2, 1, 30, 0, TimeSpan.Zero));
        await job.RunDueAsync(Cancel);
        Assert.Equal("", await PeopleLeftAsync());
        Assert.Equal((new DateOnly(2026, 10, 2), false), ((await StateAsync()).Day, (await StateAsync()).WasDry));
    }

    private PeopleErasure Erasing => Worker.Services.GetRequiredService<PeopleErasure>();

    private Task<RetentionState> StateAsync() => Worker.QueryAsync(db => db.Retention.AsNoTracking().SingleAsync(s => s.ScopeId == Worker.ScopeId, Cancel));

    private ImportWorker Retaining(params (string Key, string Value)[] settings) =>
        NewWorker(settings: [.. settings.Select(setting => (string.Create(CultureInfo.InvariantCulture, $"Hokify:Scopes:{Database.ScopeId}:Retention:{setting.Key}"), setting.Value))]);

    private Task<RetentionReport> ForgetAsync(ImportWorker worker) => worker.Services.GetRequiredService<RetentionJob>().RunAsync(Worker.ScopeId, isDry: false, day: null, Cancel);

    private async Task<IEnumerable<string>> ForgottenByAsync(ImportWorker worker)
    {
        var before = (await PeopleLeftAsync()).Split(", ");
        await ForgetAsync(worker);
        return before.Except((await PeopleLeftAsync()).Split(", "));
    }

    private async Task<HoldView?> HoldAsync(NamedBy by, string value, DateOnly? lastDay) => await Worker.Services.GetRequiredService<LegalHolds>()
        .PlaceAsync(await FindAsync(by, value), new ErasureAsker("karin", "office", "file 2026/17"), lastDay, Cancel);

    /// <summary>The applications that are stored and were not forgotten.</summary>
    private Task<string> PeopleLeftAsync() => Worker.QueryAsync(async db => string.Join(", ", await db.CandidateProfiles
        .Where(p => p.ScopeId == Worker.ScopeId && !p.ReferenceId.StartsWith("erased:")).OrderBy(p => p.ReferenceId).Select(p => p.ReferenceId).ToListAsync(Cancel)));

    private static DateTimeOffset Day(string day) => DateTimeOffset.Parse($"{day}T09:00:00Z", CultureInfo.InvariantCulture);

    private static MappedApplication Applied(string id, string day, string person = "p1", int version = 0) =>
        With(Record.Application(id, person, version), new ProfileColumns { Name = "Köchin", CandidateName = "Mizzi Muster", DatePublish = Day(day) });

    private static MappedApplication With(MappedApplication application, ProfileColumns profile) => application with { Profile = profile, ProfileHash = ContentHash.Of(profile) };
}
