using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>The ids of erased people in what imports have kept and announced.</summary>
public abstract partial class WriterSpecification
{
    [Theory]
    [InlineData("hokify")]
    [InlineData("list")]
    [InlineData("request")]
    public async Task The_sentences_of_earlier_runs_no_longer_name_the_erased_and_go_on_naming_others(string way)
    {
        await ImportAsync(Record.Application("a1"));
        await RejectAsync(Record.Rejected("a2", "{}", "p1"), Record.Rejected("a22", "{}", "p2"), Record.Rejected("x-a2", "{}", "p2"));
        await Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.ScopeId == Worker.ScopeId && l.ReferenceId == "a2")
            .ExecuteUpdateAsync(set => set.SetProperty(l => l.Status, ActivityStatus.Closed).SetProperty(l => l.Data, (string?)null), Cancel));
        var before = await FailedRunAsync();
        Assert.Equal("a2 a22 x-a2", NamedIn(before.CompletedEvent!));

        await EraseByAsync(way);

        var after = await FailedRunAsync();
        Assert.Equal(("a22 erased x-a2", "a22 erased x-a2"), (NamedIn(after.CompletedEvent!), NamedIn(after.Tally)));
        Assert.Equal(RunStore.EventOf(before.CompletedEvent)!.Result.StatsCounter, RunStore.EventOf(after.CompletedEvent)!.Result.StatsCounter);
        Assert.Equal(ImportTally.FromJson(before.Tally).Failed, ImportTally.FromJson(after.Tally).Failed);
        Assert.Equal(
            "page 1, item 1, application erased: datematch is not a date; expected is ISO 8601.", Assert.Single(await LogsAsync(), l => l.Status == ActivityStatus.Closed).ResultData);
    }

    [Fact]
    public async Task A_run_that_has_named_somebody_and_then_hears_of_the_erasure_announces_no_id()
    {
        var run = await OpenAsync();
        await Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("a2", "{}", "p1"), Record.Rejected("b2", "{}", "p2")), Cancel);

        await WriteAsync(run, Record.Application("a1", version: 1, erased: true));
        await WriteAsync(run, Record.Application("c1", "p3"));
        var completed = await Worker.ConcludeAsync(run);

        Assert.Equal("b2 erased", NamedIn(RunStore.TextOf(completed)));
        Assert.Equal("b2 erased", NamedIn((await RunRowAsync(run.RunId)).Tally));
    }

    [Fact]
    public async Task An_application_that_only_a_broken_copy_gave_to_the_erased_goes_on_being_named()
    {
        await ImportAsync(Record.Application("a4", "p0"), Record.Application("a1"));
        await RejectAsync(Record.Rejected("a4", "{}", "p1"));

        await EraseAsync(NamedBy.Person, "p1");

        Assert.Equal("a4", NamedIn((await FailedRunAsync()).CompletedEvent!));
    }

    [Fact]
    public async Task Runs_of_other_scopes_go_on_naming_whoever_has_the_same_id_there()
    {
        await using var other = NewWorker(scopeId: Worker.ScopeId + 1);
        await other.RunAsync(run => other.Writer.WriteAsync(run, Record.Batch(Record.Rejected("a1", "{}", "p1")), Cancel));
        await ImportAsync(Record.Application("a1"));

        await EraseAsync(NamedBy.Person, "p1");

        Assert.Equal("a1", NamedIn(await other.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == other.ScopeId).Select(r => r.CompletedEvent!).SingleAsync(Cancel))));
    }

    private Task<ImportRun> FailedRunAsync() => Worker.QueryAsync(db => db.ImportRuns.AsNoTracking().SingleAsync(r => r.ScopeId == Worker.ScopeId && r.Sentences != null, Cancel));

    private async Task EraseByAsync(string way)
    {
        switch (way)
        {
            case "hokify":
                await ImportAsync(Record.Application("a1", version: 1, erased: true));
                break;
            case "list":
                await TellAsync((Secret.Hash(Worker.ScopeId, "person", "p1"), Record.Epoch));
                break;
            default:
                await EraseAsync(NamedBy.Person, "p1");
                break;
        }
    }

    /// <summary>The ids that stand behind the word in a text: <c>a2 a22</c>.</summary>
    private static string NamedIn(string text) =>
        string.Join(' ', text.Split("application ").Skip(1).Select(part => part[..part.IndexOf(':', StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal));
}
