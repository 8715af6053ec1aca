using System.Diagnostics;
using System.Globalization;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Benchmarks;

/// <summary>What is measured.</summary>
/// <param name="Scopes">How many scopes, each with a hokify of its own.</param>
/// <param name="Applications">How many applications each has.</param>
/// <param name="Delay">How long hokify takes for a page of ten, in milliseconds.</param>
/// <param name="Broker">The address of a RabbitMQ with a virtual host of which nothing else makes use.</param>
internal sealed record ScopesOptions(int Scopes, int Applications, int Delay, Uri Broker);

/// <summary>
/// One import of each of many scopes, over RabbitMQ, by one, two and four processes with one SQLite database: what is waited for is hokify, so
/// that so many processes should take so many times less.
/// </summary>
internal static class Scopes
{
    private const int PageSize = 10;

    private static readonly int[] Processes = [1, 2, 4];

    public static async Task RunAsync(ScopesOptions options, int rounds)
    {
        using var work = new Workplace();
        await using var sandbox = await HokifySandbox.StartAsync(Sandbox(options));
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(options.Delay), Times = null });
        var measured = Processes.ToDictionary(processes => processes, _ => new List<Drained>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var processes in Processes)
            {
                Workplace.Tell($"round {round}: {processes} processes");
                measured[processes].Add(await DrainAsync(work.Path($"{round}-{processes}"), processes, options, sandbox.AtsApi));
            }
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{options.Scopes} scopes with {options.Applications} applications each, {options.Delay} ms a page of {PageSize}, medians of {rounds} rounds on {Environment.ProcessorCount} cores"));
        Console.WriteLine();
        Console.WriteLine("| processes | all imported after | as fast as one | a scope waits (median) | longest |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        foreach (var (processes, all) in measured)
        {
            var ratio = measured[1].Zip(all).Median(pair => pair.First.All / pair.Second.All);
            Console.WriteLine(FormattableString.Invariant(
                $"| {processes} | {all.Median(d => d.All.TotalSeconds):0.0} s | {ratio:0.00} | {all.Median(d => d.Median.TotalSeconds):0.0} s | {all.Median(d => d.Longest.TotalSeconds):0.0} s |"));
        }
    }

    private static SandboxOptions Sandbox(ScopesOptions options)
    {
        var sandbox = new SandboxOptions { MaxLimit = PageSize };
        for (var scope = 1; scope <= options.Scopes; scope++)
        {
            sandbox.Mandators.Add(new SandboxMandator(MandatorOf(scope), "token") { Applications = options.Applications });
        }

        return sandbox;
    }

    private static async Task<Drained> DrainAsync(string folder, int processes, ScopesOptions options, Uri api)
    {
        Directory.CreateDirectory(folder);
        List<(string Name, string Value)> settings =
        [
            ("Database:ConnectionString", $"Data Source={Path.Combine(folder, "hokify.db")}"),
            .. Transport(options.Broker),
            .. Enumerable.Range(1, options.Scopes).SelectMany(scope => Setup.ScopeOf(scope, api, MandatorOf(scope))),
        ];
        var services = new List<ServiceProcess>();
        try
        {
            // The first one makes the database.
            for (var process = 0; process < processes; process++)
            {
                services.Add(await ServiceProcess.StartAsync(folder, settings));
                await services[^1].ReadyAsync();
            }

            var ends = new ImportEnds();
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Configuration.AddInMemoryCollection(Transport(options.Broker).Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
            builder.Services.AddTransport(builder.Configuration, ends);
            using var host = builder.Build();
            await host.StartAsync();
            var messages = host.Services.GetRequiredService<MandatoryMessages>();

            // What is compiled while a process works has been compiled then.
            await ImportAsync(messages, ends, "warm-up", Math.Min(options.Scopes, 16 * processes), ImportMode.Incremental);
            var drained = await ImportAsync(messages, ends, "measured", options.Scopes, ImportMode.Full);
            await host.StopAsync();
            return drained;
        }
        finally
        {
            await Task.WhenAll(services.Select(service => service.StopAsync()));
            services.ForEach(service => service.Dispose());
        }
    }

    private static async Task<Drained> ImportAsync(MandatoryMessages messages, ImportEnds ends, string name, int scopes, ImportMode mode)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var scope = 1; scope <= scopes; scope++)
        {
            await messages.RequestAsync(new HokifyImportRequested { ScopeId = scope, ImportMode = mode, IdempotencyKey = $"{name}-{scope}" }, CancellationToken.None);
        }

        var waited = new List<TimeSpan>();
        while (waited.Count < scopes)
        {
            var end = await ends.NextAsync(CancellationToken.None);
            waited.Add(end is ImportEnd.Completed { Event.Result.ErrorCount: 0 }
                ? Stopwatch.GetElapsedTime(begun)
                : throw new InvalidOperationException($"The import of scope {end.ScopeId} ended with {end}."));
        }

        return new Drained(waited[^1], waited[waited.Count / 2], waited[^1]);
    }

    private static IEnumerable<(string Name, string Value)> Transport(Uri broker)
    {
        var credentials = Uri.UnescapeDataString(broker.UserInfo.Length == 0 ? "guest:guest" : broker.UserInfo).Split(':', 2);
        yield return ("Transport:Kind", "RabbitMq");
        yield return ("Transport:RabbitMq:Host", broker.Host);
        yield return ("Transport:RabbitMq:Port", (broker.IsDefaultPort ? 5672 : broker.Port).ToString(CultureInfo.InvariantCulture));
        yield return ("Transport:RabbitMq:VirtualHost", broker.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(broker.AbsolutePath[1..]) : "/");
        yield return ("Transport:RabbitMq:Username", credentials[0]);
        yield return ("Transport:RabbitMq:Password", credentials[^1]);
    }

    private static string MandatorOf(int scope) => string.Create(CultureInfo.InvariantCulture, $"company-{scope}");

    /// <param name="All">How long it took until all scopes were imported.</param>
    /// <param name="Median">How long half of them waited, at most.</param>
    private sealed record Drained(TimeSpan All, TimeSpan Median, TimeSpan Longest);
}
