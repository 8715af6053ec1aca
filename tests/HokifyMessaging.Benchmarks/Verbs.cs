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
            Import(), Walk(), Latency(), Memory(), Growth(), Small(), Bad(), Erased(), Retained(), Pages(), Crowd(), Many(), Begin(), Distant(), Load(), Inputs(), Measure(),
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

    private static Command Walk()
    {
        var (records, rounds) = (Number("--records", 5_000, 1_000, 100_000), Number("--rounds", 31, 1, 999));
        return new Command("walk", "A bare walk of a parser over the pages of today's API beside reading, mapping and importing them again.") { records, rounds }.Doing(given =>
            BareWalk.RunAsync(given.GetValue(records), given.GetValue(rounds)));
    }

    private static Command Memory()
    {
        var (records, source, rounds) = (Numbers("--records", 20_000, 2_000_000), Source(), Number("--rounds", 1, 1, 99));
        return new Command("memory", "The peak memory of our import of so many new records.") { records, source, rounds }.Doing(given =>
            Growing.MemoryAsync(given.GetValue(records)!, given.GetValue(source)!, given.GetValue(rounds)));
    }

    private static Command Growth()
    {
        var (stored, records, rounds) = (Numbers("--stored", 20_000, 2_000_000), Number("--records", 20_000, 1_000, 10_000_000), Number("--rounds", 3, 1, 99));
        return new Command("growth", "What a new record costs where so many others are stored.") { stored, records, rounds }.Doing(given =>
            Growing.CostAsync(given.GetValue(stored)!, given.GetValue(records), given.GetValue(rounds)));
    }

    private static Command Small()
    {
        var (records, imports, rounds) = (Number("--records", 50, 1, 10_000), Number("--imports", 30, 1, 1_000), Number("--rounds", 3, 1, 99));
        return new Command("small", "From a published request to the received event, on the bus in memory.") { records, imports, rounds }.Doing(given =>
            SmallImports.RunAsync(given.GetValue(records), given.GetValue(imports), given.GetValue(rounds)));
    }

    private static Command Crowd()
    {
        var (equal, others, scopes) = (Number("--equal", 5_000, 0, 100_000), Number("--others", 500, 1, 100_000), Number("--scopes", 50, 1, 1_000));
        var (delay, rounds) = (Number("--delay", 50, 0, 10_000), Number("--rounds", 1, 1, 99));
        return new Command("backlog", "Thousands of equal requests of one scope beside those of others.") { equal, others, scopes, delay, rounds }.Doing(given =>
            Backlog.RunAsync(new BacklogOptions(given.GetValue(equal), given.GetValue(others), given.GetValue(scopes), given.GetValue(delay)), given.GetValue(rounds)));
    }

    private static Command Many()
    {
        var (scopes, applications) = (Number("--scopes", 200, 1, 10_000), Number("--applications", 50, 0, 100_000));
        var (delay, rounds) = (Number("--delay", 1_000, 0, 60_000), Number("--rounds", 3, 1, 99));
        var broker = new Option<Uri>("--broker")
        {
            DefaultValueFactory = _ => new Uri("amqp://guest:guest@localhost:5672/"),
            CustomParser = given => new Uri(given.Tokens.Single().Value),
            Description = "A RabbitMQ and a virtual host of it of which nothing else makes use.",
        };
        return new Command("scopes", "Many scopes over RabbitMQ by one, two and four processes.") { scopes, applications, delay, rounds, broker }.Doing(given =>
            Scopes.RunAsync(new ScopesOptions(given.GetValue(scopes), given.GetValue(applications), given.GetValue(delay), given.GetValue(broker)!), given.GetValue(rounds)));
    }

    private static Command Begin()
    {
        var rounds = Number("--rounds", 11, 1, 99);
        var program = new Option<string?>("--program") { Description = "The program hokify, such as one that 'dotnet publish' has made; otherwise the one of this build." };
        return new Command("start", "How long the service takes until it is ready, and a verb until it has ended.") { program, rounds }.Doing(given =>
            Starts.RunAsync(given.GetValue(program), given.GetValue(rounds)));
    }

    private static Command Bad()
    {
        var (records, rounds) = (Number("--records", 1_000, 10, 20_000), Number("--rounds", 9, 1, 99));
        return new Command("bad", "A batch with one record that the database refuses beside a clean one.") { records, rounds }.Doing(given =>
            BadRecord.RunAsync(given.GetValue(records), given.GetValue(rounds)));
    }

    private static Command Erased()
    {
        var (records, people, rounds) = (Number("--records", 1_000_000, 10_000, 10_000_000), Number("--people", 1_000, 1, 5_000), Number("--rounds", 3, 1, 99));
        return new Command("erasures", "What erasing people takes beside few and beside many records.") { records, people, rounds }.Doing(given =>
            Erasures.RunAsync(new ErasureOptions(given.GetValue(records), given.GetValue(people), given.GetValue(rounds))));
    }

    private static Command Retained()
    {
        var (due, others, records) = (Number("--due", 100_000, 100, 1_000_000), Number("--others", 20_000, 0, 10_000_000), Number("--records", 20, 1, 900));
        return new Command("retention", "For how long imports are held up while so many applications are forgotten.") { due, others, records }.Doing(given =>
            Retentions.RunAsync(new RetentionBenchOptions(given.GetValue(due), given.GetValue(others), given.GetValue(records))));
    }

    private static Command Pages()
    {
        var (runs, records, rounds) = (Number("--runs", 100_000, 100, 10_000_000), Number("--records", 5_000_000, 1_000, 100_000_000), Number("--rounds", 21, 1, 1_000));
        return new Command("console", "How long each page of the console takes, with so many runs and records.") { runs, records, rounds }.Doing(given =>
            ConsolePages.RunAsync(new ConsoleBenchOptions(given.GetValue(runs), given.GetValue(records), given.GetValue(rounds))));
    }

    private static Command Latency()
    {
        var (records, delay, rounds) = (Number("--records", 100_000, 1_000, 1_000_000), Number("--delay", 200, 0, 10_000), Number("--rounds", 3, 1, 99));
        var (page, limited) = (Number("--page", 100, 1, 10_000), Number("--limited", 180, 0, 3_600));
        return new Command("latency", "A source that takes its time for each page, and one with a limit that nobody is told (--limited seconds; 0 leaves it out).") { records, delay, rounds, page, limited }.Doing(given =>
            Latencies.RunAsync(new LatencyOptions(given.GetValue(records), given.GetValue(delay), given.GetValue(rounds), given.GetValue(page), given.GetValue(limited))));
    }

    /// <summary>One import of <c>latency</c>.</summary>
    private static Command Distant()
    {
        var (api, page, width, database) = (new Argument<string>("api"), new Argument<int>("page"), new Argument<int>("width"), new Argument<string>("database"));
        return new Command("distant", "One import from an address, once, in this process.") { api, page, width, database }.Doing(given =>
            Latencies.ImportAsync(new Uri(given.GetValue(api)!), given.GetValue(page), given.GetValue(width), given.GetValue(database)!));
    }

    private static Command Load()
    {
        var (connections, streams, downloads) = (Number("--connections", 3_000, 0, 4_000), Number("--streams", 600, 1, 1_000), Number("--downloads", 40, 1, 500));
        var (records, seconds) = (Number("--records", 20_000, 1_000, 200_000), Number("--seconds", 60, 5, 3_600));
        return new Command("load", "Readiness and memory of the service while many clients are slow at once.") { connections, streams, downloads, records, seconds }.Doing(given =>
            Benchmarks.Load.RunAsync(new LoadOptions(
                given.GetValue(connections), given.GetValue(streams), given.GetValue(downloads), given.GetValue(records), given.GetValue(seconds))));
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
            {
                given.AddError(FormattableString.Invariant($"{name} is {value}; possible is {least} to {most}."));
            }
        });
        return number;
    }

    private static Option<int[]> Numbers(string name, params int[] otherwise) => new(name)
    {
        Description = "Numbers from 1,000, with commas between them.",
        CustomParser = given =>
        {
            var numbers = given.Tokens.Single().Value.Split(',').Select(text => int.TryParse(text, out var number) ? number : 0).ToArray();
            if (numbers.Any(number => number is < 1_000 or > 10_000_000))
            {
                given.AddError(FormattableString.Invariant($"{name} is '{given.Tokens.Single().Value}'; possible are numbers from 1000 to 10000000, with commas between them."));
            }

            return numbers;
        },
        DefaultValueFactory = _ => otherwise,
    };
}
