using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Backups;
using HokifyMessaging.Privacy;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Backups;
using HokifyMessaging.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Privacy;

/// <summary>What is left of the erased in the bytes of a SQLite database, of its write-ahead log, and in whatever comes back.</summary>
public sealed class ErasedFilesTests : IAsyncLifetime
{
    /// <summary>Each stands in another place of the person's data, and in nothing else.</summary>
    private static readonly string[] Marks = ["Zyxomir", "zyxomir-markiert", "Quittenstrasse", "Wolpertinger", "Xenokrates", "markiert-a1", "markiert-a2", "markiert-a3", "markiert-p1"];

    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    public async ValueTask InitializeAsync() => _site = await BackupSite.CreateAsync();

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Theory]
    [InlineData("hokify")]
    [InlineData("list")]
    [InlineData("request")]
    public async Task No_byte_of_the_erased_is_left_in_the_database_or_its_log(string way)
    {
        await using var held = await HoldOpenAsync();
        await ImportMarkedAsync();
        Assert.Equal(Marks.Order(StringComparer.Ordinal), LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")).Order(StringComparer.Ordinal));

        await EraseAsync(way);

        Assert.Empty(LeftIn(Site.File));
        Assert.Empty(LeftIn($"{Site.File}-wal"));
        Assert.Contains("Nachbar", Encoding.UTF8.GetString(await File.ReadAllBytesAsync(Site.File, Cancel)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_somebody_reads_the_log_is_left_to_the_next_look()
    {
        await ImportMarkedAsync();
        await using (var held = await HoldOpenAsync())
        {
            await using var reading = held.BeginTransaction(deferred: true);
            await using var look = held.CreateCommand();
            look.CommandText = "SELECT COUNT(*) FROM Candidate";
            await look.ExecuteScalarAsync(Cancel);

            await EraseAsync("request");
            Assert.NotEmpty(LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")));
        }

        await using var open = await HoldOpenAsync();
        await Site.Worker.Services.GetRequiredService<WriteAheadLog>().EmptyOwedAsync(Cancel);
        Assert.Empty(LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")));
    }

    [Fact]
    public async Task What_was_left_between_rows_goes_when_the_file_is_written_anew_which_it_is_once_for_each_erasure()
    {
        var rewrite = Site.Worker.Services.GetRequiredService<SqliteRewrite>();
        await ImportMarkedAsync();
        await LeaveCopyAsync("markiert-p1");
        Assert.Equal(RewriteOutcome.NotOwed, await rewrite.RewriteAsync(Cancel));

        await EraseAsync("request");
        Assert.Equal(["markiert-p1"], LeftIn(Site.File));

        Assert.Equal(RewriteOutcome.Done, await rewrite.RewriteAsync(Cancel));
        Assert.Empty(LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")));
        Assert.Equal(RewriteOutcome.NotOwed, await rewrite.RewriteAsync(Cancel));
    }

    [Fact]
    public async Task The_daily_job_has_it_written_anew_when_its_time_has_come_and_not_before()
    {
        await ImportMarkedAsync();
        await LeaveCopyAsync("markiert-p1");
        var job = Site.Worker.Services.GetRequiredService<RetentionJob>();
        Assert.Empty(await job.RunDueAsync(Cancel));
        await EraseAsync("request");

        Site.Worker.Clock.SetUtcNow(job.Schedule.Next(Site.Worker.Clock.GetUtcNow()).AddSeconds(-1));
        Assert.Empty(await job.RunDueAsync(Cancel));
        Assert.Equal(["markiert-p1"], LeftIn(Site.File));

        Site.Worker.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await job.RunDueAsync(Cancel));
        Assert.Empty(LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")));
    }

    [Fact]
    public async Task What_keeps_it_from_being_written_anew_is_told_and_it_is_tried_again()
    {
        await ImportMarkedAsync();
        await LeaveCopyAsync("markiert-p1");
        await EraseAsync("request");
        await Site.ConfigureAsync(new KeyValuePair<string, string?>("Database:CommandTimeout", "00:00:01"));
        var job = Site.Worker.Services.GetRequiredService<RetentionJob>();
        await using (var other = await HoldOpenAsync())
        {
            await using var writing = other.BeginTransaction(deferred: false);

            Assert.StartsWith("the database file, in which somebody was erased, cannot be written anew: ", Assert.Single(await job.RunDueAsync(Cancel)), StringComparison.Ordinal);
        }

        Assert.Empty(await job.RunDueAsync(Cancel));
        Assert.Empty(LeftIn(Site.File));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_left_as_it_is_until_it_may_be_larger()
    {
        await Site.ConfigureAsync(new KeyValuePair<string, string?>("Database:LargestRewrite", "4096"));
        await ImportMarkedAsync();
        await LeaveCopyAsync("markiert-p1");
        await EraseAsync("request");

        Assert.Equal(RewriteOutcome.TooLarge, await Site.Worker.Services.GetRequiredService<SqliteRewrite>().RewriteAsync(Cancel));
        Assert.Equal(["markiert-p1"], LeftIn(Site.File));

        await Site.ConfigureAsync();
        Assert.Equal(RewriteOutcome.Done, await Site.Worker.Services.GetRequiredService<SqliteRewrite>().RewriteAsync(Cancel));
        Assert.Empty(LeftIn(Site.File));
    }

    [Fact]
    public async Task What_a_restored_database_had_of_the_erased_is_not_left_between_its_rows_either()
    {
        // Of so many of such different lengths SQLite moves some while others are deleted.
        var random = new Random(17);
        await ImportMarkedAsync();
        await Site.Worker.QueryAsync(async db =>
        {
            var run = await db.ImportRuns.FirstAsync(Cancel);
            db.AddRange(Enumerable.Range(1, 400).Select(number => new PlanEntry
            {
                RunId = run.Id,
                Number = number,
                ScopeId = 1,
                Kind = PlannedChange.Created,
                ElementName = ElementNames.CandidateProfile,
                ReferenceId = $"{(number % 3 == 0 ? "markiert-a1" : "nachbar-1")}x{number}",
                PersonReferenceId = number % 3 == 0 ? "markiert-p1" : "nachbar",
                Hash = new byte[PlanEntry.HashLength],
                Payload = $"{(number % 3 == 0 ? "Wolpertinger" : "Nachbar")}{new string('x', random.Next(1_500))}",
            }));
            return await db.SaveChangesAsync(Cancel);
        });
        var backup = await Site.BackUpAsync();
        await EraseAsync("request");

        await Site.RestoreAsync(backup);

        Assert.Empty(LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")));
    }

    [Fact]
    public async Task A_backup_from_before_the_erasure_brings_nobody_back()
    {
        await ImportMarkedAsync();
        var backup = await Site.BackUpAsync();
        await EraseAsync("request");

        var restored = await Site.RestoreAsync(backup);

        Assert.Equal((1, 2), (restored.Erased!.People, restored.Erased.Applications));
        Assert.Empty(LeftIn(Site.File).Union(LeftIn($"{Site.File}-wal")));
        Assert.Equal(["nachbar-1 of nachbar"], (await Site.PeopleAsync()).Where(person => !person.StartsWith("erased:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_request_that_was_stored_and_not_carried_out_is_carried_out_once_by_whoever_comes_next()
    {
        await ImportMarkedAsync();
        var asked = await AskAsync();
        await Site.ConfigureAsync();
        var erasure = Site.Worker.Services.GetRequiredService<PeopleErasure>();

        await erasure.CarryOutWaitingAsync(scopeId: null, Cancel);
        var before = await Site.DumpAsync();
        await erasure.CarryOutWaitingAsync(scopeId: null, Cancel);

        Assert.Equal(before, await Site.DumpAsync());
        var done = await Site.Worker.Services.GetRequiredService<ErasureRequests>().FindAsync(asked.Request.Id, scopeIds: null, Cancel);
        Assert.Equal((ErasureState.Done, 1, 2, 1), (done!.State, done.People, done.Applications, done.Waiting));
        Assert.DoesNotContain(Marks, mark => before.Contains(mark, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Somebody else's connection: without one the log would go with the last that closes.</summary>
    private async Task<SqliteConnection> HoldOpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={Site.File};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM Scope";
        await command.ExecuteScalarAsync(Cancel);
        return connection;
    }

    private async Task ImportMarkedAsync()
    {
        var person = new CandidateColumns { DisplayName = "Zyxomir", Email = "zyxomir-markiert@example.at", Street = "Quittenstrasse 1", Experiences = $"[\"{new string('x', 9_000)} Wolpertinger\"]" };
        await Site.ImportAsync(
            Record.Application("markiert-a1", "markiert-p1", candidate: person),
            Record.Application("markiert-a2", "markiert-p1", candidate: person, profile: new ProfileColumns { Name = "Köchin", CoverLetter = "Xenokrates" }),
            Record.Application("nachbar-1", "nachbar", candidate: new CandidateColumns { DisplayName = "Nachbar", Email = "nachbar@example.at" }));
        await Site.ImportAsync(Record.Application("markiert-a1", "markiert-p1", version: 1, candidate: person with { Phone = "1" }));
        var run = await Site.Worker.OpenAsync();
        await Site.Worker.Writer.WriteAsync(run, Record.Batch(Record.Rejected("markiert-a3", """{"name":"Zyxomir"}""", "markiert-p1"), Record.Rejected("nachbar-2", "{}", "nachbar")), Cancel);
        await Site.Worker.ConcludeAsync(run);
    }

    /// <summary>As SQLite leaves one when it moves a row.</summary>
    private async Task LeaveCopyAsync(string text)
    {
        await using var connection = new SqliteConnection($"Data Source={Site.File};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA secure_delete = OFF; CREATE TABLE Other (Text TEXT); INSERT INTO Other VALUES ('other'), ('{text}'); DELETE FROM Other WHERE Text = '{text}'; PRAGMA wal_checkpoint(TRUNCATE);";
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<AskedErasure> AskAsync()
    {
        var found = await Site.Worker.Services.GetRequiredService<PeopleFinder>().FindAsync(1, new NamedPerson(NamedBy.Address, "Zyxomir-Markiert@example.at"), Cancel);
        return await Site.Worker.Services.GetRequiredService<ErasureRequests>().AskAsync(found, found.People, new ErasureAsker("karin", "office", "file 17"), Cancel);
    }

    private async Task EraseAsync(string way)
    {
        switch (way)
        {
            case "hokify":
                // As the importer does behind a run that has erased somebody.
                await Site.ImportAsync(Record.Application("markiert-a1", "markiert-p1", version: 2, erased: true));
                await Site.Worker.Services.GetRequiredService<WriteAheadLog>().EmptyAsync(Cancel);
                break;
            case "list":
                var key = Site.Worker.Services.GetRequiredService<ErasureKeys>().Present()!;
                var list = new ErasureList("list", key.Fingerprint, [new RememberedErasure(1, key.Key.Hash(1, "person", "markiert-p1"), Record.Epoch)]);
                await Site.Worker.Services.GetRequiredService<ErasureLists>().ImportAsync(list, Cancel);
                break;
            default:
                Assert.Equal(ErasureState.Done, (await Site.Worker.Services.GetRequiredService<PeopleErasure>().CarryOutAsync((await AskAsync()).Request.Id, Cancel)).State);
                break;
        }
    }

    private static List<string> LeftIn(string file)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return [.. Marks.Where(mark => bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0)];
    }
}
