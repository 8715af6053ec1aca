using System.Diagnostics;
using System.Globalization;

namespace HokifyMessaging.Benchmarks;

/// <param name="Connections">Connections whose headers never end.</param>
/// <param name="Streams">Clients that follow imports.</param>
/// <param name="Downloads">Clients that fetch a large CSV slowly.</param>
/// <param name="Records">How many applications the CSV has.</param>
/// <param name="Seconds">How long it is measured.</param>
internal sealed record LoadOptions(int Connections, int Streams, int Downloads, int Records, int Seconds);

/// <summary>Whether readiness is told in time, and how much memory the service takes, while many clients are slow at once.</summary>
internal static class Load
{
    private const int StreamsOfKey = 100;

    /// <summary>Below what a minute allows one address (<c>Http:Limits:AnonymousRequestsPerMinute</c>).</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LongestMedian = TimeSpan.FromMilliseconds(200);

    private const long MostBytes = 500L * 1024 * 1024;

    public static async Task RunAsync(LoadOptions load)
    {
        using var work = new Workplace();
        Workplace.Tell($"starts the service and imports {load.Records} applications");
        await using var service = await LoadedService.StartAsync(work, load.Records, (load.Streams + StreamsOfKey - 1) / StreamsOfKey);
        using var health = new HttpClient { BaseAddress = service.Address };
        var (idle, before) = (await MeasureAsync(health, TimeSpan.FromSeconds(10)), service.PeakBytes);

        using var end = new CancellationTokenSource();
        var (slow, following, downloading) = (new SlowClients(service.Address, end.Token), new SlowClients(service.Address, end.Token), new SlowClients(service.Address, end.Token));
        downloading.Download(load.Downloads, service.Link);
        following.Follow(load.Streams, service.Endless, service.Keys, StreamsOfKey);
        slow.SendHeaders(load.Connections);
        await UntilAsync(() => downloading.Open == load.Downloads && following.Open == load.Streams && slow.Open >= load.Connections * 9 / 10);
        Workplace.Tell($"{slow.Open} slow connections, {following.Open} event streams and {downloading.Open} downloads are open");
        var busy = await MeasureAsync(health, TimeSpan.FromSeconds(load.Seconds));
        var open = (Slow: slow.Open, Following: following.Open, Downloading: downloading.Open);
        var peak = service.PeakBytes;
        var stopped = await service.StopAsync();
        await end.CancelAsync();
        await Task.WhenAll(slow.EndAsync(), following.EndAsync(), downloading.EndAsync());

        Console.WriteLine(FormattableString.Invariant($"{open.Slow} slow connections, {open.Following} event streams and {open.Downloading} slow downloads at the end of {load.Seconds} seconds"));
        Console.WriteLine();
        Console.WriteLine("| /health/ready | median | 95 % | slowest | not ready | peak memory |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        Console.WriteLine(Row("without clients", idle, before));
        Console.WriteLine(Row("with all of them", busy, peak));
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"SIGTERM ended it within {stopped.TotalSeconds:0.0} s."));
        if (busy.Median > LongestMedian || busy.NotReady > 0 || peak > MostBytes)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Readiness took more than {LongestMedian.TotalMilliseconds} ms at the median or was not told, or the service took more than {MostBytes / 1024 / 1024} MB."));
        }
    }

    private static string Row(string name, Readiness readiness, long bytes) => FormattableString.Invariant(
        $"| {name} | {readiness.Median.TotalMilliseconds:0.0} ms | {readiness.Late.TotalMilliseconds:0.0} ms | {readiness.Slowest.TotalMilliseconds:0.0} ms | {readiness.NotReady} of {readiness.Asked} | {bytes / 1024 / 1024} MB |");

    private static async Task<Readiness> MeasureAsync(HttpClient health, TimeSpan duration)
    {
        var (took, notReady) = (new List<TimeSpan>(), 0);
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < duration;)
        {
            var watch = Stopwatch.StartNew();
            using var response = await health.GetAsync(new Uri("/health/ready", UriKind.Relative));
            took.Add(watch.Elapsed);
            notReady += response.IsSuccessStatusCode ? 0 : 1;
            await Task.Delay(Pause);
        }

        took.Sort();
        return new Readiness(took.Count, notReady, took[took.Count / 2], took[took.Count * 95 / 100], took[^1]);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !condition();)
        {
            if (waited.Elapsed > Patience)
            {
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Within {Patience.TotalSeconds} seconds not all clients were connected."));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    private sealed record Readiness(int Asked, int NotReady, TimeSpan Median, TimeSpan Late, TimeSpan Slowest);
}
