using System.Globalization;
using System.Text.Json;
using HokifyMessaging.Contracts;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Runs;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using Microsoft.EntityFrameworkCore;

namespace HokifyMessaging.IntegrationTests.Bombs;

/// <summary>What a scope of the bombed service reads.</summary>
public enum Source
{
    /// <summary>Today's API.</summary>
    AtsApi = 1,

    /// <summary>The API of 2019.</summary>
    AtsApiV1,

    /// <summary>The API of 2018 in JSON.</summary>
    ExternJson,

    /// <summary>The API of 2018 in CSV.</summary>
    ExternCsv,

    /// <summary>A folder of CSV.</summary>
    Files,

    /// <summary>Today's API, with little time to answer.</summary>
    Hurried,
}

/// <summary>How an import of a bomb ended.</summary>
/// <param name="State">Completed or failed.</param>
/// <param name="Said">The failure, or what the result says went wrong.</param>
/// <param name="Resumes">When it resumes by itself.</param>
/// <param name="Downloads">How often the list was asked for.</param>
internal sealed record Ending(RunState State, IReadOnlyList<string> Said, DateTimeOffset? Resumes, int Downloads);

/// <summary>
/// One <c>hokify serve</c> that may have a heap of no more than 400 MB and imports from every source there is. It has to outlive all bombs of its class;
/// every import must leave what was there before as it was.
/// </summary>
public abstract class BombedService : IAsyncLifetime
{
    /// <summary>400 MB.</summary>
    private const string HeapLimit = "0x17D78400";

    /// <summary>What the process has in memory in all: the heap, the program and its libraries (100 MB), and what SQLite and the compressions take.</summary>
    private const int MostResidentKilobytes = 700_000;

    private const int Applications = 3;

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("hokify-bombs-");
    private Installation? _site;
    private HokifyProcess? _process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The settings of the limits.</summary>
    protected abstract IEnumerable<(string Key, string Value)> Limits { get; }

