using System.Globalization;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Backups;

/// <summary>
/// Backups that are made at random moments of a full import, and restored at random moments of later ones. A few as a rule;
/// <c>HOKIFY_TEST_RESTORES=50</c> makes so many, and <c>HOKIFY_TEST_RESTORE_SEED</c> those of a seed that was printed.
/// </summary>
public sealed class RestoredImportTests(ITestOutputHelper output)
{
    private const int Applications = 80;
    private const int FewRounds = 3;

    private readonly List<string> _erased = [];
    private readonly List<string> _backups = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Imports_go_on_from_any_backup_nothing_is_doubled_and_nobody_comes_back_who_was_erased_since()
    {
        var rounds = Number("HOKIFY_TEST_RESTORES");
        var seed = Number("HOKIFY_TEST_RESTORE_SEED") ?? (rounds is null ? 1 : Random.Shared.Next(1_000_000));
        output.WriteLine($"HOKIFY_TEST_RESTORE_SEED={seed}");
        var random = new Random(seed);
        await using var site = await Installation.StartAsync(Applications);
        site.LeaseFor(Installation.Short);
        var (service, inFlight) = (await site.ServeAsync(), 0);
        for (var round = 1; round <= (rounds ?? FewRounds); round++)
        {
            inFlight += await BackUpAsync(site, service, round, random) ? 1 : 0;
            await EraseAsync(site, service, round, random);
            await StopAsync(site, service, round, random);

            // Mostly the last one; now and then an older one.
            var backup = _backups[random.Next(4) == 0 ? random.Next(_backups.Count) : ^1];
            await RestoreAsync(site, backup, round);
            site.SpeedUp();
            service = await site.ServeAsync();
            await service.UntilAsync(() => site.Database.QueryAsync(db => db.ImportRuns.AllAsync(r => r.State == RunState.Completed && r.AnnouncedAt != null, Cancel)), "all runs of the backup are completed");
            if (rounds is not null || round == FewRounds)
            {
                await ImportAsync(site, service, $"final {round}");
                await AssertAsUndisturbedAsync(site, round);
            }

            output.WriteLine($"Round {round} held: {Path.GetFileName(backup)} restored, {_erased.Count / 2} erased ids kept out.");
        }

        Assert.Equal(0, await service.TerminateAsync());
        Assert.True(inFlight > 0, "no backup was made while an import was at work: this shows less than it should");
    }

