using HokifyMessaging.Runs;

namespace HokifyMessaging.Privacy;

/// <summary>A completed run without its sentences about records: how many there were stays, and of which kind.</summary>
internal static class WordlessRun
{
    /// <summary>Stands where a sentence stood.</summary>
    public const string Instead = "Why this record could not be stored is no longer kept.";

    /// <param name="tally">The run's tally, as it is stored.</param>
    /// <param name="completed">Its event, likewise; null where it has none.</param>
    public static (string Tally, string? Completed) Of(string tally, string? completed)
    {
        var counted = ImportTally.FromJson(tally);
        foreach (var kept in counted.Exceptions.Values)
        {
            for (var at = 0; at < kept.Count; at++)
            {
                kept[at] = Wordless(kept[at]);
            }
        }

        return (counted.ToJson(), RunStore.EventOf(completed) is { } told ? RunStore.TextOf(told with { Result = told.Result with { Exceptions = Wordless(told.Result.Exceptions) } }) : completed);
    }

    private static Dictionary<string, IReadOnlyList<ImportException>> Wordless(IReadOnlyDictionary<string, IReadOnlyList<ImportException>> exceptions) =>
        exceptions.ToDictionary(of => of.Key, of => (IReadOnlyList<ImportException>)[.. of.Value.Select(Wordless)]);

    /// <summary>Where it came from goes as well: it may be the name of a file.</summary>
    private static ImportException Wordless(ImportException exception) => exception with { Message = Instead, Source = null };
}
