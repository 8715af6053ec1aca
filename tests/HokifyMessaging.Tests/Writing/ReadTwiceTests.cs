using System.Globalization;
using System.Text.Json;
using CsCheck;
using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Reading;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>A source that is read again has changed nothing, whatever it holds, in which order it comes and how it is cut into batches.</summary>
public sealed class ReadTwiceTests : IAsyncLifetime
{
    private static readonly string[] Names = ["Anna Huber", "HUBER, Anna", "Ben Gruber", ""];
    private static readonly string[] Addresses = ["anna@example.at", "keine@example.at", "ben@example.at", ""];
    private static readonly string[] Dates = ["2026-01-01T08:00:00Z", "2026-02-02T08:00:00Z", ""];

    /// <summary>What a row says, by places in the lists above.</summary>
    private static readonly Gen<Fact[]> Facts = Gen.Select(
        Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 1],
        (id, user, name, address, phone, version, date, job) => new Fact(id, user, name, address, phone, version, date, job)).Array[1, 14];

    private readonly SqliteTestDatabase _database = new();
    private int _samples;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.MigrateAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("today's API")]
    [InlineData("today's API, grouped")]
    [InlineData("API of 2019")]
    [InlineData("API of 2018")]
    [InlineData("CSV")]
    public async Task Reading_the_same_source_twice_changes_nothing(string source)
    {
        await using var worker = new ImportWorker(_database.Options);
        await Gen.Select(Facts, Gen.Int[1, 6], Gen.Int[1, 6], Gen.Int[0, int.MaxValue]).SampleAsync(
            async (facts, batch, otherBatch, seed) =>
            {
                // Each sample has ids and addresses of its own, so that one database serves them all.
                var sample = ++_samples;
                var records = await RecordsAsync(source, [.. facts.Select(fact => fact with { Sample = sample })]);
                await ReadAsync(worker, records, batch);
                var before = await DescribeAsync(worker, sample);
                var random = new Random(seed);
                for (var time = 2; time <= 3; time++)
                {
                    worker.Clock.Advance(TimeSpan.FromHours(1));
                    random.Shuffle(records);
                    var tally = await ReadAsync(worker, records, time == 2 ? otherBatch : batch);

                    Assert.Equal(0, tally.Created.Values.Sum() + tally.Updated.Values.Sum() + tally.Deleted.Values.Sum());
                    Assert.Equal(before, await DescribeAsync(worker, sample));
                }
            },
            iter: Examples.Of(10),
            threads: 1);
    }

    private static async Task<ImportTally> ReadAsync(ImportWorker worker, SourceRecord[] records, int batchSize)
    {
        var run = await worker.OpenAsync();
        await worker.Writer.WriteAsync(run, ImportStep.To(RunPhase.Reading), Cancel);
        foreach (var batch in records.Chunk(batchSize))
        {
            await worker.Writer.WriteAsync(run, Record.Batch(batch), Cancel);
        }

        await worker.ConcludeAsync(run);
        return run.Tally;
    }

    private static async Task<SourceRecord[]> RecordsAsync(string source, Fact[] facts) => source == "CSV"
        ? await FromFileAsync(facts)
        : [.. facts.Select(fact => ApplicationPayload.ReadLater(JsonSerializer.SerializeToElement(RecordOf(source, fact)), $"page 1, {fact}"))];

    private static object RecordOf(string source, Fact fact)
    {
        var match = new
        {
            _id = fact.Application,
            lastupdate = fact.Version == 0 ? null : Record.Epoch.AddMinutes(fact.Version).ToString("O", CultureInfo.InvariantCulture),
            datematch = Dates[fact.Date],
            user = new { _id = $"p{fact.Sample}x{fact.User}", displayName = Names[fact.Name], general = new { email = fact.Email, phone = $"{fact.Phone}" } },
            job = new { name = $"Job {fact.Job}" },
        };
        return source switch
        {
            "today's API" => new { relationType = "job", relationId = "j1", application = match },
            "today's API, grouped" => new { relationType = fact.Job == 0 ? "job" : "company", relationId = $"r{fact.Phone}", applications = new[] { match } },
            "API of 2019" => match,
            _ => new
            {
                matchId = fact.Application,
                name = Names[fact.Name],
                email = fact.Email,
                phone = $"{fact.Phone}",
                applicationDate = Dates[fact.Date],
                jobId = $"j{fact.Job}",
            },
        };
    }

    private static async Task<SourceRecord[]> FromFileAsync(Fact[] facts)
    {
        var folder = Directory.CreateTempSubdirectory("hokify-twice-");
        try
        {
            // Two files, so that copies are in different ones.
            foreach (var (index, part) in facts.Chunk((facts.Length / 2) + 1).Index())
            {
                await File.WriteAllLinesAsync(
                    Path.Combine(folder.FullName, $"{index}.csv"),
                    part.Select(f => $"{f.Application};{Names[f.Name]};{f.Email};{f.Phone};{Dates[f.Date]};j{f.Job}").Prepend("matchId;name;email;phone;applicationDate;jobId"),
                    Cancel);
            }

            using var setup = new ReadingSetup(new ScopeOptions { Name = "Test", Source = SourceKind.CsvFiles, CsvFiles = { Path = folder.FullName } });
            return [.. (await setup.ReadAsync()).SelectMany(page => page.Records)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<string> DescribeAsync(ImportWorker worker, int sample) => worker.QueryAsync(async db => string.Join(
        '\n',
        (await db.CandidateProfiles.AsNoTracking().Where(p => EF.Functions.Like(p.ReferenceId, $"a{sample}x%")).OrderBy(p => p.ReferenceId).ToListAsync(Cancel))
            .Select(p => $"{p.ReferenceId} of {p.CandidateId} {p.IsDeleted} {p.ChangedAt:O} {p.Version:O} {p.History} {p.Columns}")
            .Concat((await db.Candidates.AsNoTracking().Where(c => db.CandidateProfiles.Any(p => p.CandidateId == c.Id && EF.Functions.Like(p.ReferenceId, $"a{sample}x%"))).OrderBy(c => c.Id).ToListAsync(Cancel))
                .Select(c => $"{c.Id} {c.ReferenceId} {c.IsDeleted} {c.ChangedAt:O} {c.Version:O} {c.VersionReferenceId} {c.History} {c.Columns}"))
            .Append($"{await db.ActivityLogs.CountAsync(l => l.Status == ActivityStatus.Done, Cancel)} changes")));

    private sealed record Fact(int Id, int User, int Name, int Address, int Phone, int Version, int Date, int Job)
    {
        public int Sample { get; init; }

        public string Application => $"a{Sample}x{Id}";

        public string Email => Addresses[Address].Length == 0 ? "" : $"{Sample}.{Addresses[Address]}";
    }
}
