using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// <c>import --records 20000 --source csv|json --workload new|replay|tenth --rounds 3</c>: our import beside the ways in which
/// a team could write it, interleaved in several rounds, each in a fresh process; the table shows medians.
/// </summary>
internal static class ImportComparison
{
    private const int WarmUpRecords = 1_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Options.Parse(arguments) is not { } options)
        {
            await Console.Error.WriteLineAsync(
                "Usage: import [--records 1000..10000000] [--source csv|json] [--workload new|replay|tenth] [--rounds 1..99] [--only name,name]");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("hokify-benchmark-");
        try
        {
            await MeasureAsync(options, folder.FullName);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static async Task WriteInputsAsync(string source, int records, string folder)
    {
        await Inputs.WriteAsync(source, WarmUpRecords, Path.Combine(folder, "small"));
        await Inputs.WriteAsync(source, records, Path.Combine(folder, "full"));
    }

    private static async Task MeasureAsync(Options options, string folder)
    {
        var contestants = Contestants.Of(options.Workload).Where(c => options.Only is null || options.Only.Contains(c)).ToList();
        await WriteInputsAsync(options.Source, options.Records, folder);

        // Everyone begins with the same file, empty or as an import of the same records has left it.
        var template = Path.Combine(folder, "template.db");
        await using (var setup = new Setup(options.Source, Inputs.Of(Path.Combine(folder, "full"), version: 0), template))
        {
            await setup.MigrateAsync();
            if (options.Workload != "new")
                await (await Contestants.Prepare(Contestants.Name, setup))();
        }

        SqliteConnection.ClearAllPools();
        var results = contestants.ToDictionary(name => name, _ => new List<Result>());
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var name in contestants)
            {
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round {round}: {name}"));
                results[name].Add(await MeasureAsync(name, options, folder, template));
            }
        }

        Print(options, results);
    }

    private static async Task<Result> MeasureAsync(string name, Options options, string folder, string template)
    {
        var database = Path.Combine(folder, "measured.db");
        foreach (var file in Directory.EnumerateFiles(folder, "measured.db*"))
            File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(folder, "template.db*"))
            File.Copy(file, file.Replace(template, database, StringComparison.Ordinal));

        var version = options.Workload == "tenth" ? "1" : "0";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in new[] { "measure", name, options.Source, folder, version, database })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Result>(output)!
            : throw new InvalidOperationException($"Measuring {name} failed; its error is above.");
    }

    private static void Print(Options options, Dictionary<string, List<Result>> results)
    {
        var medians = results.ToDictionary(r => r.Key, r => Median(r.Value.Select(x => x.RecordsPerSecond)));
        var ours = medians.GetValueOrDefault(Contestants.Name);
        var text = FormattableString.Invariant(
            $"{options.Records:N0} records, {options.Source}, {options.Workload}, medians of {options.Rounds} rounds; {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}");
        Console.WriteLine(text);
        Console.WriteLine();
        Console.WriteLine("| | records/s | ours is x times as fast | processor per record | allocated per record | peak memory |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, runs) in results)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"| {name} | {medians[name]:N0} | {ours / medians[name]:0.00} | {Median(runs.Select(r => r.Processor)):0.0} µs | {Median(runs.Select(r => r.BytesPerRecord)):N0} B | {Median(runs.Select(r => (double)r.PeakBytes)) / 1024 / 1024:N0} MB |"));
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private sealed record Options(int Records, string Source, string Workload, int Rounds, IReadOnlyList<string>? Only)
    {
        public static Options? Parse(string[] arguments)
        {
            var given = arguments.Chunk(2).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
            var (records, rounds) = (Number("--records", 20_000), Number("--rounds", 3));
            var (source, workload) = (given.GetValueOrDefault("--source", "csv"), given.GetValueOrDefault("--workload", "new"));
            var isKnown = given.Keys.All(key => key is "--records" or "--rounds" or "--source" or "--workload" or "--only");
            return isKnown && arguments.Length % 2 == 0 && records is >= 1_000 and <= 10_000_000 && rounds is >= 1 and <= 99
                && source is "csv" or "json" && workload is "new" or "replay" or "tenth"
                ? new Options(records, source, workload, rounds, given.TryGetValue("--only", out var only) ? only.Split(',') : null)
                : null;

            int Number(string name, int otherwise) => !given.TryGetValue(name, out var text) ? otherwise
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        }
    }
}

/// <param name="RecordsPerSecond">By the clock on the wall.</param>
/// <param name="Processor">Microseconds of processor time for a record: on a busy machine it tells more than the clock.</param>
/// <param name="BytesPerRecord">Allocated.</param>
/// <param name="PeakBytes">The largest working set, warm-up and preparation included.</param>
internal sealed record Result(double RecordsPerSecond, double Processor, double BytesPerRecord, long PeakBytes);

/// <summary>One contestant, once, in this process: warm-up on a small database, then the one that counts.</summary>
internal static class Measurement
{
    /// <param name="arguments">Contestant, source, folder with the inputs, their version and the database.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var (name, source, folder, version, database) = (arguments[0], arguments[1], arguments[2], int.Parse(arguments[3], CultureInfo.InvariantCulture), arguments[4]);
        for (var warmUp = 0; warmUp < 3; warmUp++)
        {
            await using var small = new Setup(source, Inputs.Of(Path.Combine(folder, "small"), warmUp % 2), database + ".warm-up");
            await small.MigrateAsync();
            await (await Contestants.Prepare(name, small))();
        }

        await using var setup = new Setup(source, Inputs.Of(Path.Combine(folder, "full"), version), database);
        await setup.MigrateAsync();
        var run = await Contestants.Prepare(name, setup);
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
        Console.WriteLine(JsonSerializer.Serialize(new Result(records / watch.Elapsed.TotalSeconds, processor.TotalMicroseconds / records, (double)allocated / records, self.PeakWorkingSet64)));
    }
}