    /// <returns>Whether an import was at work in the instant of which the backup is.</returns>
    private async Task<bool> BackUpAsync(Installation site, HokifyProcess service, int round, Random random)
    {
        var (key, file) = ($"full {round}", Path.Combine(site.Database.Folder, $"backup-{round}.zip"));
        site.SlowDown(milliseconds: 150);
        await site.Database.QueueFullAsync(key);
        var records = random.Next(0, Applications / 2);
        await service.UntilAsync(() => site.Database.IsAsync(key, run => HokifyDatabase.Fetched(run) >= records), $"{records} records are committed");

        // The import has pages left, and must not come to its end before the backup has begun, however busy the machine is.
        site.SlowDown(milliseconds: 5_000);
        var made = await RunAsync(site, ["backup", file, "--json", .. random.Next(2) == 0 ? new[] { "--verify" } : []]);

        Assert.True((made.ExitCode, made.Error) == (0, ""), $"round {round}: {made.Error}");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(file).UnixFileMode);
        _backups.Add(file);
        return made.Json.GetProperty("manifest").GetProperty("inFlight").EnumerateArray().Any(run => run.GetProperty("idempotencyKey").GetString() == key);
    }

    /// <summary>Somebody whom the backup has, if it has come so far, is erased behind it.</summary>
    private async Task EraseAsync(Installation site, HokifyProcess service, int round, Random random)
    {
        site.SpeedUp();
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync($"full {round}"), "the run of the backup is completed");
        var happened = site.Sandbox.Advance(@new: random.Next(3), changed: random.Next(4), erased: 1);
        await ImportAsync(site, service, $"after {round}");
        Assert.NotEmpty(happened.ErasedPersons);
        _erased.AddRange([.. happened.ErasedPersons, .. happened.Erased]);
        await AssertGoneAsync(site.Database, "before the restore");
    }

    /// <summary>In the middle of an import or of nothing, asked to or not.</summary>
    private static async Task StopAsync(Installation site, HokifyProcess service, int round, Random random)
    {
        if (random.Next(2) == 0)
        {
            site.SlowDown(milliseconds: 100);
            await site.Database.QueueFullAsync($"broken off {round}");
            await Task.Delay(random.Next(1_500), Cancel);
        }

        if (random.Next(3) > 0)
        {
            Assert.Equal(0, await service.TerminateAsync());
            return;
        }

        await service.KillAsync();
        await site.UntilAsync(() => IsFreeAsync(site), "the lease of the worker that was killed has run out");
    }

    private async Task RestoreAsync(Installation site, string backup, int round)
    {
        var restored = await RunAsync(site, "restore", backup, "--yes", "--json");

        Assert.True((restored.ExitCode, restored.Error) == (0, ""), $"round {round}: {restored.Error}");
        Assert.Contains(restored.Json.GetProperty("runs").EnumerateArray(), run => run.GetProperty("idempotencyKey").GetString() == $"after {round}" && run.GetProperty("announcedAt").ValueKind == JsonValueKind.String);
        await using var connection = new SqliteConnection($"{site.Database.ConnectionString};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var check = connection.CreateCommand();
        check.CommandText = "SELECT (SELECT group_concat(integrity_check) FROM pragma_integrity_check()) || (SELECT COUNT(*) FROM pragma_foreign_key_check())";
        Assert.Equal("ok0", await check.ExecuteScalarAsync(Cancel));
        await AssertGoneAsync(site.Database, $"in the database that was restored in round {round}");
    }

    private async Task AssertGoneAsync(HokifyDatabase database, string when)
    {
        var rows = (await database.DumpAsync()).Split('\n')
            .Where(row => row.StartsWith("Candidate", StringComparison.Ordinal) || row.StartsWith("ActivityLog", StringComparison.Ordinal)).ToList();
        Assert.All(_erased, id => Assert.True(!rows.Exists(row => row.Contains(id, StringComparison.OrdinalIgnoreCase)), $"{id} was erased and is there {when}"));
    }

    /// <summary>What is there now is what an import into an empty database brings that nobody disturbs: no more, no less, and each once.</summary>
    private static async Task AssertAsUndisturbedAsync(Installation site, int round)
    {
        using var fresh = await HokifyDatabase.CreateAsync();
        var settings = new Dictionary<string, string>(site.Settings) { ["Database:ConnectionString"] = fresh.ConnectionString };
        var imported = await HokifyProcess.RunAsync(fresh.Folder, settings, "import", "--mode", "Full", "--key", "fresh");
        Assert.True(imported.ExitCode == 0, imported.Error);

        var (expected, stored) = (await LiveAsync(fresh), await LiveAsync(site.Database));
        Assert.True(
            expected.SequenceEqual(stored),
            $"round {round}: what is stored is not what an undisturbed import stores\nlacks: {string.Join("\n  ", expected.Except(stored))}\nhas: {string.Join("\n  ", stored.Except(expected))}");
    }

    /// <summary>A line for each person and each application that is not deleted.</summary>
    private static Task<List<string>> LiveAsync(HokifyDatabase database) => database.QueryAsync(async db =>
    {
        var people = await db.Candidates.AsNoTracking().Where(c => !c.IsDeleted).OrderBy(c => c.ReferenceId).ToListAsync(Cancel);
        var profiles = await db.CandidateProfiles.AsNoTracking().Include(p => p.Candidate).Where(p => !p.IsDeleted).OrderBy(p => p.ReferenceId).ToListAsync(Cancel);
        return people.Select(c => JsonSerializer.Serialize(new { c.ScopeId, c.ReferenceId, c.Version, c.VersionReferenceId, c.Columns }))
            .Concat(profiles.Select(p => JsonSerializer.Serialize(new { p.ScopeId, p.ReferenceId, p.Version, p.SourcePayload, p.Columns, Person = p.Candidate!.ReferenceId })))
            .ToList();
    });

    private static async Task ImportAsync(Installation site, HokifyProcess service, string key)
    {
        await site.Database.QueueFullAsync(key);
        await service.UntilAsync(() => site.Database.IsAnnouncedAsync(key), $"{key} is completed and announced");
    }

    private static Task<bool> IsFreeAsync(Installation site) =>
        site.Database.QueryAsync(async db => (await db.Scopes.AsNoTracking().ToListAsync(Cancel)).TrueForAll(s => s.IsFree(TimeProvider.System.GetUtcNow())));

    private static Task<HokifyOutcome> RunAsync(Installation site, params string[] arguments) => HokifyProcess.RunAsync(site.Database.Folder, site.Settings, arguments);

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
