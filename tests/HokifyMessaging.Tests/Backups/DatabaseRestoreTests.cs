using System.Security.Cryptography;
using HokifyMessaging.Applications;
using HokifyMessaging.Backups;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Backups;

/// <summary>A backup in the place of the database: what comes back, what is carried over, and when it is refused.</summary>
public sealed class DatabaseRestoreTests : IAsyncLifetime
{
    private const string PutBack = "put the key back that was kept for them, or give it as Hokify:Privacy:ErasureKey.";

    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    public async ValueTask InitializeAsync()
    {
        _site = await BackupSite.CreateAsync();
        await Site.ImportAsync(Record.Application("a1"), Record.Application("b1", "p2"), Record.Application("b2", "p2"));
    }

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task It_brings_back_what_was_and_nothing_of_what_came_since()
    {
        var backup = await Site.BackUpAsync();
        await Site.ImportAsync(Record.Application("c1", "p3"));

        var told = await Site.RestoreAsync(backup, isSure: false);
        Assert.Equal(["a1 of p1", "b1 of p2", "b2 of p2", "c1 of p3"], await Site.PeopleAsync());
        Assert.False(told.WasRestored);
        var restored = await Site.RestoreAsync(backup);

        Assert.Equal(["a1 of p1", "b1 of p2", "b2 of p2"], await Site.PeopleAsync());
        Assert.True(restored.WasRestored);
        Assert.Equal(("ok", "wal"), (await Site.FirstAsync("PRAGMA integrity_check"), await Site.FirstAsync("PRAGMA journal_mode")));
        Assert.Equal(["hokify.db", "hokify.db.migrating"], Directory.GetFiles(Path.GetDirectoryName(Site.File)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Whoever_was_erased_since_is_erased_in_the_backup_too_and_stays_out()
    {
        await Site.Worker.RunAsync(run => Site.Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("b3", "what waits of p2", "p2"), Record.Rejected("a3", "what waits of p1", "p1")), Cancel));
        var backup = await Site.BackUpAsync();
        await Site.ImportAsync(Record.Application("b1", "p2", version: 1, erased: true));

        var restored = await Site.RestoreAsync(backup);

        Assert.Equal((1, 2), (restored.Erased.People, restored.Erased.Applications));
        Assert.Equal(["a1 of p1", "erased:2 of erased:2", "erased:3 of erased:2"], await Site.PeopleAsync());
        var dump = await Site.DumpAsync();
        Assert.All(new[] { "p2@example.at", "what waits of p2", "|b1|", "|b2|", "|b3|" }, text => Assert.DoesNotContain(text, dump, StringComparison.Ordinal));
        Assert.All(new[] { "p1@example.at", "what waits of p1" }, text => Assert.Contains(text, dump, StringComparison.Ordinal));
        Assert.DoesNotContain("p2@example.at", System.Text.Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Site.File, Cancel)), StringComparison.Ordinal);

