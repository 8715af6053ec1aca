using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using HokifyMessaging.Applications;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Writing;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.Tests.Writing;

/// <summary>The fast writer leaves what EF Core leaves: the same values of the same storage classes in every column of every row.</summary>
public abstract partial class WritersAgreeTests
{
    private static readonly string[] Texts =
        ["", " ", "Jörg Straßer", "e\u0301 is not é", "👩‍🍳👨‍👩‍👧‍👦", "\u05D0\u200F", "O'Brien; \"quoted\"\r\n\t", "line\u2028separator", "1", "1.5", "0x10", "NULL", "2026-01-01", "\uFEFFbom", "\uD83D half a pair", "a\0b"];

    private static readonly Gen<int?> Versions = Gen.OneOf(Gen.Const((int?)null), Gen.Int[0, 3].Select(v => (int?)v));

    private static readonly Gen<SourceRecord> Records = Gen.Select(
        Gen.Int[0, 6], Gen.Int[0, 4], Versions, Gen.Int, Gen.Int[0, 19], (id, person, version, seed, kind) => kind switch
        {
            0 => Record.Rejected($"a{id}", $$"""{"seed":{{seed}}}""", $"p{person}"),
            1 => Record.Ready(Record.Application($"a{id}", $"p{person}", version, erased: true)),
            2 or 3 => Record.Ready(Filled(Record.Application($"a{id}", PersonId.OfAddress($"p{person}@example.at").Value, version), seed)),
            _ => Record.Ready(Filled(Record.Application($"a{id}", $"p{person}", version), seed % 3)),
        });

