using System.Diagnostics;
using HokifyMessaging.Contracts;
using HokifyMessaging.Privacy;
using HokifyMessaging.Receiving;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HokifyMessaging.Benchmarks;

/// <param name="Due">How many applications are due.</param>
/// <param name="Others">How many are stored beside them.</param>
/// <param name="Records">How many new applications one import has.</param>
internal sealed record RetentionBenchOptions(int Due, int Others, int Records);

/// <summary>
/// The daily job forgets, and meanwhile the same scope is imported into, one small import behind the other: for how long is one held up, from its published request to its event,
/// beside the same imports while nobody forgets.
/// </summary>
internal static class Retentions
{
    private const int WarmUps = 10;
    private const int Alone = 60;

    public static async Task RunAsync(RetentionBenchOptions options)
    {
        using var work = new Workplace();
        Workplace.Tell($"storing {options.Due + options.Others} records");
        var folder = work.Path("stored");
        await Inputs.WriteAsync("csv", options.Due + options.Others, folder);
        var database = await Measurement.WriteTemplateAsync("csv", folder, Inputs.Of(folder, 0));
        await MakeOldAsync(database, options.Due);

        var input = work.Path("input");
        Directory.CreateDirectory(input);
        var completions = new SmallImports.Completions();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddConfiguration(Setup.Configuration("csv", input, database));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Hokify:Scopes:1:Retention:Months"] = "240" });
        builder.Services.AddHokifyMessaging();
        builder.Services.AddHokifyBus(builder.Configuration, bus => bus.AddHandler<HokifyImportCompleted>(completions.ReceiveAsync));
        using var host = builder.Build();
        await host.Services.PrepareDatabaseAsync(CancellationToken.None);
        await host.StartAsync();

        var imports = 0;
        var alone = new List<double>();
        while (alone.Count < Alone)
        {
            var one = await ImportAsync();
            if (imports > WarmUps)
            {
                alone.Add(one);
            }
        }

        Workplace.Tell($"forgetting {options.Due}");
        var watch = Stopwatch.StartNew();
        var job = host.Services.GetRequiredService<RetentionJob>();
        var forgetting = Task.Run(() => job.RunAsync(Setup.ScopeId, isDry: false, day: null, CancellationToken.None));
        var beside = new List<double>();
        while (!forgetting.IsCompleted)
        {
            beside.Add(await ImportAsync());
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var forgotten = (await forgetting).Counts.Sum(count => count.Forgotten);
        await host.StopAsync();
        if (forgotten != options.Due)
        {
            throw new InvalidOperationException($"{forgotten} of {options.Due} were forgotten.");
        }

        var usual = alone.Median(t => t);
        Console.WriteLine(FormattableString.Invariant($"{forgotten:N0} applications forgotten in {seconds:0.0} s, {forgotten / seconds:N0} a second, beside {beside.Count} imports of {options.Records} new ones into the same scope"));
        Console.WriteLine();
        Console.WriteLine("| an import takes | median | longest |");
        Console.WriteLine("| --- | ---: | ---: |");
        Console.WriteLine(FormattableString.Invariant($"| while nobody forgets | {usual:0} ms | {alone.Max():0} ms |"));
        Console.WriteLine(FormattableString.Invariant($"| meanwhile | {beside.Median(t => t):0} ms | {beside.Max():0} ms |"));
        Console.WriteLine(FormattableString.Invariant($"| held up by | {beside.Median(t => t) - usual:0} ms | {beside.Max() - usual:0} ms |"));

        async Task<double> ImportAsync()
        {
            await Inputs.WriteCsvAsync(Path.Combine(input, "applications.csv"), options.Records, version: 0, first: 10_000_000 + (imports++ * 1_000));
            var key = Guid.NewGuid().ToString();
            var since = Stopwatch.StartNew();
            var completed = completions.Of(key);
            await host.Services.GetRequiredService<IBus>().Publish(new HokifyImportRequested { IdempotencyKey = key });
            var result = (await completed.WaitAsync(TimeSpan.FromMinutes(2))).Result;
            return result.CreatedCounts.GetValueOrDefault("CandidateProfile") == options.Records
                ? since.Elapsed.TotalMilliseconds
                : throw new InvalidOperationException($"An import of {options.Records} new applications ended with {result.OkCount} ok, {result.ErrorCount} errors.");
        }
    }

    /// <summary>The first of them were received so long ago that a rule of twenty years forgets them.</summary>
    private static async Task MakeOldAsync(string database, int number)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE CandidateProfile SET ReceivedAt = '2001-01-01T00:00:00.0000000Z' WHERE Id IN (SELECT Id FROM CandidateProfile ORDER BY Id LIMIT $number)";
        command.Parameters.AddWithValue("$number", number);
        await command.ExecuteNonQueryAsync();
    }
}
