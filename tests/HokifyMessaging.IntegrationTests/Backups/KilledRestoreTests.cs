using System.Diagnostics;
using System.Globalization;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests.Storage;

namespace HokifyMessaging.IntegrationTests.Backups;

/// <summary>
/// A restore or a backup that is killed, at random moments: one whole database is there, and a backup whole or not at all. A few times as
/// a rule; <c>HOKIFY_TEST_RESTORES=50</c> makes so many.
/// </summary>
public sealed class KilledRestoreTests(ITestOutputHelper output)
{
    private const int FewKills = 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("HOKIFY_TEST_RESTORES"), CultureInfo.InvariantCulture, out var kills) ? kills : FewKills;

    [Fact]
    public async Task A_restore_that_is_killed_leaves_the_old_database_or_the_new_one_whole()
    {
        await using var site = await StartAsync();
        var backup = Path.Combine(site.Database.Folder, "backup.zip");
        Assert.Equal(0, (await RunAsync(site, "backup", backup)).ExitCode);
        site.Sandbox.Advance(@new: 20);
        Assert.Equal(0, (await RunAsync(site, "import", "--mode", "Full", "--key", "after")).ExitCode);
        var (old, saved) = (await DumpAsync(site), Path.Combine(site.Database.Folder, "saved"));
        File.Copy(site.Database.File, saved);
        var took = await RestoreAsync(site, backup);
        var restored = await DumpAsync(site);
        Assert.NotEqual(old, restored);

        var (seed, outcomes) = (Environment.TickCount, new Dictionary<string, int> { ["old"] = 0, ["new"] = 0 });
        var random = new Random(seed);
        for (var number = 0; number < Kills; number++)
        {
            PutBack(site, saved);
            var process = await HokifyProcess.StartAsync(site.Database.Folder, site.Settings, "restore", backup, "--yes");
            await process.UntilAsync(() => Task.FromResult(process.HasExited || File.Exists(site.Database.File + ".restoring")), "it has begun");
            var moment = TimeSpan.FromMilliseconds(random.NextDouble() * 1.1 * took.TotalMilliseconds);
            await Task.Delay(moment, Cancel);
            if (!process.HasExited)
            {
                await process.KillAsync();
            }

            await process.DisposeAsync();
            Assert.Equal("ok", await AskAsync(site, "PRAGMA integrity_check"));
            var there = await DumpAsync(site);
            Assert.True(there == old || there == restored, $"seed {seed}, kill {number}, after {moment.TotalMilliseconds:0} ms: neither database is there");
            outcomes[there == old ? "old" : "new"]++;
        }

        output.WriteLine($"Restores took {took.TotalMilliseconds:0} ms; killed {Kills} times, with the old database left {outcomes["old"]} times and the new one {outcomes["new"]} times.");
        PutBack(site, saved);
        await RestoreAsync(site, backup);
        Assert.Equal(restored, await DumpAsync(site));
        Assert.DoesNotContain(Directory.GetFiles(site.Database.Folder), file => file.Contains(".restoring", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_that_is_killed_is_there_whole_or_not_at_all()
    {
        await using var site = await StartAsync();
        var random = new Random(Environment.TickCount);
        for (var number = 0; number < Kills; number++)
        {
            var (folder, backup) = (Directory.CreateDirectory(Path.Combine(site.Database.Folder, $"to-{number}")).FullName, "backup.zip");
            var process = await HokifyProcess.StartAsync(folder, site.Settings, "backup", backup);
            await process.UntilAsync(() => Task.FromResult(process.HasExited || Directory.GetFiles(folder, "backup.zip*").Length > 0), "it has begun");
            await Task.Delay(random.Next(400), Cancel);
            if (!process.HasExited)
            {
                await process.KillAsync();
            }

            await process.DisposeAsync();
            if (File.Exists(Path.Combine(folder, backup)))
            {
                var verified = await HokifyProcess.RunAsync(folder, site.Settings, "backup", "verify", backup);
                Assert.True(verified.ExitCode == 0, verified.Error);
            }
        }
    }

    /// <summary>A database of some megabytes, so that there is a moment to be hit.</summary>
    private static async Task<Installation> StartAsync()
    {
        var site = await Installation.StartAsync(applications: 40);
        Assert.Equal(0, (await RunAsync(site, "import", "--mode", "Full", "--key", "before")).ExitCode);
        await AskAsync(
            site,
            """
            WITH RECURSIVE Numbers (N) AS (VALUES (1) UNION ALL SELECT N + 1 FROM Numbers WHERE N < 15000)
            INSERT INTO ActivityLog (ScopeId, RunId, Name, Status, ReferenceId, ElementName, Command, Date, ResultCode, RetryCount, RetryInterval, ResultData)
            SELECT ScopeId, RunId, 'Rejected', 'Closed', printf('%024x', N), 'CandidateProfile', Command, Date, 0, 0, 0, hex(randomblob(400))
            FROM Numbers, (SELECT * FROM ActivityLog LIMIT 1)
            """);
        return site;
    }

    private static async Task<TimeSpan> RestoreAsync(Installation site, string backup)
    {
        await using var process = await HokifyProcess.StartAsync(site.Database.Folder, site.Settings, "restore", backup, "--yes");
        await process.UntilAsync(() => Task.FromResult(process.HasExited || File.Exists(site.Database.File + ".restoring")), "it has begun");
        var since = Stopwatch.StartNew();
        var outcome = await process.EndAsync();
        Assert.True((outcome.ExitCode, outcome.Error) == (0, ""), outcome.Error);
        return since.Elapsed;
    }

    private static void PutBack(Installation site, string saved)
    {
        foreach (var companion in new[] { "-wal", "-shm", "-journal" })
        {
            File.Delete(site.Database.File + companion);
        }

        File.Copy(saved, site.Database.File, overwrite: true);
    }

    /// <summary>Everything but when somebody has restored: no two restores do so at one time.</summary>
    private static async Task<string> DumpAsync(Installation site) => string.Join(
        '\n', (await site.Database.DumpAsync()).Split('\n').Where(row => !row.StartsWith("Audit: ", StringComparison.Ordinal) || !row.Contains("|Restore|", StringComparison.Ordinal)));

    private static async Task<string> AskAsync(Installation site, string sql) => (await SqliteText.RowsAsync(site.Database.File, sql)).SingleOrDefault() ?? "";

    private static Task<HokifyOutcome> RunAsync(Installation site, params string[] arguments) => HokifyProcess.RunAsync(site.Database.Folder, site.Settings, arguments);
}