    /// <summary>Records of few applications and people that differ in little, so that many come again, and some contradict each other.</summary>
    private static readonly Gen<string> Sources = Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 29], (id, person, version, name, job, kind) => JsonSerializer.Serialize<object>(
            kind switch
            {
                0 => new { _id = $"a{id}", user = new { _id = $"p{person}", privacyAutoDeleted = true } },
                1 => new { _id = $"a{id}", lastupdate = "31.02.2026", user = new { _id = $"p{person}" } },
                2 or 3 => new { matchId = $"a{id}", email = $"p{person}@example.at", name = $"Name {name}", jobId = $"j{job}", other = name },
                _ => new
                {
                    _id = $"a{id}",
                    lastupdate = version == 0 ? null : Record.Epoch.AddMinutes(version).ToString("O", CultureInfo.InvariantCulture),
                    user = new { _id = $"p{person}", displayName = $"Name {name}" },
                    job = new { name = $"Job {job}" },
                    unmapped = kind % 2,
                },
            }));

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Two empty scopes, one for each way of writing.</summary>
    private protected abstract Task<(TestDatabase Reference, TestDatabase Fast)> PlacesAsync();

    /// <summary>Every column of every row of the scope; what refers to a key by what the key stands for.</summary>
    private protected abstract Task<List<string>> DumpAsync(ImportWorker worker);

    [Fact]
    public Task Both_leave_equal_rows_and_counts_of_any_batches() =>
        Records.Array[1, 12].Array[1, 4].SampleAsync(
            async batches =>
            {
                var (reference, fast) = await PlacesAsync();
                Assert.Equal(
                    await RowsAsync(reference, batches, refused: [], (db, scopeId) => new EfCoreRows(db, scopeId)),
                    await RowsAsync(fast, batches, refused: [], rows: null));
            },
            iter: Examples.Of(10),
            threads: 1);

    [Fact]
    public Task Both_leave_equal_rows_and_counts_where_the_database_refuses_some() =>
        Gen.Select(Records.Array[1, 12], Gen.Int[0, 6].HashSet[1, 3]).SampleAsync(
            async (batch, refused) =>
            {
                var (reference, fast) = await PlacesAsync();
                Assert.Equal(
                    await RowsAsync(reference, [batch], refused, (db, scopeId) => new EfCoreRows(db, scopeId)),
                    await RowsAsync(fast, [batch], refused, rows: null));
            },
            iter: Examples.Of(5),
            threads: 1);

    /// <summary>Two ways of reading, not of writing: but what they must leave is the same.</summary>
    [Fact]
    public Task Records_that_are_recognized_leave_the_rows_and_counts_that_reading_them_leaves() =>
        Sources.Array[1, 12].Array[1, 5].SampleAsync(
            async batches =>
            {
                var (reference, fast) = await PlacesAsync();
                Assert.Equal(
                    WithoutDigests(await RowsAsync(reference, Batches(record => new SourceRecord(record.Position, record.Read())), refused: [], rows: null)),
                    WithoutDigests(await RowsAsync(fast, Batches(record => record), refused: [], rows: null)));

                SourceRecord[][] Batches(Func<SourceRecord, SourceRecord> read) =>
                    [.. batches.Select(batch => Array.ConvertAll(batch, record => read(ApplicationPayload.ReadLater(JsonElement.Parse(record), "page 1, item 1"))))];
            },
            iter: Examples.Of(12),
            threads: 1);

    /// <summary>What an erasure takes along is the same for what its own batch brings and for what the next one brings.</summary>
    [Fact]
    public Task A_batch_leaves_the_rows_and_counts_that_its_records_leave_one_by_one() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Versions, Gen.Int[0, 2], Gen.Int[0, 5], (id, person, version, name, kind) =>
            Record.Ready(Record.Application($"a{id}", $"p{person}", version, erased: kind == 0).Named($"Name {name}"))).Array[1, 12].SampleAsync(
            async batch =>
            {
                var (reference, fast) = await PlacesAsync();
                Assert.Equal(
                    WithoutBatches(await RowsAsync(reference, [batch], refused: [], rows: null, parts: batch => batch.Chunk(1))),
                    WithoutBatches(await RowsAsync(fast, [batch], refused: [], rows: null)));
            },
            iter: Examples.Of(10),
            threads: 1);

    private async Task<string> RowsAsync(TestDatabase database, SourceRecord[][] batches, HashSet<int> refused, BatchRowsOf? rows, Func<SourceRecord[], IEnumerable<SourceRecord[]>>? parts = null)
    {
        await using var worker = new ImportWorker(database.Options, database.ScopeId, rows: rows);
        if (refused.Count > 0)
        {
            await database.RefuseAsync(worker, refused.Select(id => $"a{id}"));
        }

        // Two batches in one run, then a run of its own for each of the others.
        var report = new List<string>();
        foreach (var run in batches.Skip(2).Select(batch => new[] { batch }).Prepend([.. batches.Take(2)]))
        {
            var opened = await worker.OpenAsync();
            await worker.Writer.WriteAsync(opened, ImportStep.To(RunPhase.Reading), Cancel);
            foreach (var batch in run)
            {
                foreach (var part in parts?.Invoke(batch) ?? [batch])
                {
                    await worker.Writer.WriteAsync(opened, Record.Batch(part), Cancel);
                }

                worker.Clock.Advance(TimeSpan.FromSeconds(1));
            }

            await worker.ConcludeAsync(opened);
            report.Add(opened.Tally.ToJson());
        }

        if (refused.Count > 0)
        {
            await database.AcceptAsync(worker);
        }

        var runs = await worker.QueryAsync(db => db.ImportRuns.Where(r => r.ScopeId == worker.ScopeId).OrderBy(r => r.CreatedAt).Select(r => r.Id).ToListAsync(Cancel));
        report.AddRange((await DumpAsync(worker)).Select(line => Normalized(line, runs)).Order(StringComparer.Ordinal));
        return string.Join('\n', report);
    }

    /// <summary>Runs and pseudonyms differ by right.</summary>
    private static string Normalized(string line, List<Guid> runs)
    {
        foreach (var (index, run) in runs.Index())
        {
            foreach (var id in new[] { run.ToString().ToUpperInvariant(), run.ToString() })
            {
                line = line.Replace(id, $"run {index}", StringComparison.Ordinal)
                    .Replace(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(id)), $"run {index}", StringComparison.Ordinal);
            }
        }

        return PseudonymHex().Replace(Pseudonym().Replace(line, "erased"), "erased");
    }

    /// <summary>
    /// A record that has no hash to be recognized by confirms no row that says the same of the same version: so of two that differ in nothing but what
    /// has no column, either may be kept.
    /// </summary>
    private static string WithoutDigests(string rows) => Digest().Replace(rows, "");

    private static string WithoutBatches(string rows) => BatchCount().Replace(rows, "");

    [GeneratedRegex("\"Batches\":[0-9]+")]
    private static partial Regex BatchCount();

    [GeneratedRegex("(SourceDigest|PayloadAt)=\\S*|(?<=SourcePayload=text)[0-9A-F]*(?=:)|(?<=\"unmapped\":)[01]|(?<=\"jobId\":\"j)[01]")]
    private static partial Regex Digest();

    [GeneratedRegex("erased:[0-9]+")]
    private static partial Regex Pseudonym();

    [GeneratedRegex("6572617365643A(3[0-9])+")]
    private static partial Regex PseudonymHex();

    private static MappedApplication Filled(MappedApplication application, int seed)
    {
        var random = new Random(seed);
        var (candidate, profile) = (Filled(CandidateColumns.All, random), Filled(ProfileColumns.All, random));
        return application with
        {
            Candidate = candidate,
            Profile = profile,
            CandidateHash = ContentHash.Of(candidate),
            ProfileHash = ContentHash.Of(profile),
            Payload = Texts[random.Next(Texts.Length)],
        };
    }

    private static TRow Filled<TRow>(IReadOnlyList<Column<TRow>> columns, Random random)
        where TRow : new()
    {
        var row = new TRow();
        foreach (var column in columns)
        {
            var property = typeof(TRow).GetProperty(column.Name)!;
            var isRequired = property.PropertyType.IsValueType && Nullable.GetUnderlyingType(property.PropertyType) is null;
            property.SetValue(row, !isRequired && random.Next(4) == 0 ? null : Value(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, random));
        }

        return row;
    }

    private static object Value(Type type, Random random) => type.Name switch
    {
        nameof(Boolean) => random.Next(2) == 0,
        nameof(Int32) => new[] { 0, 1, -1, int.MinValue, int.MaxValue }[random.Next(5)],
        nameof(DateTime) => new[] { DateTime.MinValue, DateTime.MaxValue, new DateTime(2026, 3, 29, 2, 30, 0, DateTimeKind.Utc), new DateTime(random.NextInt64(DateTime.MaxValue.Ticks)) }[random.Next(4)],
        nameof(DateTimeOffset) => new[] { DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new DateTimeOffset(2026, 3, 29, 2, 30, 0, TimeSpan.FromHours(14)) }[random.Next(3)],
        nameof(DateOnly) => new[] { DateOnly.MinValue, DateOnly.MaxValue, new DateOnly(2000, 2, 29) }[random.Next(3)],
        nameof(String) => Texts[random.Next(Texts.Length)],
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"No test values for {type.Name}.")),
    };
}

