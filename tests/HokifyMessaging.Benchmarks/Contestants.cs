using System.Globalization;
using System.Text.RegularExpressions;
using HokifyMessaging.Contracts;
using HokifyMessaging.Importing;
using HokifyMessaging.Runs;
using HokifyMessaging.Storage;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// Who is measured. Each is prepared first, and what it then returns is what counts. All who read share one reader and one
/// mapping, and all who write share one schema and the connections that <see cref="Setup.Open"/> configures.
/// </summary>
/// <param name="Kind">What sets it apart, without the size of its batches.</param>
/// <param name="Batch">How many records it writes at a time, where that is a question.</param>
internal sealed partial record Contestant(string Kind, int Batch = 0)
{
    /// <summary>From the source to the stored result and event.</summary>
    public static readonly Contestant Ours = new("HokifyMessaging");

    /// <summary>The same, but what the source no longer has stays.</summary>
    public static readonly Contestant OursIncremental = new("HokifyMessaging, incremental");

    /// <summary>The same, traced and measured.</summary>
    public static readonly Contestant OursWatched = new("HokifyMessaging while watched");
    public static readonly Contestant Reading = new("reading alone");
    public static readonly Contestant Mapping = new("reading and mapping alone");
    private static readonly Contestant OneByOne = new("EF Core one by one", 1);
    private static readonly Contestant Limit = new("limit: bare prepared inserts of rows at hand");
    private static readonly Contestant LimitTogether = new("limit: bare prepared inserts of ten records each");
    private static readonly Contestant LimitOfSqlite = new("limit: INSERT … SELECT from an attached database");
    private static readonly Contestant LimitFromSource = new("limit behind the same reading and mapping");

    public string Name => Batch > 1 ? $"{Kind} {Batch} at a time" : Kind;

    public bool Reads => this != Limit && this != LimitTogether && this != LimitOfSqlite;

    /// <summary>Whether it keeps the record as it came; otherwise it keeps what it has understood of it.</summary>
    public bool KeepsPayload => Kind != WithClasses(Batch).Kind;

    public bool Writes => this != Reading && this != Mapping;

    public static List<Contestant> Of(string workload, string source)
    {
        List<Contestant> all = [Ours, Reading, Mapping, OneByOne, EfCore(200), EfCore(1000), Linq2Db(200), Linq2Db(1000)];
        all.AddRange(source == "json" ? [WithClasses(200), WithClasses(1000)] : []);
        return workload == "new" ? [.. all, Limit, LimitTogether, LimitOfSqlite, LimitFromSource] : all;
    }

    public static Contestant Named(string name) =>
        Of("new", "csv").Append(OursIncremental).Append(OursWatched).FirstOrDefault(c => c.Name == name)
            ?? (SizedName().Match(name) is { Success: true } sized
                ? new Contestant(sized.Groups["kind"].Value, int.Parse(sized.Groups["batch"].Value, CultureInfo.InvariantCulture))
                : throw new ArgumentException($"There is no contestant '{name}'.", nameof(name)));

    public Task<Func<Task<int>>> PrepareAsync(Setup setup) => this switch
    {
        _ when this == Ours => Task.FromResult(() => ImportAsync(setup, ImportMode.Full)),
        _ when this == OursIncremental => Task.FromResult(() => ImportAsync(setup, ImportMode.Incremental)),
        _ when this == OursWatched => Task.FromResult(async () =>
        {
            using var watching = new Watching();
            return await ImportAsync(setup, ImportMode.Full);
        }),
        _ when this == Reading => Task.FromResult(() => ReadAsync(setup)),
        _ when this == Mapping => Task.FromResult(async () => await setup.MapAsync().CountAsync()),
        _ when this == Limit => BareInserts.PrepareAsync(setup, rowsAtHand: true),
        _ when this == LimitTogether => BareInserts.PrepareAsync(setup, rowsAtHand: true, atOnce: 10),
        _ when this == LimitOfSqlite => AttachedRows.PrepareAsync(setup),
        _ when this == LimitFromSource => BareInserts.PrepareAsync(setup, rowsAtHand: false),
        _ when Kind == Linq2Db(Batch).Kind => Linq2DbPeer.PrepareAsync(setup, Batch),
        _ => EfCorePeer.PrepareAsync(setup, Batch, withClasses: !KeepsPayload),
    };

    /// <summary>The run that activity logs of the peers refer to.</summary>
    public static async Task<Guid> OpenRunAsync(Setup setup)
    {
        await using var db = setup.Open();
        if (await db.Scopes.FindAsync(Setup.ScopeId) is null)
        {
            db.Scopes.Add(new ScopeState { ScopeId = Setup.ScopeId });
        }

        var run = new ImportRun { Id = Guid.NewGuid(), IdempotencyKey = Guid.NewGuid().ToString(), ScopeId = Setup.ScopeId, Tally = "{}", CreatedAt = setup.Clock.GetUtcNow() };
        db.ImportRuns.Add(run);
        await db.SaveChangesAsync();
        return run.Id;
    }

    [GeneratedRegex("^(?<kind>EF Core|EF Core with generated classes|linq2db) (?<batch>[1-9][0-9]{0,4}) at a time$", RegexOptions.ExplicitCapture)]
    private static partial Regex SizedName();

    private static Contestant EfCore(int batch) => new("EF Core", batch);

    private static Contestant WithClasses(int batch) => new("EF Core with generated classes", batch);

    private static Contestant Linq2Db(int batch) => new("linq2db", batch);

    private static async Task<int> ImportAsync(Setup setup, ImportMode mode)
    {
        var request = new ImportRequest(Guid.NewGuid().ToString(), Setup.ScopeId, mode, UnixSecondsFrom: null, DryRun: false, null);
        var slice = new ImportSlice(DateTimeOffset.MaxValue, CancellationToken.None);
        var outcome = await setup.Get<HokifyImporter>().ImportAsync(request, slice, CancellationToken.None);
        return outcome is ImportOutcome.Completed({ Result: { ErrorCount: 0 } result })
            ? result.StatsCounter[Stat.Fetched]
            : throw new InvalidOperationException($"The import ended with {outcome}.");
    }

    private static async Task<int> ReadAsync(Setup setup)
    {
        var records = 0;
        await foreach (var page in setup.ReadAsync())
        {
            records += page.Records.Count;
        }

        return records;
    }
}
