using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using HokifyMessaging.Benchmarks;

// The verbs measure whole imports (--help lists them); anything else is BenchmarkDotNet's, for the hot paths.
return Verbs.Parse(args) is { } verb ? await verb.InvokeAsync() : Microbenchmarks();

int Microbenchmarks()
{
    BenchmarkSwitcher.FromAssembly(typeof(Verbs).Assembly).Run(args, DefaultConfig.Instance.WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "results")));
    return 0;
}