/// <summary>On two SQLite files, compared as SQLite holds the values.</summary>
public sealed class SqliteWritersAgreeTests : WritersAgreeTests, IAsyncLifetime
{
    private readonly SqliteTestDatabase _reference = new();
    private readonly SqliteTestDatabase _fast = new();
    private int _lastScope;

    public async ValueTask InitializeAsync()
    {
        await _reference.MigrateAsync();
        await _fast.MigrateAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _reference.DisposeAsync();
        await _fast.DisposeAsync();
    }

    private protected override Task<(TestDatabase Reference, TestDatabase Fast)> PlacesAsync()
    {
        var scope = ++_lastScope;
        return Task.FromResult<(TestDatabase, TestDatabase)>((_reference.ForScope(scope), _fast.ForScope(scope)));
    }

    private protected override async Task<List<string>> DumpAsync(ImportWorker worker)
    {
        var dump = new List<string>();
        foreach (var (table, joined) in new[]
        {
            ("Candidate", "1"),
            ("CandidateProfile", "(SELECT ReferenceId FROM Candidate c WHERE c.Id = t.CandidateId)"),
            ("ActivityLog", "coalesce((SELECT ReferenceId FROM Candidate c WHERE t.ElementName = 'Candidate' AND c.Id = t.ElementId), (SELECT ReferenceId FROM CandidateProfile p WHERE t.ElementName = 'CandidateProfile' AND p.Id = t.ElementId), t.ElementId, 'none')"),
            ("ErasedKey", "1"),
        })
        {
            var columns = await LinesAsync($"SELECT name FROM pragma_table_info('{table}') WHERE name NOT IN ('Id', 'CandidateId', 'ElementId')");
            var values = string.Join(" || ' ' || ", columns.Select(c => $"'{c}=' || typeof({c}) || hex(coalesce({c}, '')) || ':' || quote({c})"));
            dump.AddRange(await LinesAsync($"SELECT '{table} ' || {joined} || ' ' || {values} FROM {table} t WHERE ScopeId = {worker.ScopeId}"));
        }

        return dump;

        Task<List<string>> LinesAsync(string sql) => worker.QueryAsync(db => db.Database.SqlQueryRaw<string>(sql).ToListAsync(Cancel));
    }
}

