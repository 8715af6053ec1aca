using System.Diagnostics;
using HokifyMessaging.Contracts;
using HokifyMessaging.Receiving;
using HokifyMessaging.Tests.Writing;
using HokifyMessaging.Writing;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Benchmarks;

/// <summary>
/// A few new applications at a time, as a request that is published and an event that is received, on the bus in memory of
/// a host that is warm. Each import brings other applications into the same database.
/// </summary>
internal static class SmallImports
{
    private const int WarmUps = 20;

    private static readonly (string Name, BatchRowsOf Rows, bool IsWatched)[] Writers =
    [
        ("fastest writer", BatchRows.Of(DatabaseProvider.Sqlite), false),
        ("fastest writer, traced and measured", BatchRows.Of(DatabaseProvider.Sqlite), true),
        ("EF Core's writer", (db, scope) => new EfCoreRows(db, scope), false),
    ];

    public static async Task RunAsync(int records, int imports, int rounds)
    {
        using var work = new Workplace();
        var took = Writers.ToDictionary(writer => writer.Name, _ => new List<double>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (name, rows, isWatched) in Writers)
            {
                using var watching = isWatched ? new Watching() : null;
                Workplace.Tell($"round {round}: {name}");
                took[name].Add((await MeasureAsync(work.Path($"{round}-{name}"), rows, records, imports)).Median(t => t.TotalMilliseconds));
            }
        }

        Console.WriteLine($"{records} new applications, from the published request to the received event: medians of {imports} imports in each of {rounds} rounds");
        Console.WriteLine();
        Console.WriteLine("| | median of the rounds | fastest | slowest |");
        Console.WriteLine("| --- | ---: | ---: | ---: |");
        foreach (var (name, rounded) in took)
        {
            Console.WriteLine(FormattableString.Invariant($"| {name} | {rounded.Median(t => t):0.0} ms | {rounded.Min():0.0} ms | {rounded.Max():0.0} ms |"));
        }
    }

    private static async Task<List<TimeSpan>> MeasureAsync(string folder, BatchRowsOf rows, int records, int imports)
    {
        var input = Inputs.Of(folder, version: 0);
        Directory.CreateDirectory(input);
        var completions = new Completions();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddConfiguration(Setup.Configuration("csv", input, Path.Combine(folder, "hokify.db")));
        builder.Services.AddSingleton(rows);
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration, bus => bus.AddHandler<HokifyImportCompleted>(completions.ReceiveAsync));
        using var host = builder.Build();
        await host.Services.PrepareDatabaseAsync(CancellationToken.None);
        await host.StartAsync();

        var bus = host.Services.GetRequiredService<IBus>();
        var took = new List<TimeSpan>();
        for (var import = 0; import < WarmUps + imports; import++)
        {
            await Inputs.WriteCsvAsync(Path.Combine(input, "applications.csv"), records, version: 0, first: import * 100_000);
            var key = Guid.NewGuid().ToString();
            var watch = Stopwatch.StartNew();
            var completed = completions.Of(key);
            await bus.Publish(new HokifyImportRequested { IdempotencyKey = key });
            var result = (await completed.WaitAsync(TimeSpan.FromMinutes(1))).Result;
            if (result.CreatedCounts.GetValueOrDefault("CandidateProfile") != records)
            {
                throw new InvalidOperationException($"An import of {records} new applications ended with {result.OkCount} ok, {result.ErrorCount} errors.");
            }

            if (import >= WarmUps)
            {
                took.Add(watch.Elapsed);
            }
        }

        await host.StopAsync();
        return took;
    }

    /// <summary>The subscriber; one import is under way at a time.</summary>
    internal sealed class Completions
    {
        private (string Key, TaskCompletionSource<HokifyImportCompleted> Completed) _awaited;

        public Task<HokifyImportCompleted> Of(string key)
        {
            _awaited = (key, new TaskCompletionSource<HokifyImportCompleted>(TaskCreationOptions.RunContinuationsAsynchronously));
            return _awaited.Completed.Task;
        }

        public Task ReceiveAsync(ConsumeContext<HokifyImportCompleted> context)
        {
            if (context.Message.IdempotencyKey == _awaited.Key)
            {
                _awaited.Completed.TrySetResult(context.Message);
            }

            return Task.CompletedTask;
        }
    }
}
