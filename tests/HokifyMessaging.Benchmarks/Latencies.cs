using System.Globalization;
using System.Runtime.InteropServices;
using HokifyMessaging.Reading;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.Benchmarks;

/// <param name="Records">So many new applications.</param>
/// <param name="Delay">Milliseconds for a page.</param>
/// <param name="PageSize">How many applications a page has; the fewer, the less of the time is the processor's.</param>
/// <param name="LimitedSeconds">How long the source with a limit is read; 0 leaves it out.</param>
internal sealed record LatencyOptions(int Records, int Delay, int Rounds, int PageSize, int LimitedSeconds);

/// <summary>
/// Whole imports from a hokify that takes its time for each page, one page after the other and eight at once, in processes of their own; and how much of a limit
/// is made use of that nobody is told and that moves.
/// </summary>
internal static class Latencies
{
    private const int Wide = 8;

    /// <summary>Small pages: what is asked for is what is measured, and no processor is to be in the way.</summary>
    private const int LimitedPageSize = 8;
    private const int LimitedDelay = 50;

    public static async Task RunAsync(LatencyOptions options)
    {
        Console.WriteLine(FormattableString.Invariant(
            $"{options.Records:N0} new applications, {options.Delay} ms a page of {options.PageSize}, medians of {options.Rounds} rounds; {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}"));
        await CompareAsync(options);
        if (options.LimitedSeconds > 0)
        {
            await ReadLimitedAsync(TimeSpan.FromSeconds(options.LimitedSeconds));
        }
    }

    public static async Task ImportAsync(Uri api, int pageSize, int width, string database)
    {
        await using var setup = Setup(api, width, pageSize, database);
        await setup.MigrateAsync();
        Measurement.Tell(await Measurement.MeasureAsync(await Contestant.Ours.PrepareAsync(setup)));
    }

    private static async Task CompareAsync(LatencyOptions options)
    {
        using var work = new Workplace();
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = options.Records, MaxLimit = options.PageSize });
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(options.Delay), Times = null });
        var results = new Dictionary<int, List<Result>> { [1] = [], [Wide] = [] };
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var (width, rounds) in results)
            {
                Workplace.Tell($"round {round}: width {width}");
                rounds.Add(await Measurement.OfProcessAsync(
                    "distant", sandbox.AtsApi.ToString(), options.PageSize.ToString(CultureInfo.InvariantCulture), width.ToString(CultureInfo.InvariantCulture), work.Path(FormattableString.Invariant($"{round}-{width}.db"))));
            }
        }

        Console.WriteLine();
        Console.WriteLine("| pages at once | applications/s | seconds | processor per application | peak memory |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        foreach (var (width, rounds) in results)
        {
            var median = Result.Median(rounds);
            Console.WriteLine(FormattableString.Invariant(
                $"| {width} | {median.RecordsPerSecond:N0} | {options.Records / median.RecordsPerSecond:0.0} | {median.Processor:0.0} µs | {median.PeakBytes / 1024 / 1024:N1} MB |"));
        }

        var pairs = results[1].Zip(results[Wide]).ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"{Environment.NewLine}{Wide} pages at once are {pairs.Median(pair => pair.Second.RecordsPerSecond / pair.First.RecordsPerSecond):0.00} times as fast, and take {pairs.Median(pair => (pair.Second.PeakBytes - pair.First.PeakBytes) / 1024 / 1024):0.0} MB more."));
    }

    private static async Task ReadLimitedAsync(TimeSpan time)
    {
        using var work = new Workplace();
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 10_000_000, MaxLimit = LimitedPageSize });
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(LimitedDelay), Times = null });
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.RateLimit) { RetryAfterSeconds = null, Times = null });
        await using var setup = Setup(sandbox.AtsApi, Wide, LimitedPageSize, work.Path("unused.db"));
        Workplace.Tell($"a limit that moves, for {time.TotalSeconds:0} seconds");
        using var over = new CancellationTokenSource(time);
        try
        {
            await foreach (var _ in setup.Get<ApplicationSources>().For(Benchmarks.Setup.ScopeId).ReadAsync(new ReadWindow(null, null), null, over.Token))
            {
            }

            throw new InvalidOperationException("The list came to its end before the time was over.");
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            var (calls, limit) = (sandbox.Faults.Active[0].Hits, sandbox.Faults.Active[1]);
            Console.WriteLine(FormattableString.Invariant(
                $"{Environment.NewLine}A limit that moves between 5 and 50 calls a second and back within a minute, {LimitedDelay} ms a call: of {limit.Allowed:N0} calls that it allowed {calls - limit.Hits:N0} were made ({(calls - limit.Hits) / limit.Allowed:P1}), and {limit.Hits:N0} of {calls:N0} refused ({(double)limit.Hits / calls:P1})."));
        }
    }

    private static Setup Setup(Uri api, int width, int pageSize, string database) => new(
        "json",
        "unused",
        database,
        new SocketsHttpHandler(),
        api,
        settings: [new("Hokify:Scopes:1:AtsApi:PageSize", $"{pageSize}"), new("Hokify:Scopes:1:AtsApi:PagesAtOnce", $"{width}")]);
}
