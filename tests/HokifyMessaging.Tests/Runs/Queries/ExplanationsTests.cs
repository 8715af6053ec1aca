using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Runs.Queries;

/// <summary>What was decided about a record and why, and who has been shown values of people.</summary>
public sealed class ExplanationsTests : IAsyncLifetime
{
    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ImportWorker Worker => _site!.Worker;

    public async ValueTask InitializeAsync() => _site = await BackupSite.CreateAsync();

    public ValueTask DisposeAsync() => _site!.DisposeAsync();

    [Fact]
    public async Task A_change_names_its_fields_with_what_was_before_and_after_to_those_who_may_see_it()
    {
        await ImportAsync(Application("a1"));
        await ImportAsync(Application("a1", version: 1).Named("Kellner"));

        var changed = (await ExplainAsync("a1", Actor.OfKey("crm"))).Events[0];

        Assert.Equal(RecordDecision.Changed, changed.Decision);
        Assert.Equal(new ChangedField("Name", "Köchin", "Kellner", IsMasked: false), Assert.Single(changed.Fields!));
        var noted = await AuditAsync();
        Assert.Equal((AuditAction.LookAtPerson, "crm", 1, "People and applications of which values were shown: 1."), Assert.Single(noted));
    }

    [Fact]
    public async Task To_others_a_change_names_its_fields_and_no_value_and_nothing_is_noted()
    {
        await ImportAsync(Application("a1"));
        await ImportAsync(Application("a1", version: 1).Named("Kellner"));

        var changed = (await ExplainAsync("a1")).Events[0];

        Assert.Equal(new ChangedField("Name", null, null, IsMasked: true), Assert.Single(changed.Fields!));
        Assert.Empty(await AuditAsync());
    }

    [Fact]
    public async Task Whoever_is_shown_ids_alone_has_seen_no_values()
    {
        await ImportAsync(Application("a1"));

        await ExplainAsync("a1", Actor.OfKey("crm"));

        Assert.Empty(await AuditAsync());
    }

    [Fact]
    public async Task What_came_back_what_went_and_what_became_somebody_elses_says_so()
    {
        await ImportAsync(Application("a1"), Application("a2", "p2"));
        await FullWithoutAsync("a1", Application("a2", "p2"));
        await ImportAsync(Application("a1", version: 1));
        await ImportAsync(Application("a1", "p2", version: 2));

        var application = await ExplainAsync("a1");
        var person = (await FollowAsync("p1")).Found.Single(found => found.ElementName == ElementNames.Candidate);

        Assert.Equal([RecordDecision.OtherPersons, RecordDecision.CameBack, RecordDecision.NotThere, RecordDecision.New], application.Events.Select(one => one.Decision));
        Assert.Equal("p2", application.PersonReferenceId);
        Assert.Empty(application.Events[0].Fields!);
        Assert.Equal(
            [RecordDecision.LastGone, RecordDecision.CameBack, RecordDecision.LastGone, RecordDecision.New], person.Events.Select(one => one.Decision));
    }

    [Fact]
    public async Task A_record_that_contradicts_another_is_found_by_the_application_that_both_are()
    {
        await RunAsync(Record.Ready(Application("a1")), Record.Ready(Application("a1", "p9", version: 1)));

        var events = (await ExplainAsync("a1")).Events;

        var contradiction = events.Single(one => one.Decision == RecordDecision.Contradicts);
        Assert.Contains("belongs to another person", contradiction.Reason, StringComparison.Ordinal);
        Assert.Empty((await FollowAsync("a")).Found);
    }

    [Fact]
    public async Task What_does_not_fit_and_what_came_of_it_says_so_in_order()
    {
        await RunAsync(Record.Rejected("a1"));
        Assert.Equal("datematch", Assert.Single((await ExplainAsync("a1")).Events).Field);
        Worker.Clock.Advance(TimeSpan.FromDays(2));
        await RunAsync(Record.Ready(Application("a1")));

        var found = await ExplainAsync("a1");

        Assert.Equal(RecordFate.Stored, found.Fate);
        Assert.Equal([RecordDecision.StoredAfterAll, RecordDecision.New, RecordDecision.DoesNotFit], found.Events.OrderByDescending(one => one.At).Select(one => one.Decision).OrderBy(Rank));

        static int Rank(RecordDecision decision) => decision switch { RecordDecision.StoredAfterAll => 0, RecordDecision.New => 1, _ => 2 };
    }

    [Fact]
    public async Task A_full_import_that_found_it_as_it_is_stored_is_told_until_it_changes()
    {
        await ImportAsync(Application("a1"));
        Assert.Null((await ExplainAsync("a1")).FoundAgain);

        var full = await FullAsync(Application("a1"));
        var again = (await ExplainAsync("a1")).FoundAgain!;
        Assert.Equal((full, Worker.Clock.GetUtcNow()), (again.RunId, again.At));

        Worker.Clock.Advance(TimeSpan.FromMinutes(1));
        await ImportAsync(Application("a1", version: 1).Named("Kellner"));
        Assert.Null((await ExplainAsync("a1")).FoundAgain);
    }

    [Fact]
    public async Task A_full_import_that_kept_what_it_missed_or_an_incremental_one_has_not_found_it_again()
    {
        await _site!.ConfigureAsync(new("Hokify:Import:DeletionGuardMinimum", "0"), new("Hokify:Import:DeletionGuardShare", "0"));
        await ImportAsync(Application("a1"), Application("a2"));
        var whole = await FullAsync(Application("a1"), Application("a2"));
        await FullAsync(Application("a2"));
        await ImportAsync(Application("a1"));

        var found = await ExplainAsync("a1");

        Assert.Equal((RecordFate.Stored, whole), (found.Fate, found.FoundAgain!.RunId));
    }

