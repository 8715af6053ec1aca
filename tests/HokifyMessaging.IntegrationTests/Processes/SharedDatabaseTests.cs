using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Processes;

/// <summary>Processes that share a database share the work, and never work on one scope at the same time.</summary>
public sealed class SharedDatabaseTests
{
    private const int Applications = 60;

    private static readonly int[] Scopes = [1, 2, 3];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_processes_asked_for_the_same_scopes_at_once_never_overlap()
    {
        await using var site = await StartAsync();
        // A slice ends in the middle of each longer run: that is when another could slip in.
        site.Settings["Hokify:Import:SliceDuration"] = "00:00:01";
        site.Settings["Transport:ConcurrentImports"] = "1";
        var workers = new[] { await site.ServeAsync(), await site.ServeAsync() };
        foreach (var worker in workers)
        {
            await worker.UntilStartedAsync();
        }

        // Each run finds applications that those before it have not: each has something to write.
        var requests = Scopes.SelectMany(scope => new[] { 120, 240, 400 }.Select(days => new ImportRequest(
            $"scope {scope}, {days} days", scope, ImportMode.Incremental, Installation.Today.AddDays(-days).ToUnixTimeSeconds(), false, null)));
        await site.Database.QueueAsync([.. requests]);
        await workers[0].UntilAsync(
            () => site.Database.QueryAsync(db => db.ImportRuns.AllAsync(r => r.State == RunState.Completed, Cancel)), "all runs are completed");

        await NeverOverlapped.AssertAsync(site);
        foreach (var scope in (await site.Database.QueryAsync(db => db.ImportRuns.AsNoTracking().OrderBy(r => r.Fence).ToListAsync(Cancel))).GroupBy(r => r.ScopeId))
        {
            Assert.Equal(scope.OrderBy(r => r.CreatedAt).Select(r => r.IdempotencyKey), scope.Select(r => r.IdempotencyKey));
        }

        Assert.All(workers, worker => Assert.Contains(worker.Lines, line => line.Contains("goes on from its checkpoint in phase", StringComparison.Ordinal)));
        foreach (var scope in Scopes)
        {
            Assert.Equal(
                site.Sandbox.ApplicationIds(Mandator(scope)).Order(),
                await site.Database.QueryAsync(db => db.CandidateProfiles.Where(p => p.ScopeId == scope).Select(p => p.ReferenceId).OrderBy(id => id).ToListAsync(Cancel)));
        }
    }

    [Fact]
    public async Task Two_processes_bring_up_one_database_that_a_third_was_killed_over()
    {
        await using var site = await Installation.StartAsync(applications: 1);
        site.Settings["Database:ConnectionString"] = site.Database.ConnectionStringOf("new.db");

        // As a process leaves it that is killed while it migrates: EF Core's note says that somebody still does.
        await using (var connection = new SqliteConnection($"{site.Settings["Database:ConnectionString"]};Pooling=False"))
        {
            await connection.OpenAsync(Cancel);
            await using var note = connection.CreateCommand();
            note.CommandText = """
                CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
                INSERT INTO "__EFMigrationsLock" VALUES (1, '2025-10-01 09:00:00');
                """;
            await note.ExecuteNonQueryAsync(Cancel);
        }

        var workers = new[] { await site.ServeAsync(), await site.ServeAsync() };

        foreach (var worker in workers)
        {
            await worker.UntilStartedAsync();
        }

        Assert.All(workers, worker => Assert.DoesNotContain(worker.Lines, line => line.Contains("fail:", StringComparison.Ordinal)));
    }

    private static async Task<Installation> StartAsync()
    {
        var site = await Installation.StartAsync(Applications, options =>
        {
            foreach (var scope in Scopes.Skip(1))
            {
                options.Mandators.Add(new SandboxMandator(Mandator(scope), "another-token"));
            }
        });
        foreach (var scope in Scopes.Skip(1))
        {
            site.AddScope(scope, Mandator(scope), "another-token");
        }

        site.SlowDown(milliseconds: 100);
        return site;
    }

    private static string Mandator(int scope) => scope == 1 ? "demo" : $"demo{scope}";
}
