using System.Globalization;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging.Tests.Writing;

/// <summary>A dry run counts what an import counts, and its plan, applied, leaves the rows that an import leaves: whatever comes twice or cannot be read.</summary>
public sealed class PlansAgreeTests
{
    /// <summary>Records of few applications and people that differ in little, so that many come again; each application is always the same person's.</summary>
    private static readonly Gen<string> Sources = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 14], (id, version, name, job, kind) => Text(id, id % 3, version, name, job, kind));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_plan_counts_what_an_import_counts_and_leaves_what_it_leaves() => Gen.Select(Sources.Array[0, 8], Sources.Array[1, 8].Array[1, 4]).SampleAsync(
        async (before, batches) =>
        {
            await using var planned = new SqliteTestDatabase();
            await planned.MigrateAsync();
            await using var imported = new SqliteTestDatabase();
            await imported.MigrateAsync();

            Assert.Equal(await ImportAsync(imported, before, batches), await PlanAndApplyAsync(planned, before, batches));
        },
        iter: Examples.Of(25),
        threads: 1);

    private static async Task<string> ImportAsync(SqliteTestDatabase database, string[] before, string[][] batches)
    {
        await using var worker = new ImportWorker(database.Options);
        await RunAsync(worker, await worker.OpenAsync(), [before]);
        worker.Clock.Advance(TimeSpan.FromMinutes(1));
        var run = await worker.OpenAsync();
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading), Cancel);
        var tally = await RunAsync(worker, run, batches);
        return $"{tally}\n{await DumpAsync(worker)}";
    }

    private static async Task<string> PlanAndApplyAsync(SqliteTestDatabase database, string[] before, string[][] batches)
    {
        await using var worker = new ImportWorker(database.Options);
        await RunAsync(worker, await worker.OpenAsync(), [before]);
        worker.Clock.Advance(TimeSpan.FromMinutes(1));
        var untouched = await DumpAsync(worker);
        var dry = await worker.OpenAsync(dryRun: true);
        var counted = await RunAsync(worker, dry, batches);
        Assert.Equal(untouched, await DumpAsync(worker));

        var request = worker.Request() with { PlanDigest = dry.MadePlan };
        var applying = Assert.IsType<ImportOutcome.Claimed>(await worker.Runs.OpenAsync(request, mayWork: true, Cancel)).Run;
        var tally = await RunAsync(worker, applying, batches);
        Assert.Equal(counted, tally);
        return $"{tally}\n{await DumpAsync(worker)}";
    }

    private static async Task<string> RunAsync(ImportWorker worker, RunInProgress run, string[][] batches)
    {
        foreach (var batch in batches)
        {
            await worker.Writer.WriteAsync(run, Record.Batch([.. batch.Select(record => ApplicationPayload.ReadLater(JsonElement.Parse(record), "page 1, item 1"))]), Cancel);
        }

        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Concluding), Cancel);
        await worker.CarryOutAsync(run, RunPhase.Concluding);
        if (run.Phase == RunPhase.Comparing)
        {
            await worker.CarryOutAsync(run, RunPhase.Comparing);
            Assert.Equal(RunPhase.Applying, run.Phase);
            await worker.CarryOutAsync(run, RunPhase.Applying);
        }

        run.MadePlan = run.Request.DryRun ? await worker.Services.GetRequiredService<StoredPlans>().DigestAsync(run, Cancel) : null;
        await worker.ConcludeAsync(run);
        return JsonSerializer.Serialize(new { run.Tally.Created, run.Tally.Updated, run.Tally.Deleted, run.Tally.Unchanged, run.Tally.Failed, run.Tally.Stats });
    }

    private static Task<string> DumpAsync(ImportWorker worker) => worker.QueryAsync(async db =>
    {
        var candidates = await db.Candidates.AsNoTracking().ToListAsync(Cancel);
        var people = candidates.ToDictionary(c => c.Id, c => c.ReferenceId);
        var profiles = await db.CandidateProfiles.AsNoTracking().ToListAsync(Cancel);
        var waiting = await db.ActivityLogs.AsNoTracking().Where(l => l.Status == ActivityStatus.Open || l.Status == ActivityStatus.Parked).ToListAsync(Cancel);
        var lines = candidates.Select(c => JsonSerializer.Serialize(new { c.ReferenceId, c.IsDeleted, c.Version, c.VersionReferenceId, c.ContentHash, c.Columns }))
            .Concat(profiles.Select(p => JsonSerializer.Serialize(new { p.ReferenceId, p.IsDeleted, p.Version, p.ContentHash, p.SourceDigest, p.PersonKey, p.OtherCopies, p.SourcePayload, p.Columns, Person = people[p.CandidateId] })))
            .Concat(waiting.Select(l => JsonSerializer.Serialize(new { l.ReferenceId, l.Status, l.ElementName, l.ResultData, l.Data, l.RetryCount, l.PersonReferenceId })));
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    });

    private static string Text(int id, int person, int version, int name, int job, int kind) => JsonSerializer.Serialize<object>(
        kind switch
        {
            0 => new { _id = $"a{id}", lastupdate = "31.02.2026", user = new { _id = $"p{person}" } },
            1 or 2 => new { matchId = $"a{id}", email = $"p{person}@example.at", name = $"Name {name}", jobId = $"j{job}" },
            _ => new
            {
                _id = $"a{id}",
                lastupdate = version == 0 ? null : Record.Epoch.AddMinutes(version).ToString("O", CultureInfo.InvariantCulture),
                user = new { _id = $"p{person}", displayName = $"Name {name}" },
                job = new { name = $"Job {job}" },
            },
        });
}
