using System.Diagnostics;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Benchmarks;

/// <summary>One batch of new records, of which the database refuses none or one: by a trigger, which the clean batch passes as well.</summary>
internal static class BadRecord
{
    private const int WarmUps = 2;

    public static async Task RunAsync(int records, int rounds)
    {
        using var work = new Workplace();
        await Inputs.WriteAsync("csv", records, work.Folder);
        var input = Inputs.Of(work.Folder, version: 0);
        await using var reader = new Setup("csv", input, work.Path("unread.db"));
        var batch = new List<SourceRecord>();
        await foreach (var page in reader.ReadAsync())
        {
            foreach (var record in page.Records)
            {
                // What is measured is the writing.
                record.Map(reader.Get<ApplicationMapping>());
                batch.Add(record);
            }
        }

        (string Name, string? Refused)[] cases = [("none", null), ("the first", Id(0)), ("the middle one", Id(records / 2)), ("the last", Id(records - 1))];
        (string Name, BatchRowsOf Rows)[] writers = [("fastest writer", BatchRows.Of(DatabaseProvider.Sqlite)), ("EF Core's writer", (db, scope) => new EfCoreRows(db, scope))];
        var took = writers.SelectMany(_ => cases, (writer, refused) => (Writer: writer.Name, Refused: refused.Name)).ToDictionary(kind => kind, _ => new List<double>());
        for (var round = 1 - WarmUps; round <= rounds; round++)
        {
            foreach (var writer in writers)
            {
                foreach (var (name, refused) in cases)
                {
                    var time = await MeasureAsync(input, work.Path($"{Guid.NewGuid():N}.db"), writer.Rows, batch, refused);
                    if (round > 0)
                    {
                        took[(writer.Name, name)].Add(time.TotalMilliseconds);
                    }
                }
            }
        }

        Console.WriteLine($"one batch of {records} new records, of which the database refuses at most one: medians of {rounds} rounds");
        Console.WriteLine();
        Console.WriteLine("| | refused | one batch | times a clean batch |");
        Console.WriteLine("| --- | --- | ---: | ---: |");
        foreach (var ((writer, refused), times) in took)
        {
            var ratio = took[(writer, cases[0].Name)].Zip(times).Median(pair => pair.Second / pair.First);
            Console.WriteLine(FormattableString.Invariant($"| {writer} | {refused} | {times.Median(t => t):0.0} ms | {ratio:0.00} |"));
        }

        string Id(int index) => batch[index].Identity;
    }

    private static async Task<TimeSpan> MeasureAsync(string input, string database, BatchRowsOf rows, List<SourceRecord> batch, string? refused)
    {
        await using var setup = new Setup("csv", input, database, rows: rows);
        await setup.MigrateAsync();
        await using (var db = setup.Open())
        {
            var trigger = $"CREATE TRIGGER Refuse BEFORE INSERT ON CandidateProfile WHEN NEW.ReferenceId = '{refused ?? "nobody"}' BEGIN SELECT RAISE(ABORT, 'refused'); END;";
            await db.Database.ExecuteSqlRawAsync(trigger);
        }

        var request = new ImportRequest(Guid.NewGuid().ToString(), Setup.ScopeId, ImportMode.Incremental, UnixSecondsFrom: null, DryRun: false, null);
        await using var run = await setup.Get<RunStore>().OpenAsync(request, mayWork: true, CancellationToken.None) is ImportOutcome.Claimed(var claimed)
            ? claimed
            : throw new InvalidOperationException("A run of a new database could not be claimed.");
        var recordBatch = ImportStep.To(RunPhase.Reading) with { Records = batch };
        GC.Collect();
        var watch = Stopwatch.StartNew();
        await setup.Get<ApplicationWriter>().WriteAsync(run, recordBatch, CancellationToken.None);
        watch.Stop();

        await using (var db = setup.Open())
        {
            if (await db.CandidateProfiles.CountAsync() != batch.Count - (refused is null ? 0 : 1))
            {
                throw new InvalidOperationException("The batch was not written as it should have been.");
            }
        }

        SqliteConnection.ClearAllPools();
        File.Delete(database);
        return watch.Elapsed;
    }
}