    [Fact]
    public async Task What_was_deleted_was_not_found_again()
    {
        await ImportAsync(Application("a1"), Application("a2"));
        await FullWithoutAsync("a1", Application("a2"));

        Assert.Null((await ExplainAsync("a1")).FoundAgain);
        Assert.NotNull((await ExplainAsync("a2")).FoundAgain);
    }

    [Fact]
    public async Task Of_an_older_run_whose_changes_are_no_longer_kept_it_is_not_claimed_that_none_were_made()
    {
        await ImportAsync(Application("a1"));
        foreach (var version in Enumerable.Range(1, 22))
        {
            Worker.Clock.Advance(TimeSpan.FromMinutes(1));
            await ImportAsync(Application("a1", version: version).Named($"Stelle {version}"));
        }

        var found = await ExplainAsync("a1");

        Assert.Equal((RecordTrails.Listed, true, false), (found.Events.Count, found.HasMoreEvents, found.IsBeginningForgotten));
        Assert.All(found.Events, one => Assert.Single(one.Fields!));
        await Worker.QueryAsync(db => db.CandidateProfiles.ExecuteUpdateAsync(set => set.SetProperty(p => p.History, p => p.History!.Replace("\"Name\"", "\"Status\"")), Cancel));
        await Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.Name == ActivityName.Created).ExecuteDeleteAsync(Cancel));
        await Worker.QueryAsync(db => db.ActivityLogs.OrderByDescending(l => l.Id).Take(15).ExecuteDeleteAsync(Cancel));
        found = await ExplainAsync("a1");

        Assert.True(found.IsBeginningForgotten);
        Assert.Equal([null, null], found.Events.TakeLast(2).Select(one => one.Fields));
    }

    [Fact]
    public async Task An_application_that_was_forgotten_in_time_is_told_from_a_person_who_was_erased()
    {
        await _site!.ConfigureAsync(new("Hokify:Retention:Enabled", "true"), new("Hokify:Scopes:1:Retention:Months", "6"));
        await ImportAsync(Application("a1"), Application("b1", "p2"));
        Worker.Clock.Advance(TimeSpan.FromDays(400));
        await Worker.Services.GetRequiredService<RetentionJob>().RunAsync(1, isDry: false, null, Cancel);

        Assert.Equal((RecordFate.Forgotten, ElementNames.CandidateProfile), ((await ExplainAsync("a1")).Fate, (await ExplainAsync("a1")).ElementName));
    }

    [Fact]
    public async Task An_address_is_found_in_any_case_by_the_applications_that_came_with_it_and_not_in_scopes_of_others()
    {
        await ImportAsync(Application("a1"), Application("a2"), Application("b1", "p2"));

        var found = (await FollowAsync(" P1@Example.AT ")).Found;

        Assert.Equal(["a1", "a2", "p1"], found.Select(one => one.ReferenceId).Order());
        Assert.Empty((await Worker.Services.GetRequiredService<Explanations>().OfAsync("p1@example.at", [2], null, Cancel)).Found);
        Assert.Empty((await FollowAsync("p3@example.at")).Found);
    }

    private static MappedApplication Application(string id, string person = "p1", int version = 0)
    {
        var application = Record.Application(id, person, version);
        return application with { Key = PersonKey.Of($"{person}@example.at", "Mizzi Muster") };
    }

    private Task ImportAsync(params IEnumerable<MappedApplication> applications) => RunAsync([.. applications.Select(Record.Ready)]);

    private async Task RunAsync(params SourceRecord[] records)
    {
        Worker.Clock.Advance(TimeSpan.FromMinutes(1));
        var run = await Worker.OpenAsync(mode: ImportMode.Incremental);
        await Worker.Writer.WriteAsync(run, Record.Batch(records), Cancel);
        await Worker.ConcludeAsync(run);
    }

    private async Task<Guid> FullAsync(params IEnumerable<MappedApplication> there)
    {
        Worker.Clock.Advance(TimeSpan.FromMinutes(1));
        var run = await Worker.OpenAsync();
        await Worker.CarryOutAsync(run, RunPhase.Retrying);
        await Worker.Writer.WriteAsync(run, Record.Batch([.. there.Select(Record.Ready)]), Cancel);
        await Worker.DeleteMissingAsync(run);
        await Worker.ConcludeAsync(run);
        return run.RunId;
    }

    private async Task FullWithoutAsync(string gone, params IEnumerable<MappedApplication> there)
    {
        await FullAsync(there);
        Assert.True(await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ReferenceId == gone).Select(p => p.IsDeleted).SingleAsync(Cancel)));
    }

    private async Task<FoundRecord> ExplainAsync(string asked, Actor? seer = null) => Assert.Single((await FollowAsync(asked, seer)).Found, found => found.ReferenceId == asked);

    private Task<RecordTrail> FollowAsync(string asked, Actor? seer = null) =>
        Worker.Services.GetRequiredService<Explanations>().OfAsync(RecordTrails.Comparable(asked, out _)!, [1], seer, Cancel);

    private async Task<List<(AuditAction, string, int?, string)>> AuditAsync() =>
        [.. (await Worker.QueryAsync(db => db.Audit.AsNoTracking().ToListAsync(Cancel))).Select(a => (a.Action, a.Who, a.ScopeId, a.Detail))];
}
