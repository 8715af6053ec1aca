using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Waiting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>How records enter the ledger, wait there and leave it.</summary>
public abstract partial class WriterSpecification
{
    /// <summary>What was parked by a run is tried again because an operator asks for it.</summary>
    private static async Task<int> ReopenAsync(WaitingChanges changes, Guid runId) =>
        (await changes.TryNowAsync(new WaitingFilter { RunId = runId, Status = ActivityStatus.Parked }, Actor.OfUser(), Cancel)).Done;

    private Task<ActivityLog> EntryAsync(string reference) => Worker.QueryAsync(db => db.ActivityLogs.AsNoTracking()
        .SingleAsync(l => l.ScopeId == Worker.ScopeId && l.ReferenceId == reference && l.Status != ActivityStatus.Done, Cancel));

    /// <summary>The first chapter of a run: what waits and is due is tried, and read again from what was kept of it.</summary>
    private async Task<int> RetryAsync(RunInProgress run, params SourceRecord[] kept)
    {
        var due = await Worker.QueryAsync(db => Worker.Ledger.DueAsync(db, run, 100, int.MaxValue, Cancel));
        var records = due.Select(entry => kept.Single(record => PayloadOf(record.Mapped!.Value) == entry.Data) with { LedgerReference = entry.ReferenceId });
        await Worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading) with { Records = [.. records] }, Cancel);
        return due.Count;

        static string PayloadOf(OrRejection<MappedApplication> kept) => kept.Value?.Payload ?? kept.Rejection!.Payload;
    }

    private async Task<ImportTally> FailAsync(params MappedApplication[] applications)
    {
        await Database.RefuseAsync(Worker, applications.Select(a => a.Id.Value));
        var tally = await ImportAsync(applications);
        await Database.AcceptAsync(Worker);
        return tally;
    }

    [Fact]
    public async Task A_retry_that_succeeds_closes_its_entry()
    {
        var application = Record.Application("a1");
        await FailAsync(application);
        Worker.Clock.Advance(TimeSpan.FromMinutes(1));

        var run = await Worker.OpenAsync();
        Assert.Equal(1, await RetryAsync(run, Record.Ready(application)));

        var entry = await EntryAsync("a1");
        Assert.Equal((ActivityStatus.Closed, (await ProfileAsync("a1")).Id, run.RunId), (entry.Status, entry.ElementId, entry.LastRunId));
        Assert.Equal((null, null, null, 0), (entry.Data, entry.DueAt, entry.ResultData, entry.ResultCode));
        Assert.Equal((1, 1), (run.Tally.Stats[Stat.Retried], run.Tally.Stats[Stat.RetriesSucceeded]));
        Assert.Equal("Candidate created 1, CandidateProfile created 1", Counts(run.Tally));
        Assert.Equal(0, await RetryAsync(run));
    }

    [Fact]
    public async Task An_entry_is_not_tried_before_it_is_due()
    {
        await FailAsync(Record.Application("a1"));
        Worker.Clock.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(0, await RetryAsync(await Worker.OpenAsync()));
    }

    [Fact]
    public async Task Each_retry_that_fails_doubles_the_interval_until_the_cap_parks_the_entry()
    {
        await using var worker = NewWorker(Faults, settings: [("Hokify:Ledger:MaximumRetries", "3"), ("Hokify:Ledger:FirstInterval", "00:01:00")]);
        var application = Record.Application("a1");
        await FailAsync(application);
        await Database.RefuseAsync(Worker, "a1");
        var seen = new List<(int, int, ActivityStatus, DateTimeOffset?)>();
        for (var retry = 1; retry <= 4; retry++)
        {
            Worker.Clock.Advance(TimeSpan.FromHours(1));
            var run = await worker.OpenAsync();
            var due = await worker.QueryAsync(db => worker.Ledger.DueAsync(db, run, 100, int.MaxValue, Cancel));
            var records = due.Select(entry => Record.Ready(application) with { LedgerReference = entry.ReferenceId }).ToList();
            await worker.Writer.WriteAsync(run, Record.Batch(records), Cancel);
            await worker.ConcludeAsync(run);
            var entry = await EntryAsync("a1");
            seen.Add((entry.RetryCount, entry.RetryInterval, entry.Status, entry.DueAt - entry.DateExecuted is { } wait ? DateTimeOffset.UnixEpoch + wait : null));
            Assert.Equal(retry == 3 ? 1 : 0, run.Tally.Stats[Stat.Parked]);
            Assert.Equal(retry == 4 ? "" : "CandidateProfile failed 1", Counts(run.Tally));
        }

        Assert.Equal(
            [
                (1, 120, ActivityStatus.Open, DateTimeOffset.UnixEpoch.AddSeconds(120)),
                (2, 240, ActivityStatus.Open, DateTimeOffset.UnixEpoch.AddSeconds(240)),
                (3, 240, ActivityStatus.Parked, null),
                (3, 240, ActivityStatus.Parked, null),
            ],
            seen);
        Assert.Equal(application.Payload, (await EntryAsync("a1")).Data);
    }

    [Theory]
    [InlineData(true, nameof(ActivityStatus.Closed), 0)]
    [InlineData(false, nameof(ActivityStatus.Parked), 1)]
    public async Task A_parked_record_that_an_operator_asks_for_is_tried_once_more(bool succeeds, string status, int parked)
    {
        await using var worker = NewWorker(Faults, settings: [("Hokify:Ledger:MaximumRetries", "1"), ("Hokify:Ledger:FirstInterval", "00:00:00")]);
        var application = Record.Application("a1");
        await FailAsync(application);
        await Database.RefuseAsync(Worker, "a1");
        var tried = await TryAsync();
        Assert.Equal((ActivityStatus.Parked, 0), ((await EntryAsync("a1")).Status, (await TryAsync()).Tally.Stats[Stat.Retried]));

        var records = worker.Services.GetRequiredService<WaitingChanges>();
        Assert.Equal((0, 1, 0), (await ReopenAsync(records, Guid.NewGuid()), await ReopenAsync(records, tried.RunId), await ReopenAsync(records, tried.RunId)));
        if (succeeds)
        {
            await Database.AcceptAsync(Worker);
        }

        var again = await TryAsync();
        Assert.Equal((1, parked, status), (again.Tally.Stats[Stat.Retried], again.Tally.Stats[Stat.Parked], (await EntryAsync("a1")).Status.ToString()));

        async Task<RunInProgress> TryAsync()
        {
            Worker.Clock.Advance(TimeSpan.FromHours(1));
            var run = await worker.OpenAsync();
            var due = await worker.QueryAsync(db => worker.Ledger.DueAsync(db, run, 100, int.MaxValue, Cancel));
            var records = due.Select(entry => Record.Ready(application) with { LedgerReference = entry.ReferenceId });
            await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading) with { Records = [.. records] }, Cancel);
            await worker.ConcludeAsync(run);
            return run;
        }
    }

    [Fact]
    public async Task A_good_copy_from_the_source_closes_the_entry()
    {
        await FailAsync(Record.Application("a1", version: 1));

        var tally = await ImportAsync(Record.Application("a1", version: 1));

        Assert.Equal((ActivityStatus.Closed, 0), ((await EntryAsync("a1")).Status, tally.Stats[Stat.RetriesSucceeded]));
    }

    [Fact]
    public async Task A_good_copy_after_a_rejected_one_closes_the_entry_of_the_rejected()
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("a1")), Cancel);
        Assert.Equal((ActivityStatus.Open, ActivityName.Rejected), ((await EntryAsync("a1")).Status, (await EntryAsync("a1")).Name));
        await WriteAsync(run, Record.Application("a1"));

        Assert.Equal(ActivityStatus.Closed, (await EntryAsync("a1")).Status);
        Assert.Equal("Candidate created 1, CandidateProfile created 1, CandidateProfile failed 1", Counts(run.Tally));
    }

    [Theory]
    [InlineData(0, "older and changed")]
    [InlineData(-1, "Köchin")]
    public async Task An_older_copy_does_not_close_the_entry_of_a_newer_one(int version, string name)
    {
        await ImportAsync(Record.Application("a1", version: -1));
        await FailAsync(Record.Application("a1", version: 5).Named("newer"));

        await ImportAsync(Record.Application("a1", version: version).Named(name));

        var entry = await EntryAsync("a1");
        Assert.Equal((ActivityStatus.Open, Record.Application("a1", version: 5).Payload), (entry.Status, entry.Data));
    }

    [Fact]
    public async Task An_older_copy_that_fails_as_well_does_not_take_the_place_of_the_newer_one()
    {
        var newer = Record.Application("a1", version: 5);
        await FailAsync(newer);

        var tally = await FailAsync(Record.Application("a1", version: 4));

        Assert.Equal("CandidateProfile failed 1", Counts(tally));
        var entry = await EntryAsync("a1");
        Assert.Equal((ActivityStatus.Open, newer.Payload, newer.Version), (entry.Status, entry.Data, entry.Version));
    }

    [Fact]
    public async Task A_retry_of_a_copy_that_was_overtaken_is_superseded()
    {
        var old = Record.Application("a1", version: 1).Named("old");
        await FailAsync(old);
        await ImportAsync(Record.Application("a1", version: 0).Named("first"));
        await Worker.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(p => p.Version, Record.Epoch.AddMinutes(9)), Cancel));
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Worker.OpenAsync();

        Assert.Equal(1, await RetryAsync(run, Record.Ready(old)));

        Assert.Equal(ActivityStatus.Superseded, (await EntryAsync("a1")).Status);
        Assert.Equal("first", (await ProfileAsync("a1")).Columns.Name);
        Assert.Equal(0, run.Tally.Stats[Stat.RetriesSucceeded]);
    }

    [Fact]
    public async Task What_the_ledger_has_just_tried_in_vain_is_not_counted_again_when_the_source_delivers_it()
    {
        var application = Record.Application("a1");
        await FailAsync(application);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        await Database.RefuseAsync(Worker, "a1");
        var run = await Worker.OpenAsync();

        await RetryAsync(run, Record.Ready(application));
        await WriteAsync(run, application);

        Assert.Equal("CandidateProfile failed 1", Counts(run.Tally));
        Assert.Equal(1, (await EntryAsync("a1")).RetryCount);
        Assert.Single(run.Tally.Exceptions[ElementNames.CandidateProfile]);
    }

    [Fact]
    public async Task A_newer_copy_that_arrives_after_a_retry_in_vain_counts_as_updated_and_as_nothing_else()
    {
        await ImportAsync(Record.Application("a1"));
        var broken = Record.Application("a1", version: 1).Named("refused");
        await FailAsync(broken);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Worker.OpenAsync();
        await Database.RefuseAsync(Worker, "a1");
        await RetryAsync(run, Record.Ready(broken));
        await Database.AcceptAsync(Worker);

        await WriteAsync(run, Record.Application("a1", version: 2).Named("mended"));

        Assert.Equal("Candidate unchanged 1, CandidateProfile updated 1, CandidateProfile failed 1", Counts(run.Tally));
        Assert.Equal(ActivityStatus.Closed, (await EntryAsync("a1")).Status);
    }

    [Fact]
    public async Task A_record_without_an_id_waits_under_a_hash_and_its_payload_is_entered_once()
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected(null, "[1]"), Record.Rejected(null, "[2]"), Record.Rejected(null, "[1]")), Cancel);
        await Worker.ConcludeAsync(run);
        var again = await OpenAsync();
        await Worker.Writer.WriteAsync(again, Record.Batch(Record.Rejected(null, "[1]")), Cancel);

        var entries = (await LogsAsync()).Where(l => l.Status == ActivityStatus.Open).ToList();
        Assert.Equal(["[1]", "[2]"], entries.Select(e => e.Data).Order());
        Assert.All(entries, entry => Assert.StartsWith("payload:", entry.ReferenceId, StringComparison.Ordinal));
        Assert.Equal(("CandidateProfile failed 2", "CandidateProfile failed 1"), (Counts(run.Tally), Counts(again.Tally)));
    }

    [Fact]
    public async Task Two_entries_that_turn_out_to_be_one_application_are_both_settled()
    {
        var (older, newer) = (Record.Application("a1", version: 1), Record.Application("a1", version: 2).Named("newer"));
        await FailAsync(newer);
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected(null, older.Payload)), Cancel);
        await Worker.ConcludeAsync(run);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var retry = await Worker.OpenAsync();

        Assert.Equal(2, await RetryAsync(retry, Record.Ready(older), Record.Ready(newer)));

        Assert.DoesNotContain(await LogsAsync(), l => l.Status is ActivityStatus.Open or ActivityStatus.Parked);
        Assert.Equal("newer", (await ProfileAsync("a1")).Columns.Name);
        Assert.Equal("Candidate created 1, CandidateProfile created 1", Counts(retry.Tally));
        Assert.Equal(0, await RetryAsync(retry));
    }

    [Fact]
    public async Task A_retry_that_contradicts_what_the_run_has_written_stays_in_its_own_entry_and_is_parked()
    {
        var (mine, theirs) = (Record.Application("a1", "p1", version: 1), Record.Application("a1", "p2", version: 2));
        await FailAsync(mine);
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected(null, theirs.Payload)), Cancel);
        await Worker.ConcludeAsync(run);
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var retry = await Worker.OpenAsync();

        Assert.Equal(2, await RetryAsync(retry, Record.Ready(mine), Record.Ready(theirs)));

        var entries = (await LogsAsync()).Where(l => l.Status != ActivityStatus.Done).ToList();
        Assert.Equal([ActivityStatus.Parked, ActivityStatus.Closed], entries.Select(l => l.Status).Order());
        Assert.Equal(0, await RetryAsync(retry));
    }

    [Fact]
    public async Task An_erased_person_leaves_no_trace_and_does_not_come_back()
    {
        await ImportAsync(Record.Application("a1"), Record.Application("a2"), Record.Application("b1", "p2"));
        await FailAsync(Record.Application("a3", version: 1));
        var run = await OpenAsync();

        await WriteAsync(run, Record.Application("a1", version: 2, erased: true), Record.Application("a2", version: 3));
        await WriteAsync(run, Record.Application("a3", version: 3), Record.Application("b1", "p2"));

        Assert.Equal("Candidate deleted 1, Candidate unchanged 1, CandidateProfile deleted 2, CandidateProfile unchanged 1", Counts(run.Tally));
        Assert.Equal((1, 2), (run.Tally.Stats[Stat.Erased], run.Tally.Stats[Stat.ErasedWithheld]));
        Assert.DoesNotContain(await LogsAsync(), l => l.Data is not null || l.ReferenceId is "a1" or "a2" or "a3" or "p1");
        var rows = await RowsAsync();
        Assert.DoesNotContain("Mizzi", string.Join('\n', rows.Split('\n').Where(r => !r.StartsWith("b1", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Equal(3, rows.Split('\n').Length);
    }

    [Fact]
    public async Task What_could_not_be_understood_of_an_erased_person_does_not_wait_either()
    {
        await ImportAsync(Record.Application("a0"), Record.Application("a1"));
        await RejectAsync(Record.Rejected("a0", "a broken copy"), Record.Rejected("a2", "before", "p1"), Record.Rejected("b1", "another's", "p2"));
        var run = await OpenAsync();

        await Worker.Writer.WriteAsync(
            run, Record.Batch(Record.Ready(Record.Application("a1", version: 2, erased: true)), Record.Rejected("a3", "with", "p1"), Record.Rejected("a1", "the same")), Cancel);
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("a4", "after", "p1"), Record.Rejected(null, "nameless", "p1")), Cancel);

        Assert.Equal("another's", Assert.Single(await LogsAsync(), l => l.Data is not null).Data);
        Assert.Equal((4, 0), (run.Tally.Stats[Stat.ErasedWithheld], run.Tally.Failed.Values.Sum()));
    }

    [Fact]
    public async Task An_entry_of_an_erased_person_that_is_tried_again_in_vain_leaves_the_ledger()
    {
        await RejectAsync(Record.Rejected("a2", "kept"));
        await ImportAsync(Record.Application("a1"));
        await ImportAsync(Record.Application("a1", version: 2, erased: true));
        Worker.Clock.Advance(TimeSpan.FromHours(1));
        var run = await Worker.OpenAsync();

        // Only now does a reader understand whose it is.
        Assert.Equal(1, await RetryAsync(run, Record.Rejected("a2", "kept", "p1")));

        Assert.DoesNotContain(await LogsAsync(), l => l.Data is not null);
    }

    private async Task RejectAsync(params SourceRecord[] records)
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(records), Cancel);
        await Worker.ConcludeAsync(run);
    }
}
