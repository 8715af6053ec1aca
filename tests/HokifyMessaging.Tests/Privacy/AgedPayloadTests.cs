using System.Text;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>Records as they were delivered, which are kept for a time only.</summary>
public sealed class AgedPayloadTests : AgedSetup
{
    [Theory]
    [InlineData(29, true)]
    [InlineData(30, false)]
    [InlineData(31, false)]
    public async Task A_payload_goes_on_the_day_on_which_it_is_old_enough(int days, bool isKept)
    {
        await Site.ImportAsync(Record.Application("a1"));
        Site.Worker.Clock.Advance(TimeSpan.FromDays(days));

        await RunAsync();

        var profile = await ProfileAsync("a1");
        Assert.Equal((isKept, isKept), (profile.SourcePayload is not null, profile.PayloadAt is not null));
        Assert.Equal(("Köchin", false), (profile.Columns.Name, profile.IsDeleted));
        Assert.NotNull(profile.SourceDigest);
    }

    [Fact]
    public async Task An_unchanged_record_is_not_written_again_because_its_payload_is_gone()
    {
        await Site.ImportAsync(Record.Application("a1"));
        Site.Worker.Clock.Advance(Age);
        await RunAsync();
        var before = await ProfileAsync("a1");

        var tally = await ImportedAsync(Record.Application("a1"));

        Assert.Equal((1, 0), (tally.Unchanged["CandidateProfile"], tally.Updated["CandidateProfile"]));
        Assert.Equivalent(before, await ProfileAsync("a1"));
        Assert.Equal("", await RunAsync());
    }

    [Fact]
    public async Task A_changed_record_brings_its_payload_which_is_kept_from_then_on()
    {
        await Site.ImportAsync(Record.Application("a1"), Record.Application("a2"));
        Site.Worker.Clock.Advance(Age);
        await RunAsync();

        // The first says something new in what has a column, the second in what has none.
        await Site.ImportAsync(Record.Application("a1", version: 1).Named("Kellnerin"), Record.Application("a2", version: 1));

        Assert.All([await ProfileAsync("a1"), await ProfileAsync("a2")], profile => Assert.Equal(Site.Worker.Clock.GetUtcNow(), profile.PayloadAt));
        Site.Worker.Clock.Advance(Age - TimeSpan.FromTicks(1));
        Assert.Contains("payloads: 0 due, 0 forgotten, 2 soon, 0 held", await RunAsync(), StringComparison.Ordinal);
        Site.Worker.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Contains("payloads: 2 due, 2 forgotten, 0 soon, 0 held", await RunAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_turn_counts_and_changes_nothing()
    {
        await Site.ImportAsync(Record.Application("a1"), Record.Application("a2"));
        await RejectAsync("r1");
        await ParkAsync("r1");
        Site.Worker.Clock.Advance(Age);
        await Site.ImportAsync(Record.Application("a3"));
        var before = await SqliteText.RowsAsync(Site.File, "SELECT Id, SourcePayload, PayloadAt FROM CandidateProfile UNION ALL SELECT Id, Data, Status FROM ActivityLog UNION ALL SELECT Id, Tally, DetailsForgottenAt FROM ImportRun");

        Assert.Equal(
            "payloads: 2 due, 0 forgotten, 1 soon, 0 held; records that wait: 1 due, 0 forgotten, 0 soon, 0 held; details of imports: 4 due, 0 forgotten, 1 soon, 0 held",
            await RunAsync(isDry: true));

        Assert.Equal(before, await SqliteText.RowsAsync(Site.File, "SELECT Id, SourcePayload, PayloadAt FROM CandidateProfile UNION ALL SELECT Id, Data, Status FROM ActivityLog UNION ALL SELECT Id, Tally, DetailsForgottenAt FROM ImportRun"));
    }

    [Fact]
    public async Task What_is_on_hold_keeps_its_payload_until_it_is_released()
    {
        await Site.ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"));
        await HoldAsync("a1");
        Site.Worker.Clock.Advance(Age);

        Assert.Contains("payloads: 1 due, 1 forgotten, 0 soon, 1 held", await RunAsync(), StringComparison.Ordinal);
        Assert.NotNull((await ProfileAsync("a1")).SourcePayload);

        await ReleaseAsync();
        Assert.Contains("payloads: 1 due, 1 forgotten, 0 soon, 0 held", await RunAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_import_has_brought_meanwhile_stays()
    {
        await Site.ImportAsync(Record.Application("a1"), Record.Application("a2", "p2"));
        Site.Worker.Clock.Advance(Age);
        var beside = new Beside(Site, () => Site.ImportAsync(Record.Application("a1", version: 1).Named("Kellnerin")));

        var counts = await beside.RunAsync("payloads");

        Assert.Equal((1, 1), (counts.Due, counts.Forgotten));
        Assert.NotNull((await ProfileAsync("a1")).SourcePayload);
        Assert.Null((await ProfileAsync("a2")).SourcePayload);
    }

    [Fact]
    public async Task What_was_broken_off_goes_on()
    {
        await Site.ImportAsync([.. Enumerable.Range(0, 1_200).Select(i => Record.Application($"a{i}"))]);
        Site.Worker.Clock.Advance(Age);
        var commits = 0;
        var beside = new Beside(Site, () => ++commits == 2 ? throw new InvalidOperationException("The power is gone.") : Task.CompletedTask);

        await Assert.ThrowsAsync<InvalidOperationException>(() => beside.RunAsync("payloads"));
        Assert.Equal(700, await Site.Worker.QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.SourcePayload != null, Cancel)));

        Assert.Contains("payloads: 700 due, 700 forgotten, 0 soon, 0 held", await RunAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await Site.Worker.QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.SourcePayload != null || p.PayloadAt != null, Cancel)));
    }

    [Fact]
    public async Task No_byte_of_a_payload_is_left_in_the_database_or_its_log()
    {
        await using var held = new SqliteConnection($"Data Source={Site.File};Pooling=False");
        await held.OpenAsync(Cancel);
        await Site.ImportAsync(Record.Application("a1") with { Payload = $$"""{"about":"{{new string('x', 9_000)}} Wolpertinger"}""" }, Record.Application("a2") with { Payload = """{"about":"Quittenstrasse"}""" });
        await RejectAsync("r1");
        await Site.Worker.QueryAsync(db => db.ActivityLogs.Where(l => l.ReferenceId == "r1").ExecuteUpdateAsync(set => set.SetProperty(l => l.Data, """{"name":"Xenokrates"}"""), Cancel));
        await ParkAsync("r1");
        Assert.Equal(["Wolpertinger", "Quittenstrasse", "Xenokrates"], Left());
        Site.Worker.Clock.Advance(Age);

        await RunAsync();

        Assert.Empty(Left());
    }

    private async Task<ImportTally> ImportedAsync(HokifyMessaging.Applications.MappedApplication application) => await Site.Worker.RunAsync(
        run => Site.Worker.Writer.WriteAsync(run, Record.Batch(Record.Ready(application)), Cancel));

    private List<string> Left() =>
        [.. new[] { "Wolpertinger", "Quittenstrasse", "Xenokrates" }.Where(mark => BytesOf(Site.File).IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0 || BytesOf($"{Site.File}-wal").IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0)];

    private static ReadOnlySpan<byte> BytesOf(string file)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
