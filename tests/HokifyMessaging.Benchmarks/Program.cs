using System.Globalization;
using BenchmarkDotNet.Running;
using HokifyMessaging.Benchmarks;

// "import" compares whole imports, each in a process of its own ("measure"); "inputs" keeps what they read, for a profiler
// that starts "measure" itself; anything else is BenchmarkDotNet's.
switch (args)
{
    case ["import", .. var options]:
        return await ImportComparison.RunAsync(options);
    case ["measure", .. var what]:
        await Measurement.RunAsync(what);
        return 0;
    case ["inputs", var source, var records, var folder]:
        await ImportComparison.WriteInputsAsync(source, int.Parse(records, CultureInfo.InvariantCulture), folder);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
