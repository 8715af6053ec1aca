namespace HokifyMessaging.Benchmarks;

/// <summary>What more records make of our import: of its memory, and of the cost of each.</summary>
internal static class Growing
{
    public static async Task MemoryAsync(int[] records, string source, int rounds)
    {
        var results = records.ToDictionary(number => number, _ => new List<Result>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var number in records)
            {
                Workplace.Tell($"round {round}: {number} records");
                using var work = new Workplace();
                await Measurement.WriteInputsAsync(source, number, work.Folder);
                var template = await Measurement.WriteTemplateAsync(source, work.Folder, imported: null);
                results[number].Add(await Measurement.InProcessOfItsOwnAsync(new Measured(Contestant.Ours.Name, source, work.Folder, 0, work.Path("measured.db")), template));
            }
        }

        Print("new records", results);
        var (least, most) = (records.Min(), records.Max());
        var (before, after) = (results[least].Median(r => r.PeakBytes), results[most].Median(r => r.PeakBytes));
        Console.WriteLine(FormattableString.Invariant(
            $"{Environment.NewLine}From {least:N0} to {most:N0} records the peak memory grows by {(after / before) - 1:P1}, {(after - before) / Math.Max(1, most - least):0.0} bytes for each further record."));
    }

    public static async Task CostAsync(int[] stored, int records, int rounds)
    {
        using var work = new Workplace();
        await Measurement.WriteInputsAsync("csv", records, work.Folder);
        var templates = new Dictionary<int, string>();
        foreach (var number in stored)
        {
            // Other numbers are other applications of other people, and a gap keeps the decades apart in which people apply twice.
            Workplace.Tell($"storing {number} records");
            var folder = work.Path($"stored-{number}");
            await Inputs.WriteAsync("csv", number, folder, first: 20_000_000);
            templates[number] = await Measurement.WriteTemplateAsync("csv", folder, Inputs.Of(folder, 0));
        }

        var results = stored.ToDictionary(number => number, _ => new List<Result>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var number in stored)
            {
                Workplace.Tell($"round {round}: {records} records beside {number}");
                results[number].Add(await Measurement.InProcessOfItsOwnAsync(
                    new Measured(Contestant.OursIncremental.Name, "csv", work.Folder, 0, work.Path("measured.db")), templates[number]));
            }
        }

        Print($"stored before {records} new records", results);
        var (few, many) = (results[stored.Min()], results[stored.Max()]);
        Console.WriteLine(FormattableString.Invariant(
            $"{Environment.NewLine}From {stored.Min():N0} to {stored.Max():N0} stored records a new one takes {few.Zip(many).Median(p => p.First.RecordsPerSecond / p.Second.RecordsPerSecond):0.00} times as long and {few.Zip(many).Median(p => p.Second.Processor / p.First.Processor):0.00} times the processor."));
    }

    private static void Print(string what, Dictionary<int, List<Result>> results)
    {
        Console.WriteLine($"| {what} | records/s | µs per record | processor per record | allocated per record | peak memory |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (number, rounds) in results)
        {
            var median = Result.Median(rounds);
            Console.WriteLine(FormattableString.Invariant(
                $"| {number:N0} | {median.RecordsPerSecond:N0} | {1e6 / median.RecordsPerSecond:0.0} | {median.Processor:0.0} µs | {median.BytesPerRecord:N0} B | {median.PeakBytes / 1024 / 1024:N1} MB |"));
        }
    }
}
