namespace HokifyMessaging.Tests;

/// <summary>What takes long has a short form for every day, which tries one of each kind; <c>HOKIFY_TEST_LONG=1</c> runs the whole of it.</summary>
internal static class LongForm
{
    public const string WhySkipped = $"It takes long; {Wanted}=1 runs it.";

    private const string Wanted = "HOKIFY_TEST_LONG";

    public static bool IsAsked => Environment.GetEnvironmentVariable(Wanted) == "1";

    /// <summary>Skips what the short form leaves out.</summary>
    public static void Require() => Assert.SkipUnless(IsAsked, WhySkipped);

    /// <summary>All of them, or in the short form so many, spread over all.</summary>
    public static TheoryData<T> Of<T>(int few, IReadOnlyList<T> all) => [.. IsAsked ? all : Enumerable.Range(0, few).Select(number => all[number * all.Count / few])];
}
