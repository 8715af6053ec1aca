using System.Text;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Queries;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Results;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>What imports did to each record, which is kept for a time only.</summary>
public sealed class AgedDetailsTests : AgedSetup
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Site.ConfigureAsync(Ages("RunDetails"));
    }

    [Theory]
    [InlineData(29, 2)]
    [InlineData(30, 0)]
    [InlineData(31, 0)]
    public async Task The_details_of_an_import_go_on_the_day_on_which_its_end_is_old_enough(int days, int left)
    {
        var run = await ImportAsync(Record.Application("a1"));
        Site.Worker.Clock.Advance(TimeSpan.FromDays(days));

        await RunAsync();

        Assert.Equal(left, await CountAsync(run.RunId));
        Assert.Equal(left == 0, (await RunRowAsync(run.RunId)).DetailsForgottenAt is not null);
        Assert.Equal("a1 of p1", Assert.Single(await Site.PeopleAsync()));
    }

    [Fact]
    public async Task A_request_that_comes_again_is_recognized_and_its_event_has_the_same_counts()
    {
        var run = await ImportAsync(Record.Application("a1"));
        var before = await RunRowAsync(run.RunId);
        Site.Worker.Clock.Advance(Age);
        await RunAsync();

        var again = Assert.IsType<ImportOutcome.WasCompleted>(await Site.Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel));

        Assert.Equal(before.CompletedEvent, (await RunRowAsync(run.RunId)).CompletedEvent);
        Assert.Equal(run.RunId, again.Event.RunId);
        Assert.Equal(1, again.Event.Result.CreatedCounts["CandidateProfile"]);
    }

    [Fact]
    public async Task Sentences_about_records_go_and_their_number_stays()
    {
        var run = await RejectAsync("r1", "r2");
        Assert.Equal(2, (await RunRowAsync(run.RunId)).Sentences);
        Site.Worker.Clock.Advance(Age);

        Assert.Equal("details of imports: 1 due, 1 forgotten, 0 soon, 0 held", await RunAsync());

        var row = await RunRowAsync(run.RunId);
        Assert.Null(row.Sentences);
        Assert.DoesNotContain("r1", row.Tally + row.CompletedEvent, StringComparison.Ordinal);
        var result = RunStore.EventOf(row.CompletedEvent)!.Result;
        Assert.Equal(2, result.ErrorCount);
        Assert.Equal(["Why this record could not be stored is no longer kept."], result.Exceptions["CandidateProfile"].Select(e => e.Message).Distinct());
        Assert.Equal(2, await CountAsync(run.RunId));
    }

    [Fact]
    public async Task A_file_of_such_an_import_says_so()
    {
        var (run, idle) = (await ImportAsync(Record.Application("a1")), await ImportAsync());
        var files = Site.Worker.Services.GetRequiredService<RunFiles>();
        var before = await files.VersionAsync(run.RunId, RunFileFormat.Csv, PeopleValues.Shown, Cancel);
        Site.Worker.Clock.Advance(Age);

        await RunAsync();

        Assert.Contains("What it did to each record is no longer kept, since 31.10.2026 10:00:00 +01:00; the figures are.", await CsvAsync(run.RunId), StringComparison.Ordinal);
        Assert.DoesNotContain("no longer kept", await CsvAsync(idle.RunId), StringComparison.Ordinal);
        Assert.NotEqual(before!.Tag, (await files.VersionAsync(run.RunId, RunFileFormat.Csv, PeopleValues.Shown, Cancel))!.Tag);
        var details = await Site.Worker.Services.GetRequiredService<RunQueries>().FindAsync(run.RunId, Cancel);
        Assert.Equal(Site.Worker.Clock.GetUtcNow(), details!.DetailsForgottenAt);
        Assert.Equal(1, details.Result.CreatedCounts["CandidateProfile"]);

        // Whoever looks at the application is still told that it is stored.
        var (sheet, output) = (Site.Worker.Services.GetRequiredService<RunSheet>(), new MemoryStream());
        await sheet.WriteAsync(run.RunId, PeopleValues.Shown, output, Cancel);
        Assert.Contains(Workbook.Read(output.ToArray()).Sentences, sentence => sentence.Contains("is no longer kept, so the sheet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_waits_stays_and_goes_with_the_import_that_has_stored_it()
    {
        var first = await RejectAsync("r1");
        Site.Worker.Clock.Advance(Age);
        await RunAsync();
        Assert.Equal(1, await CountAsync(first.RunId));

        var second = await ImportAsync(Record.Application("r1"));
        Assert.Equal(ActivityStatus.Closed, (await EntryAsync("r1")).Status);
        Site.Worker.Clock.Advance(Age - TimeSpan.FromTicks(1));
        Assert.Equal("details of imports: 0 due, 0 forgotten, 3 soon, 0 held", await RunAsync());
        Site.Worker.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("details of imports: 3 due, 3 forgotten, 0 soon, 0 held", await RunAsync());
        Assert.Equal((0, 0), (await CountAsync(first.RunId), await CountAsync(second.RunId)));
    }

    [Fact]
    public async Task What_an_import_has_tried_last_that_is_not_old_enough_stays_with_it()
    {
        await RejectAsync("r1");
        Site.Worker.Clock.Advance(TimeSpan.FromDays(20));
        await ImportAsync(Record.Application("r1"));
        Site.Worker.Clock.Advance(TimeSpan.FromDays(10));

        Assert.Equal("details of imports: 1 due, 1 forgotten, 3 soon, 0 held", await RunAsync());
        Assert.Equal(ActivityStatus.Closed, (await EntryAsync("r1")).Status);
    }

    [Fact]
    public async Task What_a_run_wrote_that_is_completed_late_goes_although_the_one_that_tried_it_last_is_done_with()
    {
        var late = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(late, Record.Batch(Record.Rejected("r1")), Cancel);
        await Site.Worker.Runs.InterruptAsync(late, isSentAgain: false, Cancel);
        await Site.Worker.Services.GetRequiredService<RunControl>().RequestCancellationAsync(late.RunId, Cancel);
        await ImportAsync(Record.Application("r1"));
        Site.Worker.Clock.Advance(Age);
        Assert.Equal("details of imports: 2 due, 2 forgotten, 0 soon, 0 held", await RunAsync());

        var again = Assert.IsType<ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(late.Request, mayWork: true, Cancel)).Run;
        await Site.Worker.ConcludeAsync(again);
        Site.Worker.Clock.Advance(Age);

        // Its sentence, and the row.
        Assert.Equal("details of imports: 2 due, 2 forgotten, 0 soon, 0 held", await RunAsync());
        Assert.Equal(0, await Site.Worker.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel)));
    }

    [Fact]
    public async Task An_import_that_goes_on_keeps_everything()
    {
        var run = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1")), Record.Rejected("r1")), Cancel);
        await Site.Worker.Runs.InterruptAsync(run, isSentAgain: false, Cancel);
        Site.Worker.Clock.Advance(Age * 2);

        Assert.Equal("", await RunAsync());

        var again = Assert.IsType<ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(run.Request, mayWork: true, Cancel)).Run;
        await Site.Worker.Writer.WriteAsync(again, Record.Batch(Record.Ready(Record.Application("a1")), Record.Rejected("r1"), Record.Ready(Record.Application("a2"))), Cancel);
        await Site.Worker.ConcludeAsync(again);
        Assert.Equal((2, 1), (again.Tally.Created["CandidateProfile"], again.Tally.Failed["CandidateProfile"]));
    }

    [Fact]
    public async Task What_remained_of_dropped_records_goes_as_long_after_that()
    {
        await Site.ConfigureAsync(Ages("RunDetails", "LedgerEntries"));
        await RejectAsync("r1");
        Site.Worker.Clock.Advance(Age);
        await RunAsync();
        Site.Worker.Clock.Advance(Age - TimeSpan.FromDays(1));
        Assert.Equal("details of imports: 0 due, 0 forgotten, 1 soon, 0 held", await RunAsync());

        Site.Worker.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal("details of imports: 1 due, 1 forgotten, 0 soon, 0 held", await RunAsync());
        Assert.Equal(0, await Site.Worker.QueryAsync(db => db.ActivityLogs.CountAsync(Cancel)));
    }

    [Fact]
    public async Task What_hokify_said_when_an_import_failed_goes_with_its_age()
    {
        var run = await Site.Worker.OpenAsync();
        await Site.Worker.Runs.InterruptAsync(run, isSentAgain: false, Cancel);
        await Site.Worker.QueryAsync(db => db.ImportRuns.ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, "No access for mizzi"), Cancel));
        Site.Worker.Clock.Advance(Age);

        Assert.Equal("details of imports: 1 due, 1 forgotten, 0 soon, 0 held", await RunAsync());
        Assert.Null((await RunRowAsync(run.RunId)).SourceSaid);
    }

    [Fact]
    public async Task Many_details_go_some_at_a_time_and_go_on_where_they_were_broken_off()
    {
        var run = await ImportAsync([.. Enumerable.Range(0, 700).Select(i => Record.Application($"a{i}", $"p{i}"))]);
        Site.Worker.Clock.Advance(Age);
        var commits = 0;
        var beside = new Beside(Site, () => ++commits == 3 ? throw new InvalidOperationException("The power is gone.") : Task.CompletedTask);

        await Assert.ThrowsAsync<InvalidOperationException>(() => beside.RunAsync("details of imports"));
        Assert.Equal((400, null), (await CountAsync(run.RunId), (await RunRowAsync(run.RunId)).DetailsForgottenAt));

        Assert.Equal("details of imports: 400 due, 400 forgotten, 0 soon, 0 held", await RunAsync());
        Assert.Equal(0, await CountAsync(run.RunId));
    }

    private async Task<RunInProgress> ImportAsync(params IEnumerable<HokifyMessaging.Applications.MappedApplication> applications)
    {
        var run = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(run, Record.Batch([.. applications.Select(Record.Ready)]), Cancel);
        await Site.Worker.ConcludeAsync(run);
        return run;
    }

    private Task<int> CountAsync(Guid run) => Site.Worker.QueryAsync(db => db.ActivityLogs.CountAsync(l => l.RunId == run, Cancel));

    private async Task<string> CsvAsync(Guid run)
    {
        using var output = new MemoryStream();
        await Site.Worker.Services.GetRequiredService<RunFiles>().WriteAsync(run, RunFileFormat.Csv, PeopleValues.Shown, output, Cancel);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