/// <summary>On a SQL Server, where one is to be had.</summary>
[Trait(SqlServerTestDatabase.Trait, SqlServerTestDatabase.TraitValue)]
public sealed class SqlServerWritersAgreeTests : WritersAgreeTests, IAsyncLifetime
{
    /// <summary>Keys, which differ by right, and the hashes of erased people, which differ from scope to scope.</summary>
    private static readonly string[] Left = ["Id", "ScopeId", "CandidateId", "ElementId", "Hash"];

    public ValueTask InitializeAsync()
    {
        SqlServerTestDatabase.Require();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private protected override async Task<(TestDatabase Reference, TestDatabase Fast)> PlacesAsync() =>
        (await SqlServerTestDatabase.CreateAsync(), await SqlServerTestDatabase.CreateAsync());

    private protected override Task<List<string>> DumpAsync(ImportWorker worker) => worker.QueryAsync(async db =>
    {
        var dump = new List<string>();
        foreach (var sql in new[]
        {
            "SELECT 'Candidate' AS [Table], t.* FROM Candidate t",
            "SELECT 'CandidateProfile' AS [Table], (SELECT c.ReferenceId FROM Candidate c WHERE c.Id = t.CandidateId) AS [Of], t.* FROM CandidateProfile t",
            """
            SELECT 'ActivityLog' AS [Table],
                (SELECT c.ReferenceId FROM Candidate c WHERE t.ElementName = 'Candidate' AND c.Id = t.ElementId) AS [Person],
                (SELECT p.ReferenceId FROM CandidateProfile p WHERE t.ElementName = 'CandidateProfile' AND p.Id = t.ElementId) AS [Application],
                CASE WHEN t.ElementId IS NULL THEN 'none' ELSE 'one' END AS [Element], t.*
            FROM ActivityLog t
            """,
            "SELECT 'ErasedKey' AS [Table], t.* FROM ErasedKey t",
        })
        {
            await db.Database.OpenConnectionAsync(Cancel);
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"{sql} WHERE t.ScopeId = {worker.ScopeId}";
            await using var reader = await command.ExecuteReaderAsync(Cancel);
            while (await reader.ReadAsync(Cancel))
            {
                dump.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Where(i => !Left.Contains(reader.GetName(i))).Select(i => $"{reader.GetName(i)}={Exact(reader.GetValue(i))}")));
            }
        }

        return dump;
    });

    private static string Exact(object value) => value switch
    {
        DBNull => "NULL",
        byte[] bytes => Convert.ToHexString(bytes),
        DateTime or DateTimeOffset => string.Create(CultureInfo.InvariantCulture, $"{value:O}"),
        string text => $"'{text}'",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {value}"),
    };
}
