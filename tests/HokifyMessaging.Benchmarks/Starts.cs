using System.Diagnostics;

namespace HokifyMessaging.Benchmarks;

/// <summary>How long the program takes to begin: the service until it is ready, with what it has without settings, and a verb that only looks.</summary>
internal static class Starts
{
    /// <param name="program">The program; null for that which the build has put beside this one.</param>
    public static async Task RunAsync(string? program, int rounds)
    {
        IReadOnlyList<string> command = program is null ? ServiceProcess.Built : program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", program] : [program];
        using var work = new Workplace();
        var (first, ready, looked) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>());
        for (var round = 0; round <= rounds; round++)
        {
            var folder = Directory.CreateDirectory(work.Path($"{round}")).FullName;
            var (made, again, verb) = (await ServeAsync(folder, command), await ServeAsync(folder, command), await LookAsync(folder, command));

            // The first round has the files of the program come into memory.
            if (round > 0)
            {
                first.Add(made);
                ready.Add(again);
                looked.Add(verb);
            }
        }

        Console.WriteLine($"medians of {rounds} starts on {Environment.ProcessorCount} cores: {string.Join(' ', command)}");
        Console.WriteLine();
        Console.WriteLine("| | median | longest |");
        Console.WriteLine("| --- | ---: | ---: |");
        Write("`serve` until it is ready, in an empty folder", first);
        Write("`serve` until it is ready, with a database", ready);
        Write("`runs`", looked);
    }

    private static void Write(string what, List<TimeSpan> took) =>
        Console.WriteLine(FormattableString.Invariant($"| {what} | {took.Median(t => t.TotalSeconds):0.00} s | {took.Max().TotalSeconds:0.00} s |"));

    private static async Task<TimeSpan> ServeAsync(string folder, IReadOnlyList<string> command)
    {
        var watch = Stopwatch.StartNew();
        using var service = await ServiceProcess.StartAsync(folder, [], command);
        await service.ReadyAsync();
        var ready = watch.Elapsed;
        await service.StopAsync();
        return ready;
    }

    private static async Task<TimeSpan> LookAsync(string folder, IReadOnlyList<string> command)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(ServiceProcess.Start(folder, [], [.. command, "runs"]))!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException("The verb failed; its error is above.");
    }
}
