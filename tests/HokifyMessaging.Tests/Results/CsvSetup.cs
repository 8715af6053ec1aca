using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using HokifyMessaging.Applications;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Results;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;
using HokifyMessaging.Tests.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Results;

/// <summary>A SQLite file of the test's own, and the files of the runs in it.</summary>
internal sealed class CsvSetup : IAsyncDisposable
{
    private readonly SqliteTestDatabase _database;

    private CsvSetup(SqliteTestDatabase database, ImportWorker worker) => (_database, Worker) = (database, worker);

    public ImportWorker Worker { get; }

    public TestDatabase Database => _database;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<CsvSetup> StartAsync(params (string Key, string? Value)[] settings) => StartAsync([], settings);

    public static async Task<CsvSetup> StartAsync(IInterceptor[] interceptors, params (string Key, string? Value)[] settings)
    {
        var database = new SqliteTestDatabase();
        var all = new Dictionary<string, string?>
        {
            ["Hokify:Scopes:1:Name"] = "Gasthaus zur Köchin",
            ["Hokify:Scopes:1:Source"] = "CsvFiles",
            ["Hokify:Scopes:1:CsvFiles:Path"] = "exports",
        };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        await database.MigrateAsync();
        return new CsvSetup(database, new ImportWorker(database.Options, settings: all, interceptors: interceptors));
    }

    public async Task<RunInProgress> OpenAsync(RunPhase phase = RunPhase.Reading)
    {
        var run = await Worker.OpenAsync();
        await Worker.Writer.WriteAsync(run, ImportStep.To(phase), Cancel);
        return run;
    }

    public Task WriteAsync(RunInProgress run, params IReadOnlyList<SourceRecord> records) => Worker.Writer.WriteAsync(run, Record.Batch(records), Cancel);

    public async Task<Guid> ImportAsync(params IEnumerable<MappedApplication> applications)
    {
        var run = await OpenAsync();
        await WriteAsync(run, [.. applications.Select(Record.Ready)]);
        await Worker.ConcludeAsync(run);
        return run.RunId;
    }

    public Task WriteAsync(Guid runId, Stream destination, RunFileFormat? format = null) =>
        Worker.Services.GetRequiredService<RunFiles>().WriteAsync(runId, format ?? RunFileFormat.Csv, PeopleValues.Shown, destination, Cancel);

    public async Task<byte[]> BytesAsync(Guid runId, RunFileFormat? format = null)
    {
        using var file = new MemoryStream();
        await WriteAsync(runId, file, format);
        return file.ToArray();
    }

    public async Task<Workbook> WorkbookAsync(Guid runId) => Workbook.Read(await BytesAsync(runId, RunFileFormat.Workbook));

    public async Task<CsvFile> CsvAsync(Guid runId) => CsvFile.Read(await BytesAsync(runId));

    /// <summary>Rows as they might stand there, whoever wrote them.</summary>
    public Task AddAsync(params IEnumerable<object> rows) => Worker.QueryAsync(async db =>
    {
        db.AddRange(rows);
        return await db.SaveChangesAsync(Cancel);
    });

