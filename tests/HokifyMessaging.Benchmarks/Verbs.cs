using System.CommandLine;

namespace HokifyMessaging.Benchmarks;

/// <summary>What can be measured, each with one command.</summary>
internal static class Verbs
{
    /// <returns>Null when the arguments name no verb.</returns>
    public static ParseResult? Parse(string[] arguments)
    {
        var root = new RootCommand("Measures imports. Without a verb: BenchmarkDotNet, such as --filter '*' --job short.")
        {
            Import(), Inputs(), Measure(),
        };
        return arguments is ["--help"] || root.Subcommands.Any(verb => arguments.FirstOrDefault() == verb.Name) ? root.Parse(arguments) : null;
    }

    private static Command Import()
    {
        var (records, source, rounds) = (Number("--records", 20_000, 1_000, 10_000_000), Source(), Number("--rounds", 3, 1, 99));
        var workload = new Option<string>("--workload") { DefaultValueFactory = _ => "new", Description = "All records are new, none has changed since they were stored, or a tenth has." };
        workload.AcceptOnlyFromAmong("new", "replay", "tenth");
        var only = new Option<string?>("--only") { Description = "Contestants by their names, with commas between them; any batch size will do, such as 'EF Core 500 at a time'." };
        return new Command("import", "Our import beside the ways in which a team could write it.") { records, source, workload, rounds, only }.Doing(given =>
            ImportComparison.RunAsync(
                new ImportOptions(given.GetValue(records), given.GetValue(source)!, given.GetValue(workload)!, given.GetValue(rounds)), given.GetValue(only)?.Split(',')));
    }

    /// <summary>For a profiler, which starts <c>measure</c> itself.</summary>
    private static Command Inputs()
    {
        var (source, records, folder) = (new Argument<string>("source"), new Argument<int>("records"), new Argument<string>("folder"));
        return new Command("inputs", "Keeps what 'measure' reads.") { source, records, folder }.Doing(given =>
            Measurement.WriteInputsAsync(given.GetValue(source)!, given.GetValue(records), given.GetValue(folder)!, versions: 2));
    }

    private static Command Measure()
    {
        var (contestant, source, folder) = (new Argument<string>("contestant"), new Argument<string>("source"), new Argument<string>("folder"));
        var (version, database) = (new Argument<int>("version"), new Argument<string>("database"));
        return new Command("measure", "One contestant, once, in this process.") { contestant, source, folder, version, database }.Doing(given =>
            Measurement.RunAsync(new Measured(given.GetValue(contestant)!, given.GetValue(source)!, given.GetValue(folder)!, given.GetValue(version), given.GetValue(database)!)));
    }

    private static Command Doing(this Command verb, Func<ParseResult, Task> measure)
    {
        verb.SetAction((given, _) => measure(given));
        return verb;
    }

    private static Option<string> Source()
    {
        var source = new Option<string>("--source") { DefaultValueFactory = _ => "csv", Description = "An exported file, or the pages of today's API." };
        source.AcceptOnlyFromAmong("csv", "json");
        return source;
    }

    private static Option<int> Number(string name, int otherwise, int least, int most)
    {
        var number = new Option<int>(name) { DefaultValueFactory = _ => otherwise };
        number.Validators.Add(given =>
        {
            if (given.GetValue(number) is var value && (value < least || value > most))
                given.AddError(FormattableString.Invariant($"{name} is {value}; possible is {least} to {most}."));
        });
        return number;
    }
}
