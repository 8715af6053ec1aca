using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Benchmarks;

/// <summary>What is measured.</summary>
/// <param name="Equal">How many requests one scope is asked for that all ask for the same.</param>
/// <param name="Others">How many requests the others are asked for, in all.</param>
/// <param name="Scopes">How many others.</param>
/// <param name="Delay">How long hokify takes for a page, in milliseconds.</param>
internal sealed record BacklogOptions(int Equal, int Others, int Scopes, int Delay);

/// <summary>
/// Many requests at once, in one process on the bus in memory: those of many scopes alone, and the same among thousands of equal ones of one more scope, spread evenly. What counts is how
/// many imports the thousands take, and how much longer the others wait for theirs.
/// </summary>
internal static class Backlog
{
    private const int Crowded = 1;
    private const string Mandator = "crowd";

    public static async Task RunAsync(BacklogOptions options, int rounds)
    {
        using var work = new Workplace();
        var (alone, beside) = (new List<Drained>(), new List<Drained>());
        for (var round = 1; round <= rounds; round++)
        {
            Workplace.Tell($"round {round}: the others alone");
            alone.Add(await DrainAsync(work.Path($"{round}-alone"), options with { Equal = 0 }));
            Workplace.Tell($"round {round}: the others beside the crowd");
            beside.Add(await DrainAsync(work.Path($"{round}-beside"), options));
        }

        Console.WriteLine(FormattableString.Invariant($"{options.Others} requests for {options.Scopes} scopes, hokify answers after {options.Delay} ms: medians of {rounds} rounds"));
        Console.WriteLine();
        Console.WriteLine("| | the others wait (median) | longest | all done after | imports of the crowded scope |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        Write("alone", alone);
        Write(FormattableString.Invariant($"beside {options.Equal} equal requests of one scope"), beside);
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"the median wait of the others is {beside.Median(d => d.Median.TotalSeconds) / alone.Median(d => d.Median.TotalSeconds):0.00} times that without the crowd"));
    }

    private static void Write(string what, List<Drained> drained) => Console.WriteLine(FormattableString.Invariant(
        $"| {what} | {drained.Median(d => d.Median.TotalSeconds):0.00} s | {drained.Median(d => d.Longest.TotalSeconds):0.00} s | {drained.Median(d => d.All.TotalSeconds):0.00} s | {drained.Max(d => d.Imports)} |"));

    private static async Task<Drained> DrainAsync(string folder, BacklogOptions options)
    {
        Directory.CreateDirectory(folder);
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Mandators = { new SandboxMandator(Mandator, "token") { Applications = 10 } } });
        sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(options.Delay), Times = null });
        var answered = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddConfiguration(Setup.Configuration("csv", folder, Path.Combine(folder, "hokify.db")));
        builder.Configuration.AddInMemoryCollection(Enumerable.Range(Crowded, options.Scopes + 1).SelectMany(scope => Setup.ScopeOf(scope, sandbox.AtsApi, Mandator))
            .Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration, bus => bus.AddHandler<HokifyImportCompleted>(context =>
        {
            answered.TryAdd(context.Message.IdempotencyKey, Stopwatch.GetTimestamp());
            return Task.CompletedTask;
        }));
        using var host = builder.Build();
        await host.Services.PrepareDatabaseAsync(CancellationToken.None);
        await host.StartAsync();

        var asked = await AskAsync(host.Services.GetRequiredService<IBus>(), options);
        var begun = Stopwatch.GetTimestamp();
        while (answered.Count < asked.Count + options.Equal)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        var all = Stopwatch.GetElapsedTime(begun);
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<HokifyDbContext>>().CreateDbContextAsync();
        var imports = await db.ImportRuns.CountAsync(r => r.ScopeId == Crowded && r.AnsweredBy == null);
        await host.StopAsync();
        var waited = asked.Select(one => Stopwatch.GetElapsedTime(one.Value, answered[one.Key])).Order().ToList();
        return new Drained(waited[waited.Count / 2], waited[^1], all, imports);
    }

    /// <summary>Publishes all of them as fast as that goes, each of the others behind its share of the crowd.</summary>
    private static async Task<Dictionary<string, long>> AskAsync(IBus bus, BacklogOptions options)
    {
        var (asked, crowd) = (new Dictionary<string, long>(StringComparer.Ordinal), 0);
        for (var i = 0; i < options.Others; i++)
        {
            for (; crowd < options.Equal * (i + 1L) / options.Others; crowd++)
            {
                await bus.Publish(new HokifyImportRequested { ScopeId = Crowded });
            }

            var key = string.Create(CultureInfo.InvariantCulture, $"other-{i}");
            asked[key] = Stopwatch.GetTimestamp();
            await bus.Publish(new HokifyImportRequested { ScopeId = Crowded + 1 + (i % options.Scopes), IdempotencyKey = key });
        }

        return asked;
    }

    /// <param name="Median">How long half of the others' requests waited for their event, at most.</param>
    /// <param name="Longest">How long the last of them waited.</param>
    /// <param name="All">How long it took until all were answered.</param>
    /// <param name="Imports">How often the crowded scope was imported.</param>
    private sealed record Drained(TimeSpan Median, TimeSpan Longest, TimeSpan All, int Imports);
}