    /// <summary>Makes many rows of one: row 1 of a table again under the ids from 2 to <paramref name="last"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="last">The last id; with 1 there is nothing to make.</param>
    /// <param name="differing">What is not as in row 1, as SQL in which <c>i</c> is the row's id.</param>
    public async Task MultiplyAsync(string table, int last, params (string Column, string Sql)[] differing)
    {
        if (last < 2)
        {
            return;
        }

        var columns = await Worker.QueryAsync(db => db.Database.SqlQuery<string>($"SELECT name AS Value FROM pragma_table_info({table})").ToListAsync(Cancel));
        var values = columns.Select(c => c == "Id" ? "i" : differing.FirstOrDefault(d => d.Column == c).Sql ?? $"\"{c}\"");
        await Worker.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {last}) INSERT INTO {table} ({string.Join(", ", columns)}) SELECT {string.Join(", ", values)} FROM n, {table} WHERE Id = 1;"));
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await _database.DisposeAsync();
    }

    public static ScopeState Scope(int id = 1) => new() { ScopeId = id };

    public static ImportRun Run(Guid id, ExportImportResult? result = null, int scopeId = 1) => new()
    {
        Id = id,
        IdempotencyKey = id.ToString(),
        ScopeId = scopeId,
        State = result is null ? RunState.Running : RunState.Completed,
        Phase = RunPhase.Reading,
        CreatedAt = Record.Epoch,
        StartedAt = Record.Epoch,
        WindowTo = Record.Epoch,
        CompletedAt = result is null ? null : Record.Epoch.AddMinutes(2),
        Tally = ImportTally.ForNewRun().ToJson(),
        CompletedEvent = result is null ? null : JsonSerializer.Serialize(new HokifyImportCompleted { IdempotencyKey = id.ToString(), Result = result }),
    };

    public static Candidate Person(long id = 1) => new()
    {
        Id = id,
        ScopeId = 1,
        ReferenceId = $"p{id}",
        ContentHash = new byte[16],
        Columns = new CandidateColumns(),
        CreatedAt = Record.Epoch,
        ChangedAt = Record.Epoch,
    };

    public static CandidateProfile Profile(long id, ProfileColumns columns) => new()
    {
        Id = id,
        ScopeId = 1,
        ReferenceId = $"a{id}",
        CandidateId = 1,
        ContentHash = new byte[16],
        CreatedAt = Record.Epoch,
        ChangedAt = Record.Epoch,
        SourcePayload = "the payload is not shown",
        Columns = columns,
    };

    /// <summary>The log of a change to an application.</summary>
    public static ActivityLog Touch(Guid run, long id, long profile, ActivityName name = ActivityName.Created) => new()
    {
        Id = id,
        ScopeId = 1,
        RunId = run,
        Name = name,
        Status = ActivityStatus.Done,
        ReferenceId = $"a{profile}",
        ElementName = ElementNames.CandidateProfile,
        ElementId = profile,
        Command = ActivityLog.Import,
        Date = Record.Epoch,
    };

    /// <summary>A run that touched one application with these columns.</summary>
    public async Task<Guid> AddRunOfAsync(ProfileColumns columns, Action<CandidateProfile, ActivityLog>? change = null)
    {
        var run = Guid.NewGuid();
        var (profile, log) = (Profile(1, columns), Touch(run, 1, 1));
        change?.Invoke(profile, log);
        await AddAsync(Scope(), Run(run), Person(), profile, log);
        return run;
    }
}

/// <summary>The CSV of a run as a program reads it: the line with the separator, then rows with 71 cells each.</summary>
internal sealed record CsvFile(string Text, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyDictionary<string, string>> Rows)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public IEnumerable<IReadOnlyDictionary<string, string>> Profiles => Rows.Where(row => row["CandidateId"] != "");

    public IEnumerable<IReadOnlyDictionary<string, string>> Logs => Rows.Where(row => row["Command"] != "");

    public IReadOnlyDictionary<string, string> Result => Rows[^1];

    public IReadOnlyList<string> Sentences(string column) => JsonSerializer.Deserialize<List<string>>(Result[column])!;

    public static CsvFile Read(byte[] bytes)
    {
        var text = Utf8.GetString(bytes);
        const string Separator = "\"sep=,\"\n";
        Assert.StartsWith(Separator, text, StringComparison.Ordinal);
        using var csv = new CsvReader(
            new StringReader(text[Separator.Length..]), new CsvConfiguration(CultureInfo.InvariantCulture) { DetectColumnCountChanges = true });
        Assert.True(csv.Read() && csv.ReadHeader());
        var header = csv.HeaderRecord!;
        var rows = new List<IReadOnlyDictionary<string, string>>();
        while (csv.Read())
        {
            rows.Add(header.ToDictionary(name => name, name => csv.GetField(name)!));
        }

        return new CsvFile(text, header, rows);
    }
}
