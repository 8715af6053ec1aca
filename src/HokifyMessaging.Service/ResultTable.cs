using HokifyMessaging.Service.Screens;
using Spectre.Console;

namespace HokifyMessaging.Service;

/// <summary>The result of an import as people read it.</summary>
internal static class ResultTable
{
    public static void Write(IAnsiConsole screen, ExportImportResult result)
    {
        // A table of numbers is narrow: it is one wherever it fits.
        var table = new Listing(
            new("element"), new("created", IsNumber: true), new("updated", IsNumber: true), new("deleted", IsNumber: true), new("unchanged", IsNumber: true), new("errors", IsNumber: true))
        {
            StackedBelow = 0,
        };
        var counts = new[] { result.CreatedCounts, result.UpdatedCounts, result.DeletedCounts, result.UnchangedCounts };
        foreach (var element in counts.SelectMany(c => c.Keys).Concat(result.Exceptions.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            table.Add([element, .. counts.Select(c => ShownValue.Of(c.GetValueOrDefault(element))), ShownValue.Of(result.Exceptions.GetValueOrDefault(element)?.Count ?? 0)]);
        }

        table.Write(screen);
        screen.Gap();
        screen.Say(string.Create(CultureInfo.InvariantCulture, $"ok {result.OkCount}, errors {result.ErrorCount}"));
        var stats = result.StatsCounter.Where(s => s.Value != 0).OrderBy(s => s.Key, StringComparer.Ordinal).Select(Figure);
        screen.Say(string.Join(", ", stats));
        foreach (var exception in result.Exceptions.SelectMany(e => e.Value))
        {
            screen.SayItem(exception.Message ?? exception.ClassName);
        }
    }

    private static string Figure(KeyValuePair<string, int> stat) => stat.Key == "DurationMilliseconds"
        ? $"Duration {ShownValue.Of(TimeSpan.FromMilliseconds(stat.Value))}"
        : $"{stat.Key} {ShownValue.Of(stat.Value)}";
}