        await Site.ImportAsync(Record.Application("b1", "p2", version: 2), Record.Application("b9", "p2"));
        Assert.Equal(["a1 of p1", "erased:2 of erased:2", "erased:3 of erased:2"], await Site.PeopleAsync());
        Assert.Equal(0, (await Site.RestoreAsync(await Site.BackUpAsync("again.zip"))).Erased.People);
    }

    [Fact]
    public async Task Where_the_database_is_lost_an_exported_list_tells_who_was_erased()
    {
        var backup = await Site.BackUpAsync();
        await Site.ImportAsync(Record.Application("b1", "p2", version: 1, erased: true));
        var list = await Site.ListAsync();
        File.Delete(Site.File);
        await File.WriteAllTextAsync(Site.File + "-wal", "a log of another database", Cancel);

        var restored = await Site.RestoreAsync(backup, isSure: true, list);

        Assert.Equal((false, 1, 2), (restored.Replaced, restored.Erased.People, restored.Erased.Applications));
        Assert.Equal(["a1 of p1", "erased:2 of erased:2", "erased:3 of erased:2"], await Site.PeopleAsync());
        Assert.Equal("ok", await Site.FirstAsync("PRAGMA integrity_check"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Site.File));
        }
    }

    [Fact]
    public async Task Runs_that_subscribers_know_and_the_restored_database_does_not_are_listed()
    {
        var flying = await Site.Worker.OpenAsync("in flight");
        var backup = await Site.BackUpAsync();
        await Site.Worker.ConcludeAsync(flying);
        await Site.Worker.Runs.AnnouncedAsync([flying.RunId], Cancel);
        Site.Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        await Site.ImportAsync(Record.Application("c1", "p3"));
        Site.Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        await Site.Worker.Runs.RegisterAsync(Site.Worker.Request("asked since"), place: null, Cancel);

        var restored = await Site.RestoreAsync(backup);

        Assert.Equal(
            [(flying.RunId, (RunState?)RunState.Running, true), (Guid.Empty, null, false), (Guid.Empty, null, false)],
            restored.Runs.Select(run => (run.StateInBackup is null ? Guid.Empty : run.RunId, run.StateInBackup, run.AnnouncedAt is not null)));
        Assert.Equal("asked since", restored.Runs[^1].IdempotencyKey);
        Assert.Equal((1, 1), (restored.Scopes.Single().ScopeId, restored.Scopes.Single().Unfinished));
    }

    [Fact]
    public async Task What_was_in_flight_is_free_to_be_taken_up_and_whoever_had_it_is_out()
    {
        var flying = await Site.Worker.OpenAsync("in flight");
        var backup = await Site.BackUpAsync();
        await flying.EndSessionAsync();
        Site.Worker.Clock.Advance(TimeSpan.FromHours(2));
        var taken = Assert.IsType<HokifyMessaging.Runs.ImportOutcome.Claimed>(await Site.Worker.Runs.OpenAsync(Site.Worker.Request("in flight"), mayWork: true, Cancel));
        await Site.Worker.ConcludeAsync(taken.Run);
        var before = await Site.Worker.QueryAsync(db => db.Scopes.AsNoTracking().SingleAsync(Cancel));

        await Site.RestoreAsync(backup);

        var scope = await Site.Worker.QueryAsync(db => db.Scopes.AsNoTracking().SingleAsync(Cancel));
        Assert.True(scope.IsFree(Site.Worker.Clock.GetUtcNow()));
        Assert.True(scope.Fence > before.Fence && scope.Revision > before.Revision);
        await Assert.ThrowsAsync<HokifyMessaging.Runs.LeaseLostException>(() => Site.Worker.Transactions.RenewAsync(flying.Lease, Cancel));
        var nudge = Assert.Single(await Site.Worker.Turns.ClaimStaleAsync(isQueueEmpty: false, Cancel).ToListAsync(Cancel));
        Assert.Equal("in flight", nudge.Request.IdempotencyKey);
    }

    [Fact]
    public async Task Keys_of_links_and_sessions_those_that_were_ended_and_events_that_nobody_has_heard_are_those_of_the_replaced_database()
    {
        const string Ended = "INSERT INTO EndedSession (Id, Until) VALUES ('00000000-0000-0000-0000-00000000000{0}', '2026-01-01T00:00:00.0000000Z')";
        await Site.Worker.ExecuteAsync(Ended.Replace("{0}", "1", StringComparison.Ordinal));
        await Site.Worker.ExecuteAsync("INSERT INTO DataProtectionKey (FriendlyName, Xml) VALUES ('key-1', '<key/>'); INSERT INTO PendingEvent (Id, Event, CreatedAt) VALUES ('00000000-0000-0000-0000-000000000001', 'told since', '2026-01-01T00:00:00.0000000Z')");
        var backup = await Site.BackUpAsync();
        await Site.Worker.ExecuteAsync("DELETE FROM EndedSession; " + Ended.Replace("{0}", "2", StringComparison.Ordinal));
        await Site.Worker.ExecuteAsync("DELETE FROM PendingEvent; INSERT INTO PendingEvent (Id, Event, CreatedAt) VALUES ('00000000-0000-0000-0000-000000000002', 'not told yet', '2026-01-01T00:00:00.0000000Z')");

        await Site.RestoreAsync(backup);

        Assert.Equal(("key-1", "not told yet"), (await Site.FirstAsync("SELECT FriendlyName FROM DataProtectionKey"), await Site.FirstAsync("SELECT group_concat(Event) FROM PendingEvent")));
        Assert.EndsWith("2", await Site.FirstAsync("SELECT group_concat(Id) FROM EndedSession"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_log_goes_on_where_it_was_and_tells_of_the_restore()
    {
        const string Entry = "INSERT INTO Audit (At, Who, Machine, Action, Detail) VALUES ('2026-01-01T00:00:00.0000000Z', 'somebody', 'there', 'SetWatermark', '{0}')";
        await Site.Worker.ExecuteAsync(Entry.Replace("{0}", "before", StringComparison.Ordinal));
        var backup = await Site.BackUpAsync();
        await Site.Worker.ExecuteAsync(Entry.Replace("{0}", "since", StringComparison.Ordinal));

        await Site.RestoreAsync(backup);

        Assert.Matches("^before,since,The backup of 20.*Z\\.$", await Site.FirstAsync("SELECT group_concat(Detail) FROM (SELECT Detail FROM Audit ORDER BY Id)"));
        Assert.Equal(Environment.UserName, await Site.FirstAsync("SELECT Who FROM Audit WHERE Action = 'Restore'"));
    }

    [Fact]
    public async Task Who_has_asked_for_erasures_is_no_matter_of_the_past_and_what_still_waits_is_carried_out_first()
    {
        await Site.ImportAsync(Record.Application("a1"));
        var backup = await Site.BackUpAsync();
        await Site.Worker.ExecuteAsync(
            "INSERT INTO ErasureRequest (Id, ScopeId, Who, Machine, CreatedAt, State, Asked, Candidates, Entries, People, Applications, Waiting, Runs) "
            + "VALUES ('019C60A5-7C00-7000-8000-5A64ED47E597', 1, 'operator', 'desk', '2026-02-14T15:02:42.0000000Z', 'Waiting', x'00', '[1]', '[]', 0, 0, 0, 0)");

        Assert.Equal(
            "In scope 1 erasures wait to be carried out (1): start 'hokify serve', which does that, and stop it before you restore. Nothing was changed.", await Site.RefusalAsync(backup));
        await Site.Worker.ExecuteAsync("UPDATE ErasureRequest SET State = 'Done', CompletedAt = '2026-02-14T15:03:42.0000000Z'");
        await Site.RestoreAsync(backup);

        Assert.Equal("operator", await Site.FirstAsync("SELECT Who FROM ErasureRequest WHERE State = 'Done'"));
    }

    [Fact]
    public async Task What_was_forgotten_in_time_since_is_forgotten_in_the_backup_too_and_the_person_stays()
    {
        await Site.ConfigureAsync(KeyValuePair.Create("Hokify:Scopes:1:Retention:Preset", (string?)"Austria"));
        await Site.ImportAsync(Received("c1", -9), Received("c2", -1));
        var backup = await Site.BackUpAsync();
        await Site.Worker.Services.GetRequiredService<RetentionJob>().RunAsync(1, isDry: false, day: null, Cancel);

        await Site.RestoreAsync(backup);

        Assert.Equal(["a1 of p1", "b1 of p2", "b2 of p2", "erased:4 of p3", "c2 of p3"], await Site.PeopleAsync());
        await Site.ImportAsync(Received("c1", -9), Received("c3", 0));
        Assert.Equal(["erased:4 of p3", "c2 of p3", "c3 of p3"], (await Site.PeopleAsync())[3..]);
    }

    [Fact]
    public async Task Holds_and_the_erasures_that_they_defer_are_no_matter_of_the_past()
    {
        var backup = await Site.BackUpAsync();
        var services = Site.Worker.Services;
        foreach (var person in new[] { "p1", "p2" })
        {
            var found = await services.GetRequiredService<PeopleFinder>().FindAsync(1, new NamedPerson(NamedBy.Person, person), Cancel);
            await services.GetRequiredService<LegalHolds>().PlaceAsync(found, new ErasureAsker("karin", "office", "2026/17"), null, Cancel);
            var asked = await services.GetRequiredService<ErasureRequests>().AskAsync(found, found.People, new ErasureAsker("karin", "office", null), Cancel);
            Assert.Equal(ErasureState.Deferred, (await services.GetRequiredService<PeopleErasure>().CarryOutAsync(asked.Request.Id, Cancel)).State);
        }

        await Site.RestoreAsync(backup);

        services = Site.Worker.Services;
        var holds = await services.GetRequiredService<LegalHolds>().ListAsync(null, all: false, Cancel);
        Assert.Equal([1, 1], holds.Select(hold => hold.People));
        await services.GetRequiredService<PeopleErasure>().CarryOutWaitingAsync(null, Cancel, again: true);
        Assert.Equal(["a1 of p1", "b1 of p2", "b2 of p2"], await Site.PeopleAsync());
        foreach (var hold in holds)
        {
            await services.GetRequiredService<LegalHolds>().ReleaseAsync(hold.Id, null, new ErasureAsker("karin", "office", null), Cancel);
        }

        await services.GetRequiredService<PeopleErasure>().CarryOutWaitingAsync(null, Cancel);
        Assert.All(await Site.PeopleAsync(), one => Assert.StartsWith("erased:", one, StringComparison.Ordinal));
    }

    private MappedApplication Received(string id, int months)
    {
        var profile = new ProfileColumns { Name = "Köchin", DatePublish = Site.Worker.Clock.GetUtcNow().AddMonths(months) };
        return Record.Application(id, "p3") with { Profile = profile, ProfileHash = ContentHash.Of(profile) };
    }

    [Fact]
    public async Task A_database_with_pages_of_another_size_is_replaced_all_the_same()
    {
        var backup = await Site.BackUpAsync();
        await Site.ImportAsync(Record.Application("c1", "p3"));
        await Site.FirstAsync("PRAGMA journal_mode = DELETE");
        await Site.Worker.ExecuteAsync("PRAGMA page_size = 8192");
        await using (var connection = new SqliteConnection($"Data Source={Site.File};Pooling=False"))
        {
            await connection.OpenAsync(Cancel);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA page_size = 8192; VACUUM; PRAGMA journal_mode = WAL";
            await command.ExecuteNonQueryAsync(Cancel);
        }

        Assert.Equal("8192", await Site.FirstAsync("PRAGMA page_size"));
        await Site.RestoreAsync(backup);

        Assert.Equal(["a1 of p1", "b1 of p2", "b2 of p2"], await Site.PeopleAsync());
        Assert.Equal(("ok", "wal"), (await Site.FirstAsync("PRAGMA integrity_check"), await Site.FirstAsync("PRAGMA journal_mode")));
    }

    [Fact]
    public async Task It_is_refused_while_somebody_works_on_a_scope_or_has_the_database_open()
    {
        var backup = await Site.BackUpAsync();
        var run = await Site.Worker.OpenAsync("at work");
        var before = await Site.DumpAsync();

        Assert.Matches($"^Scope 1 is being worked on, on run {run.RunId} \\(by .*, until .*Z unless that is renewed\\): stop 'hokify serve' and .*, or wait until then\\. Nothing was changed\\.$", await Site.RefusalAsync(backup));
        Assert.Single((await Site.RestoreAsync(backup, isSure: false)).AtWork);
        Assert.Equal(before, await Site.DumpAsync());

        await Site.Worker.ConcludeAsync(run);
        before = await Site.DumpAsync();
        await using (var idle = new SqliteConnection($"Data Source={Site.File};Pooling=False"))
        {
            await idle.OpenAsync(Cancel);
            await using var command = idle.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM Scope";
            await command.ExecuteScalarAsync(Cancel);
            Assert.Equal($"The database file {Site.File} is open in another process; stop 'hokify serve' and whatever else uses it, and restore again. Nothing was changed.", await Site.RefusalAsync(backup));
        }

        Assert.Equal(before, await Site.DumpAsync());
        Assert.True((await Site.RestoreAsync(backup)).WasRestored);
    }

    [Fact]
    public async Task A_key_that_belongs_to_another_database_is_refused()
    {
        var backup = await Site.BackUpAsync();
        await Site.ConfigureAsync(new KeyValuePair<string, string?>("Hokify:Privacy:ErasureKey", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));

        Assert.Equal($"Hokify:Privacy:ErasureKey is not the erasure key that belongs to the backup {backup}, and would forget who was erased; {PutBack}", await Site.RefusalAsync(backup));

        await Site.ConfigureAsync(new KeyValuePair<string, string?>("Hokify:Privacy:ErasureKey", ""));
        await Site.Worker.ExecuteAsync("INSERT INTO ErasedKey (ScopeId, Hash, ErasedAt) VALUES (1, x'00', '2026-01-01T00:00:00.0000000Z')");
        Assert.Equal($"The erasure key {Site.File}.erasure-key is missing, and only with it the people who were erased can be told from others; {PutBack}", await Site.RefusalAsync(backup));
        Assert.False(File.Exists($"{Site.File}.erasure-key"));
    }

    [Fact]
    public async Task A_list_or_a_database_of_another_key_is_refused()
    {
        var backup = await Site.BackUpAsync();
        var list = new ErasureList("erasures.json", new string('0', 64), [new RememberedErasure(1, new byte[32], Record.Epoch)]);

        Assert.Equal($"erasures.json was made with another erasure key than Hokify:Privacy:ErasureKey, so that nobody can be recognized by it; {PutBack}", await Site.RefusalAsync(backup, list));

        await Site.Worker.ExecuteAsync($"UPDATE ErasedKey SET Hash = x'0102' WHERE ScopeId = {ErasedKey.OfNobody}; INSERT INTO ErasedKey (ScopeId, Hash, ErasedAt) VALUES (1, x'00', '2026-01-01T00:00:00.0000000Z')");
        Assert.StartsWith("Hokify:Privacy:ErasureKey is not the erasure key that belongs to the database that would be replaced", await Site.RefusalAsync(backup), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_another_version_is_refused_with_the_version_that_restores_it()
    {
        await Site.Worker.ExecuteAsync("INSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion) VALUES ('20991231235959_Tomorrow', '99.0.0')");
        var backup = await Site.BackUpAsync();
        await Site.Worker.ExecuteAsync("DELETE FROM __EFMigrationsHistory WHERE MigrationId LIKE '2099%'");
        var before = await Site.DumpAsync();

        var refused = await Site.RefusalAsync(backup);

        Assert.Matches("has the schema of another version \\(its newest migration is 20991231235959_Tomorrow, that of this version [0-9]+_Initial\\): restore it with hokify [0-9.]+, which made it, and upgrade then\\.$", refused);
        Assert.Equal(before, await Site.DumpAsync());
    }

    [Theory]
    [InlineData("not a database, but somebody's text, and longer than the header of a database, which has a hundred bytes")]
    [InlineData("short")]
    public async Task What_cannot_be_read_is_not_thrown_away(string content)
    {
        var backup = await Site.BackUpAsync();
        await File.WriteAllTextAsync(Site.File, content, Cancel);

        Assert.StartsWith($"The database file {Site.File}, which the backup would replace, cannot be read (", await Site.RefusalAsync(backup), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(Site.File, Cancel));
        Assert.False(File.Exists(Site.File + DatabaseRestore.Prepared));
    }

    [Fact]
    public async Task A_damaged_database_is_not_backed_up()
    {
        await Site.ImportAsync(Enumerable.Range(0, 300).Select(i => Record.Application($"d{i}", $"q{i}")));
        await Site.FirstAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        var bytes = await File.ReadAllBytesAsync(Site.File, Cancel);
        Array.Fill(bytes, (byte)0xA5, bytes.Length / 2, 8192);
        await File.WriteAllBytesAsync(Site.File, bytes, Cancel);

        await Assert.ThrowsAnyAsync<Exception>(() => Site.BackUpAsync());

        Assert.All(Directory.GetFiles(Site.BackupFolder), file => Assert.Equal(0, new FileInfo(file).Length));
    }
}
