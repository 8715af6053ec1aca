using HokifyMessaging.Privacy;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>What is kept for a time only.</summary>
public abstract partial class WriterSpecification
{
    private static readonly (string, string)[] Ages =
        [.. new[] { "Payloads", "LedgerEntries", "RunDetails", "ErasureRequests" }.Select(kind => ($"Hokify:Retention:{kind}", "30.00:00:00"))];

    [Fact]
    public async Task What_is_old_enough_goes_and_what_is_not_stays()
    {
        await ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"));
        await RejectAsync(Record.Rejected("r1", "of the old"));
        await EraseAsync(NamedBy.Person, "p2");
        Worker.Clock.Advance(TimeSpan.FromDays(20));
        await ImportAsync(Record.Application("a3"));
        await RejectAsync(Record.Rejected("r2", "of the new"));
        Worker.Clock.Advance(TimeSpan.FromDays(10));

        await using var worker = NewWorker(settings: Ages);
        var report = await worker.Services.GetRequiredService<RetentionJob>().RunAsync(worker.ScopeId, isDry: false, day: null, Cancel);

        Assert.Equal(
            [("payloads", 1, 1), ("records that wait", 1, 1), ("details of imports", 5, 3), ("erasure requests", 1, 0), ("ramps", 0, 0)],
            report.Counts.Select(count => (count.What, (int)count.Forgotten, (int)count.Soon)));
        Assert.Equal((null, true), ((await ProfileAsync("a1")).SourcePayload, (await ProfileAsync("a3")).SourcePayload is not null));
        Assert.Equal((ActivityStatus.Dropped, ActivityStatus.Open), ((await EntryAsync("r1")).Status, (await EntryAsync("r2")).Status));
        Assert.Equal(["a3", "r1", "r2"], (await LogsAsync()).Select(l => l.ReferenceId).Where(id => id[0] != 'p').Order(StringComparer.Ordinal));
        Assert.Equal(0, await Worker.QueryAsync(db => db.ErasureRequests.CountAsync(r => r.ScopeId == Worker.ScopeId, Cancel)));
        Assert.Equal(1, (await ImportAsync(Record.Application("a2", "p2", version: 9), Record.Application("a1"))).Stats[Stat.ErasedWithheld]);
        Assert.Null((await ProfileAsync("a1")).SourcePayload);
    }
}
