using System.Runtime.InteropServices;

namespace HokifyMessaging.Benchmarks;

/// <param name="Workload">Nothing is stored yet (<c>new</c>), the same is (<c>replay</c>), or a tenth of it has changed since (<c>tenth</c>).</param>
internal sealed record ImportOptions(int Records, string Source, string Workload, int Rounds);

/// <summary>
/// Our import beside the ways in which a team could write it, interleaved in several rounds. The table shows medians; ratios
/// are formed within a round. After the first round, all who write must have left the same rows.
/// </summary>
internal static class ImportComparison
{
    public static async Task RunAsync(ImportOptions options, IReadOnlyList<string>? only)
    {
        var contestants = only?.Select(Contestant.Named).ToList() ?? Contestant.Of(options.Workload, options.Source);
        using var work = new Workplace();
        await Measurement.WriteInputsAsync(options.Source, options.Records, work.Folder, versions: options.Workload == "tenth" ? 2 : 1);
        var stored = Inputs.Of(work.Path("full"), version: 0);
        var template = await Measurement.WriteTemplateAsync(options.Source, work.Folder, options.Workload == "new" ? null : stored);

        var database = work.Path("measured.db");
        var agreement = new Agreement(contestants.All(contestant => contestant.KeepsPayload) ? [] : ["SourcePayload"]);
        var results = contestants.ToDictionary(c => c, _ => new List<Result>());
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var contestant in contestants)
            {
                Workplace.Tell($"round {round}: {contestant.Name}");
                var measured = new Measured(contestant.Name, options.Source, work.Folder, options.Workload == "tenth" ? 1 : 0, database);
                results[contestant].Add(await Measurement.InProcessOfItsOwnAsync(measured, template));
                if (round == 1 && contestant.Writes)
                {
                    agreement.Require(contestant.Name, database);
                }
            }
        }

        Print(options, results, agreement);
    }

    private static void Print(ImportOptions options, Dictionary<Contestant, List<Result>> results, Agreement agreement)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"{options.Records:N0} records, {options.Source}, {options.Workload}, medians of {options.Rounds} rounds; {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}"));
        Console.WriteLine();
        Console.WriteLine("| | records/s | ours is x times as fast | processor per record | ours takes 1/x of it | allocated per record | without reading | peak memory |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        var ours = results.GetValueOrDefault(Contestant.Ours);
        var reading = results.GetValueOrDefault(Contestant.Reading)?.Median(r => r.BytesPerRecord);
        foreach (var (contestant, rounds) in results)
        {
            var median = Result.Median(rounds);
            var faster = ours?.Zip(rounds).Median(Faster);
            var thriftier = ours?.Zip(rounds).Median(pair => pair.Second.Processor / pair.First.Processor);
            Console.WriteLine(FormattableString.Invariant(
                $"| {contestant.Name} | {median.RecordsPerSecond:N0} | {faster:0.00} | {median.Processor:0.0} µs | {thriftier:0.00} | {median.BytesPerRecord:N0} B | {(contestant.Reads ? median.BytesPerRecord - reading : median.BytesPerRecord):N0} B | {median.PeakBytes / 1024 / 1024:N0} MB |"));
        }

        Console.WriteLine();
        foreach (var peers in results.Where(r => r.Key.Batch > 1).GroupBy(r => r.Key.Kind))
        {
            var (best, rounds) = peers.MaxBy(peer => peer.Value.Median(r => r.RecordsPerSecond));
            if (ours is not null)
            {
                Console.WriteLine(FormattableString.Invariant($"Ours is {ours.Zip(rounds).Median(Faster):0.00} times as fast as {peers.Key} at its best: {best.Batch} at a time."));
            }
        }

        Console.WriteLine(agreement);
    }

    private static double Faster((Result Ours, Result Theirs) round) => round.Ours.RecordsPerSecond / round.Theirs.RecordsPerSecond;
}
