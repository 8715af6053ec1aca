using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Web;
using HokifyMessaging.Contracts;
using HokifyMessaging.Importing;
using HokifyMessaging.Runs;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Benchmarks;

/// <param name="Records">How many are stored.</param>
/// <param name="People">How many of them hokify has erased.</param>
internal sealed record ErasureOptions(int Records, int People, int Rounds);

/// <summary>
/// An import in which hokify says of some people that they were erased, beside few and beside many that are stored: the erasures
/// alone, one behind the other; with nine new applications before each; and those new applications alone, to be compared with.
/// </summary>
internal static class Erasures
{
    private const int Few = 10_000;
    private const int Between = 9;

    public static async Task RunAsync(ErasureOptions options)
    {
        using var work = new Workplace();
        int[] sizes = [.. new[] { Few, options.Records }.Distinct()];
        var templates = new Dictionary<int, (string Database, List<(string Application, string Person)> People)>();
        foreach (var size in sizes)
        {
            Workplace.Tell($"storing {size} records");
            var folder = work.Path($"stored-{size}");
            await Inputs.WriteAsync("csv", size, folder);
            var database = await Measurement.WriteTemplateAsync("csv", folder, Inputs.Of(folder, 0));
            templates[size] = (database, await PeopleAsync(database, options.People));
        }

        (string Name, bool Erases, int New)[] imports = [("the erasures alone", true, 0), ("with 9 new applications before each", true, Between), ("those new ones alone", false, Between)];
        var results = sizes.SelectMany(_ => imports, (size, import) => (size, import)).ToDictionary(kind => kind, _ => new List<Took>());
        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var ((size, import), took) in results)
            {
                Workplace.Tell($"{(round == 0 ? "warming up" : $"round {round}")}: beside {size}, {import.Name}");
                var (template, people) = templates[size];
                var one = await MeasureAsync(template, work.Path("measured.db"), people, import.Erases, import.New);
                if (round > 0)
                {
                    took.Add(one);
                }
            }
        }

        Console.WriteLine(FormattableString.Invariant($"{options.People:N0} people erased, medians of {options.Rounds} rounds (processor time)"));
        Console.WriteLine();
        Console.WriteLine($"| beside | {string.Join(" | ", imports.Select(import => import.Name))} |");
        Console.WriteLine("| ---: | ---: | ---: | ---: |");
        foreach (var size in sizes)
        {
            Console.WriteLine(FormattableString.Invariant($"| {size:N0} records | {string.Join(" | ", imports.Select(import => FormattableString.Invariant($"{results[(size, import)].Median(t => t.Seconds):0.00} s ({results[(size, import)].Median(t => t.Processor):0.00} s)")))} |"));
        }

        var pairs = results[(options.Records, imports[0])].Zip(results[(Few, imports[0])]).ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"{Environment.NewLine}From {Few:N0} to {options.Records:N0} records an erasure takes {pairs.Median(p => p.First.Seconds / p.Second.Seconds):0.00} times as long and {pairs.Median(p => p.First.Processor / p.Second.Processor):0.00} times the processor."));
    }

    /// <summary>People from all over the table, each with one of their applications.</summary>
    private static async Task<List<(string Application, string Person)>> PeopleAsync(string database, int number)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT min(p.ReferenceId), c.ReferenceId FROM Candidate c JOIN CandidateProfile p ON p.CandidateId = c.Id
            WHERE c.Id % max(1, (SELECT max(Id) FROM Candidate) / $number) = 0 GROUP BY c.Id ORDER BY c.Id LIMIT $number
            """;
        command.Parameters.AddWithValue("$number", number);
        var people = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            people.Add((reader.GetString(0), reader.GetString(1)));
        }

        return people.Count == number ? people : throw new InvalidOperationException($"There are {people.Count} people to be erased instead of {number}.");
    }

    private static async Task<Took> MeasureAsync(string template, string database, List<(string Application, string Person)> people, bool erases, int between)
    {
        File.Copy(template, database, overwrite: true);
        await using (var copy = new FileStream(database, FileMode.Open, FileAccess.ReadWrite))
        {
            copy.Flush(flushToDisk: true);
        }

        Took took;
        await using (var setup = new Setup("json", "nothing", database, new ErasedPeople(people, erases, between)))
        {
            var request = new ImportRequest(Guid.NewGuid().ToString(), Setup.ScopeId, ImportMode.Incremental, UnixSecondsFrom: 0, DryRun: false, null);
            GC.Collect();
            var processor = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            var outcome = await setup.Get<HokifyImporter>().ImportAsync(request, new ImportSlice(DateTimeOffset.MaxValue, CancellationToken.None), CancellationToken.None);
            took = new Took(watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
            if (outcome is not ImportOutcome.Completed({ Result: { ErrorCount: 0 } result }) || result.StatsCounter.GetValueOrDefault(Stat.Erased) != (erases ? people.Count : 0))
            {
                throw new InvalidOperationException($"The import has not erased whom it should have; it ended with {outcome}.");
            }
        }

        SqliteConnection.ClearAllPools();
        return took;
    }

    /// <param name="Seconds">By the clock on the wall.</param>
    /// <param name="Processor">Seconds of processor time: on a busy machine it tells more than the clock.</param>
    private sealed record Took(double Seconds, double Processor);

    /// <summary>Today's API of a hokify that has erased these people.</summary>
    private sealed class ErasedPeople : HttpMessageHandler
    {
        private readonly List<string> _items = [];

        public ErasedPeople(List<(string Application, string Person)> people, bool erases, int between)
        {
            foreach (var (application, person) in people)
            {
                for (var other = 0; other < between; other++)
                {
                    var id = _items.Count.ToString("x23", CultureInfo.InvariantCulture);
                    _items.Add($$$$"""{"_id":"a{{{{id}}}}","user":{"_id":"b{{{{id}}}}","displayName":"Anna Gruber {{{{_items.Count}}}}","general":{"email":"anna.{{{{_items.Count}}}}@new.example"}}}""");
                }

                if (erases)
                {
                    _items.Add($$$"""{"_id":"{{{application}}}","user":{"_id":"{{{person}}}","privacyAutoDeleted":true}}""");
                }
            }
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
            var answer = request.Method == HttpMethod.Get
                ? $"[{string.Join(',', _items.Skip(Number("offset")).Take(Number("limit")).Select(item => $$"""{"relationType":"job","relationId":"5b0000000000000000000001","application":{{item}}}"""))}]"
                : """{"access_token":"made-up","expires_in":86400}""";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer, Encoding.UTF8, "application/json"), RequestMessage = request });

            int Number(string name) => int.Parse(query[name]!, CultureInfo.InvariantCulture);
        }
    }
}