    /// <summary>The folder that <see cref="Source.Files"/> reads.</summary>
    internal string Folder => _files.FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_site is not null)
        {
            await _site.DisposeAsync();
        }

        _files.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Imports all from a source while hokify answers with a bomb: nothing that was there may change.</summary>
    internal async Task<Ending> ImportAsync(Source source, params SandboxFault[] faults)
    {
        var before = await StateAsync(await StartedAsync());
        var ending = await ImportAsync(source, ImportMode.Full, faults);
        Assert.Equal(before, await StateAsync(_site!));
        return ending;
    }

    /// <summary>Imports from a source while hokify answers so.</summary>
    internal async Task<Ending> ImportAsync(Source source, ImportMode mode, params SandboxFault[] faults)
    {
        var site = await StartedAsync();
        foreach (var fault in faults)
        {
            site.Sandbox.Faults.Add(fault);
        }

        try
        {
            var asked = Fetches(site);
            // From here on its peak is that of this import.
            await File.WriteAllTextAsync($"/proc/{_process!.Id}/clear_refs", "5", Cancel);
            var run = await RunAsync(source, mode);
            Assert.False(_process!.HasExited, $"it ended:\n{_process}");
            TestContext.Current.TestOutputHelper?.WriteLine($"peak: {await PeakKilobytesAsync() / 1024} MB");
            Assert.InRange(await PeakKilobytesAsync(), 0, MostResidentKilobytes);
            var completed = run.CompletedEvent is null ? null : JsonSerializer.Deserialize<HokifyImportCompleted>(run.CompletedEvent);
            List<string> said = completed is null ? [run.Failure!] : [.. completed.Result.Exceptions.Values.SelectMany(e => e).Select(e => e.Message!)];
            return new Ending(run.State, said, run.ResumeAt, Fetches(site) - asked);
        }
        finally
        {
            site.Sandbox.Faults.Clear();
        }
    }

    private async Task<int> PeakKilobytesAsync()
    {
        var status = await File.ReadAllLinesAsync($"/proc/{_process!.Id}/status", Cancel);
        return int.Parse(status.Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    internal async Task<int> ProfilesAsync(Source source) =>
        await (await StartedAsync()).Database.QueryAsync(db => db.CandidateProfiles.CountAsync(p => p.ScopeId == (int)source && !p.IsDeleted, Cancel));

    private static int Fetches(Installation site) => site.Sandbox.Requests.Count(request => request.Path.Contains("pplications", StringComparison.Ordinal));

    /// <summary>What no bomb may change: who was there is there, nobody is deleted, and the watermarks stand where they stood.</summary>
    private static async Task<string> StateAsync(Installation site) => string.Join('\n', await site.Database.QueryAsync(async db =>
        (await db.Scopes.AsNoTracking().OrderBy(s => s.ScopeId).ToListAsync(Cancel)).Select(s => $"scope {s.ScopeId} until {s.Watermark:O}")
            .Concat((await db.CandidateProfiles.AsNoTracking().Where(p => !p.ReferenceId.StartsWith("5b0b")).OrderBy(p => p.Id).ToListAsync(Cancel)).Select(p => $"{p.ScopeId} {p.ReferenceId} {p.IsDeleted}"))
            .ToList()));

    private async Task<ImportRun> RunAsync(Source source, ImportMode mode)
    {
        var key = $"bomb {Guid.NewGuid():N}";
        await _site!.Database.QueueAsync(new ImportRequest(key, (int)source, mode, null, false, null));
        await _process!.UntilAsync(() => _site.Database.IsAsync(key, run => run.State is RunState.Completed or RunState.Failed), $"the import from {source} has ended");
        return await _site.Database.RunAsync(key);
    }

    private async Task<Installation> StartedAsync()
    {
        if (_site is not null)
        {
            return _site;
        }

        // The clock goes on: a source whose clock stands still is asked again from where it stands.
        _site = await Installation.StartAsync(Applications, sandbox => sandbox.Clock = TimeProvider.System);
        Set("AtsApi", ("AtsApi:PageSize", "5"));
        Set("AtsApiV1", ("AtsApi:Version", "V1"), ("AtsApi:BaseAddress", $"{_site.Sandbox.AtsApi}/v1"), ("AtsApi:PageSize", "100"));
        Set("ExternJson", ("Source", "ExternApi"));
        Set("ExternCsv", ("Source", "ExternApi"), ("ExternApi:Csv", "true"));
        Set("Files", ("Source", "CsvFiles"), ("CsvFiles:Path", Folder));
        Set("Hurried", ("AtsApi:Http:AttemptTimeout", "00:00:02"), ("AtsApi:Http:TotalTimeout", "00:00:20"));
        _site.Settings["DOTNET_GCHeapHardLimit"] = HeapLimit;
        _site.Settings["Hokify:Import:BatchSize"] = "500";
        _site.Settings["Hokify:Import:FailedRunDelay"] = "01:00:00";
        _site.Settings["Hokify:Ledger:FirstInterval"] = "1.00:00:00";
        foreach (var (key, value) in Limits)
        {
            _site.Settings[$"Hokify:Reading:{key}"] = value;
        }

        await File.WriteAllTextAsync(Path.Combine(Folder, "a.csv"), "matchId;name;email\nm1;Anna Muster;anna@hokify.example\n", Cancel);
        _process = await _site.ServeAsync();
        await _process.UntilStartedAsync();
        foreach (var source in Enum.GetValues<Source>())
        {
            Assert.Equal(RunState.Completed, (await RunAsync(source, ImportMode.Full)).State);
            Assert.Equal(source == Source.Files ? 1 : Applications, await ProfilesAsync(source));
        }

        return _site;
    }

    private void Set(string source, params (string Key, string Value)[] settings)
    {
        var scopeId = (int)Enum.Parse<Source>(source);
        _site!.AddScope(scopeId, "demo", "demo-token");
        var scope = $"Hokify:Scopes:{scopeId}";
        _site.Settings[$"{scope}:Name"] = source;
        _site.Settings[$"{scope}:ExternApi:BaseAddress"] = _site.Sandbox.ExternApi.ToString();
        _site.Settings[$"{scope}:ExternApi:Mandator"] = "demo";
        _site.Settings[$"{scope}:ExternApi:Token"] = "demo-token";
        _site.Settings[$"{scope}:ExternApi:Http:Retries"] = "1";
        _site.Settings[$"{scope}:ExternApi:Http:Delay"] = "00:00:00.010";
        foreach (var api in new[] { "AtsApi", "ExternApi" })
        {
            // How fast a machine is that has much else to do is not what is tried here.
            _site.Settings[$"{scope}:{api}:Http:AttemptTimeout"] = "00:05:00";
            _site.Settings[$"{scope}:{api}:Http:TotalTimeout"] = "00:10:00";
        }

        foreach (var (key, value) in settings)
        {
            _site.Settings[$"{scope}:{key}"] = value;
        }
    }
}

/// <summary>With limits so low that bombs are quick.</summary>
public sealed class LowLimits : BombedService
{
    protected override IEnumerable<(string Key, string Value)> Limits =>
        [("LargestItem", $"{64 * 1024}"), ("LargestPage", $"{1024 * 1024}"), ("LargestBatch", $"{256 * 1024}")];
}

/// <summary>With the limits that everybody has who sets none.</summary>
public sealed class DefaultLimits : BombedService
{
    protected override IEnumerable<(string Key, string Value)> Limits => [];
}
