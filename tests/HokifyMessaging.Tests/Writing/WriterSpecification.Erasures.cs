using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What goes with an erased person, and what stays.</summary>
public abstract partial class WriterSpecification
{
    [Fact]
    public async Task More_erasures_than_a_statement_has_room_for_leave_nothing_of_anybody()
    {
        var people = Enumerable.Range(0, 1200).ToList();
        await ImportAsync(people.Select(i => Record.Application($"a{i}", $"p{i}")).Append(Record.Application("b", "q")));

        var tally = await ImportAsync(people.Select(i => Record.Application($"a{i}", $"p{i}", version: 1, erased: true)));

        Assert.Equal("Candidate deleted 1200, CandidateProfile deleted 1200", Counts(tally));
        Assert.Equal(1200, tally.Stats[Stat.Erased]);
        Assert.Equal("b 'Köchin' 2026-03-01T08:00:00.0000000+00:00 of q 'Mizzi Muster'", Assert.Single((await RowsAsync()).Split('\n'), row => !row.Contains("erased:", StringComparison.Ordinal)));
        Assert.Equal(["b", "erased", "q"], (await LogsAsync()).Select(l => l.ReferenceId).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(1200, (await ImportAsync(people.Select(i => Record.Application($"a{i}", $"p{i}", version: 2, erased: true)))).Stats[Stat.ErasedWithheld]);
    }

    [Fact]
    public async Task Of_several_applications_of_one_person_that_are_erased_in_a_row_the_first_takes_the_others_along()
    {
        await ImportAsync(Record.Application("a1"), Record.Application("a2"), Record.Application("b1", "p2"));

        var tally = await ImportAsync(
            Record.Application("a1", version: 1, erased: true), Record.Application("a2", version: 1, erased: true), Record.Application("a3", version: 1, erased: true), Record.Application("b1", "p2", version: 1, erased: true));

        Assert.Equal("Candidate deleted 2, CandidateProfile deleted 3", Counts(tally));
        Assert.Equal((2, 2), (tally.Stats[Stat.Erased], tally.Stats[Stat.ErasedWithheld]));
    }

    [Fact]
    public async Task A_copy_that_contradicts_waits_although_whoever_said_the_same_was_erased_before_it_in_its_batch()
    {
        var tally = await ImportAsync(
            Record.Application("a4", "p0"), Record.Application("a4", "p3"), Record.Application("a3", "p3", erased: true), Record.Application("a2", "p0"), Record.Application("a4", "p1"));

        Assert.Equal("p1", Assert.Single(await LogsAsync(), l => l.Status == ActivityStatus.Parked).PersonReferenceId);
        Assert.Equal((2, 0), (tally.Stats[Stat.Rejected], tally.Stats[Stat.Duplicates]));
    }

    [Fact]
    public async Task The_same_ids_in_another_scope_are_somebody_else()
    {
        await using var other = NewWorker(scopeId: Worker.ScopeId + 1);
        await other.RunAsync(run => other.Writer.WriteAsync(run, Record.Batch(Record.Ready(Record.Application("a1")), Record.Rejected("a2", "theirs", "p1")), Cancel));
        var (rows, logs) = (await RowsAsync(other.ScopeId), await LogsOfAsync(other));
        await ImportAsync(Record.Application("a1"));
        await RejectAsync(Record.Rejected("a2", "mine", "p1"));

        await ImportAsync(Record.Application("a1", version: 1, erased: true));

        Assert.Equal((rows, logs), (await RowsAsync(other.ScopeId), await LogsOfAsync(other)));
        Assert.DoesNotContain("p1", await RowsAsync(), StringComparison.Ordinal);

        static Task<string> LogsOfAsync(ImportWorker worker) => worker.QueryAsync(async db => string.Join('\n', await db.ActivityLogs
            .Where(l => l.ScopeId == worker.ScopeId).OrderBy(l => l.Id).Select(l => $"{l.Status} {l.ElementName} {l.ReferenceId} {l.PersonReferenceId} {l.ElementDisplayName} {l.Data}").ToListAsync(Cancel)));
    }

    [Fact]
    public async Task What_has_left_the_ledger_no_longer_says_whose_it_was()
    {
        await RejectAsync(Record.Rejected("a1", "of an application", "p1"), Rejected("a2", "of a person", "p1"), Record.Rejected("a3", "of nobody who is named"), Record.Rejected("b1", "of another", "p2"));
        await ImportAsync(Record.Application("a1"), Record.Application("a2"), Record.Application("a3"), Record.Application("b1", "p2"));

        // An entry that was closed without a row.
        await Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.ScopeId == Worker.ScopeId && l.ReferenceId == "a3" && l.LastRunId != null)
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.ElementId, (long?)null), Cancel));
        Assert.Equal(4, (await LogsAsync()).Count(l => l.Status == ActivityStatus.Closed));

        await ImportAsync(Record.Application("a1", version: 1, erased: true));

        var closed = (await LogsAsync()).Where(l => l.Status == ActivityStatus.Closed).Select(l => $"{l.ReferenceId} of {l.PersonReferenceId}").Order(StringComparer.Ordinal);
        Assert.Equal(["b1 of p2", "erased of ", "erased of ", "erased of "], closed);
    }

    [Fact]
    public async Task An_entry_about_a_person_is_closed_with_the_row_of_the_person()
    {
        await ImportAsync(Record.Application("b1", "p2"), Record.Application("b2", "p2"));
        await RejectAsync(Rejected("a1", "of a person", "p1"), Record.Rejected("a2", "of an application", "p1"));

        await ImportAsync(Record.Application("a1"), Record.Application("a2"));

        var entries = (await LogsAsync()).Where(l => l.Status == ActivityStatus.Closed).ToDictionary(l => l.ReferenceId, l => l.ElementId);
        Assert.Equal(((await ProfileAsync("a1")).CandidateId, (await ProfileAsync("a2")).Id), (entries["a1"], entries["a2"]));
    }

    [Fact]
    public async Task What_the_source_said_of_a_run_goes_with_anybody_in_its_scope()
    {
        await ImportAsync(Record.Application("a1"));
        await Worker.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == Worker.ScopeId).ExecuteUpdateAsync(set => set.SetProperty(r => r.SourceSaid, "No access for mizzi"), Cancel));

        await ImportAsync(Record.Application("a1", version: 1, erased: true));

        Assert.Equal(0, await Worker.QueryAsync(db => db.ImportRuns.CountAsync(r => r.ScopeId == Worker.ScopeId && r.SourceSaid != null, Cancel)));
    }

    /// <summary>A record in which a field of the person is at fault.</summary>
    private static SourceRecord Rejected(string id, string payload, string person) => Record.Of(
        new Rejection(ElementNames.Candidate, "page 1, item 1", new ApplicationId(id), "birthday", FailureCause.BadDate, "is not a date", payload) { Person = new PersonId(person) });
}
