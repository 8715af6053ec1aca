using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// The least that can be done with the pages of today's API: a parser goes through their bytes and looks at nothing, with or without a
/// hash over them; and beside it reading them, reading and mapping them, and importing them again. All take turns in one process, so that what else
/// the machine does and what the compiler has done already is the same for all of them.
/// </summary>
internal static class BareWalk
{
    /// <summary>What is compiled while it runs has been compiled then.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    public static async Task RunAsync(int records, int rounds)
    {
        using var work = new Workplace();
        await Inputs.WriteAsync("json", records, work.Folder);
        var template = await Measurement.WriteTemplateAsync("json", work.Folder, Inputs.Of(work.Folder, 0));
        await using var setup = new Setup("json", Inputs.Of(work.Folder, 0), template);
        var pages = Directory.GetFiles(setup.Input);
        var buffer = new byte[pages.Max(page => new FileInfo(page).Length)];
        List<(string Name, Func<Task> Run)> all =
        [
            ("bare walk", () => WalkAsync(pages, buffer, hashes: false)),
            ("bare walk with hashing", () => WalkAsync(pages, buffer, hashes: true)),
        ];
        foreach (var contestant in new[] { Contestant.Reading, Contestant.Mapping, Contestant.Ours })
        {
            var run = await contestant.PrepareAsync(setup);
            all.Add((contestant == Contestant.Ours ? "importing again" : contestant.Name, run));
        }

        while (Environment.CpuUsage.TotalTime < WarmUp)
        {
            await RoundAsync(all);
        }

        var measured = new List<Taken[]>();
        for (var round = 0; round < rounds; round++)
        {
            measured.Add(await RoundAsync(all));
        }

        Print(records, rounds, [.. all.Select(one => one.Name)], measured);
    }

    private static async Task<Taken[]> RoundAsync(List<(string Name, Func<Task> Run)> all)
    {
        var taken = new Taken[all.Count];
        foreach (var (index, (_, run)) in all.Index())
        {
            GC.Collect();
            var (processor, allocated, watch) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.StartNew());
            await run();
            taken[index] = new Taken(watch.Elapsed, Environment.CpuUsage.TotalTime - processor, GC.GetTotalAllocatedBytes(precise: true) - allocated);
        }

        return taken;
    }

    private static void Print(int records, int rounds, string[] names, List<Taken[]> measured)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"{records:N0} records, medians of {rounds} rounds; {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}"));
        Console.WriteLine();
        Console.WriteLine("| | processor per record | a walk with hashing takes x times that | by the clock | allocated per record |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        foreach (var (index, name) in names.Index())
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {measured.Median(round => round[index].Processor.TotalMicroseconds) / records:0.0} µs | {measured.Median(round => round[1].Processor / round[index].Processor):0.00} | {measured.Median(round => round[1].Time / round[index].Time):0.00} | {measured.Median(round => (double)round[index].Bytes) / records:N0} B |"));
        }
    }

    /// <summary>A page comes from its file into a buffer that is there already; nothing waits, and nothing is kept.</summary>
    private static Task WalkAsync(string[] pages, byte[] buffer, bool hashes)
    {
        var (tokens, hash) = (0L, UInt128.Zero);
        foreach (var page in pages)
        {
            using var file = File.OpenHandle(page);
            var json = buffer.AsSpan(0, RandomAccess.Read(file, buffer, 0));
            tokens += Tokens(json);
            hash ^= hashes ? XxHash128.HashToUInt128(json) : UInt128.Zero;
        }

        return tokens > 0 && (hash != UInt128.Zero || !hashes) ? Task.CompletedTask : throw new InvalidOperationException("There are no pages to walk through.");
    }

    private static long Tokens(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var tokens = 0L;
        while (reader.Read())
        {
            tokens++;
        }

        return tokens;
    }

    private sealed record Taken(TimeSpan Time, TimeSpan Processor, long Bytes);
}
