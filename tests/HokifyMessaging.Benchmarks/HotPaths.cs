using BenchmarkDotNet.Attributes;
using HokifyMessaging.Applications;
using HokifyMessaging.Planning;

namespace HokifyMessaging.Benchmarks;

/// <summary>What every record passes through, for a thousand of them: <c>-- --filter *HotPaths*</c>.</summary>
[MemoryDiagnoser]
public class HotPaths : IAsyncDisposable
{
    private const int Records = 1_000;

    private readonly ApplicationMapping _mapping = new(new MappingOptions());
    private Workplace _work = null!;
    private Setup _setup = null!;
    private List<HokifyApplication> _applications = [];
    private List<MappedApplication> _mapped = [];
    private StoredRows _stored = StoredRows.None;

    /// <summary>What is read.</summary>
    [Params("csv", "json")]
    public string Source { get; set; } = "";

    /// <summary>Writes the input and reads it once.</summary>
    [GlobalSetup]
    public async Task PrepareAsync()
    {
        _work = new Workplace();
        var folder = _work.Folder;
        await Inputs.WriteAsync(Source, Records, folder);
        _setup = new Setup(Source, Inputs.Of(folder, 0), Path.Combine(folder, "unused.db"));
        _applications = [.. (await _setup.ReadAsync().ToListAsync()).SelectMany(page => page.Records).Select(record => record.Read().Value!)];
        _mapped = await _setup.MapAsync().ToListAsync();
        _stored = new StoredRows(
            _mapped.DistinctBy(a => a.PersonId).ToDictionary(a => a.PersonId, a => new StoredCandidate(1, a.CandidateHash, a.Version, a.Id.Value, false)),
            _mapped.ToDictionary(a => a.Id, a => new StoredProfile(1, 1, a.ProfileHash, a.Version, false)));
    }

    /// <summary>Lets the source go, and its files.</summary>
    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _setup.DisposeAsync();
        _work.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public async Task<int> Read() => await _setup.ReadAsync().CountAsync();

    [Benchmark(OperationsPerInvoke = Records)]
    public int Map() => _applications.Count(application => _mapping.Map(application, "here").Value is not null);

    [Benchmark(OperationsPerInvoke = Records)]
    public ulong Hash()
    {
        var sum = 0UL;
        foreach (var row in _mapped)
        {
            sum ^= ContentHash.Of(row.Candidate).Low ^ ContentHash.Of(row.Profile).Low;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public int PlanUnchanged() => Planner.Plan(_mapped, _stored, _ => false, _ => false).Count;
}
