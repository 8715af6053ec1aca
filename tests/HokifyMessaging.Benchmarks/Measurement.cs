using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Benchmarks;

/// <summary>One contestant, once.</summary>
/// <param name="Folder">Holds what is read: <c>small</c> to warm up with, and <c>full</c>.</param>
/// <param name="Version">Which version of <c>full</c>.</param>
internal sealed record Measured(string Contestant, string Source, string Folder, int Version, string Database);

/// <param name="RecordsPerSecond">By the clock on the wall.</param>
/// <param name="Processor">Microseconds of processor time for a record: on a busy machine it tells more than the clock.</param>
/// <param name="BytesPerRecord">Allocated.</param>
/// <param name="PeakBytes">The largest working set, warm-up and preparation included.</param>
internal sealed record Result(double RecordsPerSecond, double Processor, double BytesPerRecord, double PeakBytes)
{
    public static Result Median(IReadOnlyList<Result> rounds) => new(
        rounds.Median(r => r.RecordsPerSecond), rounds.Median(r => r.Processor), rounds.Median(r => r.BytesPerRecord), rounds.Median(r => r.PeakBytes));
}

/// <summary>Each measurement has a process of its own: warm-up on a small database, then the one that counts.</summary>
internal static class Measurement
{
    private const int WarmUpRecords = 1_000;

    /// <summary>Methods are compiled again while they run, one by one and with pauses; a service has that behind it, and so has to have whoever is measured. Of processor time.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    public static async Task WriteInputsAsync(string source, int records, string folder, int versions = 1)
    {
        await Inputs.WriteAsync(source, WarmUpRecords, Path.Combine(folder, "small"), versions: 2);
        await Inputs.WriteAsync(source, records, Path.Combine(folder, "full"), versions);
    }

    /// <summary>Makes the database that measurements begin with: empty, or as an import has left it.</summary>
    public static async Task<string> WriteTemplateAsync(string source, string folder, string? imported)
    {
        var template = Path.Combine(folder, "template.db");
        await using (var setup = new Setup(source, imported ?? "nothing", template))
        {
            await setup.MigrateAsync();
            if (imported is not null)
            {
                await (await Contestant.Ours.PrepareAsync(setup))();
            }
        }

        // The last connection that closes leaves everything in one file.
        SqliteConnection.ClearAllPools();
        return template;
    }

    /// <summary>Measures with a fresh copy of the template.</summary>
    public static async Task<Result> InProcessOfItsOwnAsync(Measured measured, string template)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(measured.Database)!, Path.GetFileName(measured.Database) + "*"))
        {
            File.Delete(file);
        }

        File.Copy(template, measured.Database);
        await using (var copy = new FileStream(measured.Database, FileMode.Open, FileAccess.ReadWrite))
        {
            copy.Flush(flushToDisk: true);
        }

        return await OfProcessAsync("measure", measured.Contestant, measured.Source, measured.Folder, measured.Version.ToString(CultureInfo.InvariantCulture), measured.Database);
    }

    /// <summary>What this program finds out when it is started once more.</summary>
    public static async Task<Result> OfProcessAsync(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Result>(output)!
            : throw new InvalidOperationException($"Measuring {string.Join(' ', start.ArgumentList)} failed; its error is above.");
    }

    public static async Task RunAsync(Measured measured)
    {
        var contestant = Contestant.Named(measured.Contestant);
        for (var warmUp = 0; warmUp < 3 || Environment.CpuUsage.TotalTime < WarmUp; warmUp++)
        {
            await using var small = new Setup(measured.Source, Inputs.Of(Path.Combine(measured.Folder, "small"), warmUp % 2), measured.Database + ".warm-up");
            await small.MigrateAsync();
            await (await contestant.PrepareAsync(small))();
        }

        await using var setup = new Setup(measured.Source, Inputs.Of(Path.Combine(measured.Folder, "full"), measured.Version), measured.Database);
        await setup.MigrateAsync();
        Tell(await MeasureAsync(await contestant.PrepareAsync(setup)));
    }

    public static void Tell(Result result) => Console.WriteLine(JsonSerializer.Serialize(result));

    public static async Task<Result> MeasureAsync(Func<Task<int>> run)
    {
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        using var self = Process.GetCurrentProcess();
        var processor = self.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        var records = await run();
        watch.Stop();
        self.Refresh();
        processor = self.TotalProcessorTime - processor;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        return new Result(records / watch.Elapsed.TotalSeconds, processor.TotalMicroseconds / records, (double)allocated / records, self.PeakWorkingSet64);
    }
}

internal static class Statistics
{
    public static double Median<T>(this IEnumerable<T> all, Func<T, double> value)
    {
        var sorted = all.Select(value).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>A folder for as long as something is measured.</summary>
internal sealed class Workplace : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hokify-benchmark-");

    public string Folder => _folder.FullName;

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    public static void Tell(string what) => Console.Error.WriteLine(what);

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}
