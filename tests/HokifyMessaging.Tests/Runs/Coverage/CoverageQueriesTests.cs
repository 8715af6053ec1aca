using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Runs.Coverage;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Runs.Coverage;

/// <summary>What runs leave behind of what they have read.</summary>
public sealed class CoverageQueriesTests : IAsyncLifetime
{
    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    private CoverageQueries Coverage => Site.Worker.Services.GetRequiredService<CoverageQueries>();

    public async ValueTask InitializeAsync() => _site = await BackupSite.CreateAsync();

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task A_read_that_was_cut_off_is_a_hole_until_a_later_one_reaches_the_end()
    {
        var cut = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(cut, ImportStep.To(RunPhase.Reading), Cancel);
        await Site.Worker.Writer.WriteAsync(cut, new ImportStep(new RunPosition(RunPhase.Reading, null)) { Marks = [RecordKeys.Incomplete] }, Cancel);
        await Site.Worker.ConcludeAsync(cut);

        Assert.Equal([(SpanState.Hole, HoleWhy.CutOff, cut.RunId)], (await SpansAsync()).Select(span => (span.State, span.Why!.Value, span.RunId!.Value)));

        Site.Worker.Clock.Advance(TimeSpan.FromHours(2));
        var whole = await Site.Worker.OpenAsync();
        await Site.Worker.ConcludeAsync(whole);

        Assert.Equal([SpanState.Read], (await SpansAsync()).Select(span => span.State));
        Assert.Equal((cut.RunId, whole.RunId), (await Coverage.OfAsync(1, Cancel)).Closed.Select(closed => (closed.RunId!.Value, closed.ClosedBy)).Single());
    }

    [Fact]
    public async Task A_dry_run_reads_nothing_that_counts()
    {
        await Site.Worker.ConcludeAsync(await Site.Worker.OpenAsync(dryRun: true));

        Assert.Equal([SpanState.NotYet], (await SpansAsync()).Select(span => span.State));
    }

    [Fact]
    public async Task What_is_left_out_by_hand_stays_a_hole_until_it_is_asked_for()
    {
        await Site.Worker.ConcludeAsync(await Site.Worker.OpenAsync());
        var read = Site.Worker.Clock.GetUtcNow();
        Site.Worker.Clock.Advance(TimeSpan.FromDays(3));
        await Site.Worker.Services.GetRequiredService<ScopeControl>().SetWatermarkAsync(1, read.AddDays(2), isSure: true, Cancel);
        await Site.Worker.ConcludeAsync(await Site.Worker.OpenAsync(mode: ImportMode.Incremental));

        var hole = Assert.Single((await Coverage.OfAsync(1, Cancel)).Holes);
        Assert.Equal((read, HoleWhy.MovedByHand), (hole.From, hole.Why));

        var request = Coverage.RequestFor(1, hole.From, read.AddDays(3));
        Assert.Equal((ImportMode.Incremental, (read - DateTimeOffset.UnixEpoch - TimeSpan.FromHours(1)).TotalSeconds), (request.ImportMode, (double)request.UnixSecondsFrom!.Value));
        ImportRequestCheck.Require(request with { IdempotencyKey = "again" }, Site.Worker.Clock.GetUtcNow());
        var asked = ImportRequest.From(request, "again", [1], Site.Worker.Clock.GetUtcNow());
        await Site.Worker.ConcludeAsync(Assert.IsType<ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(asked, mayWork: true, Cancel)).Run);

        Assert.Equal([SpanState.Read], (await SpansAsync()).Select(span => span.State));
        Assert.Equal((null, (DateTimeOffset?)null), await Site.Worker.QueryAsync(db => db.Scopes.Select(s => new ValueTuple<DateTimeOffset?, DateTimeOffset?>(s.SkippedFrom, s.SkippedTo)).SingleAsync(Cancel)));
    }

    [Fact]
    public async Task What_was_never_read_is_read_from_the_beginning_with_a_watermark_and_without()
    {
        Assert.Null(Coverage.RequestFor(1, null, null).UnixSecondsFrom);
        await Site.Worker.Services.GetRequiredService<ScopeControl>().SetWatermarkAsync(1, Site.Worker.Clock.GetUtcNow().AddDays(-1), isSure: true, Cancel);
        Assert.Equal((null, HoleWhy.MovedByHand), (await Coverage.OfAsync(1, Cancel)).Holes.Select(hole => (hole.From, hole.Why!.Value)).Single());

        var request = ImportRequest.From(Coverage.RequestFor(1, null, Site.Worker.Clock.GetUtcNow()), "again", [1], Site.Worker.Clock.GetUtcNow());
        await Site.Worker.ConcludeAsync(Assert.IsType<ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(request, mayWork: true, Cancel)).Run);

        Assert.Equal([SpanState.Read], (await SpansAsync()).Select(span => span.State));
    }

    /// <summary>Without the last moment, which nothing has read yet.</summary>
    private async Task<IEnumerable<CoverageSpan>> SpansAsync()
    {
        var spans = (await Coverage.OfAsync(1, Cancel)).Spans;
        return spans.Count > 1 && spans[^1].State == SpanState.NotYet ? spans.SkipLast(1) : spans;
    }
}
