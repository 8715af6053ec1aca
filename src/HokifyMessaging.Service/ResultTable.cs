using HokifyMessaging.Service.Commands;
using Spectre.Console;

namespace HokifyMessaging.Service;

/// <summary>The result of an import as people read it.</summary>
internal static class ResultTable
{
    public static void Write(IAnsiConsole screen, ExportImportResult result)
    {
        var table = new Table().Border(TableBorder.Ascii).AddColumn("element");
        foreach (var column in new[] { "created", "updated", "deleted", "unchanged", "errors" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        var counts = new[] { result.CreatedCounts, result.UpdatedCounts, result.DeletedCounts, result.UnchangedCounts };
        foreach (var element in counts.SelectMany(c => c.Keys).Concat(result.Exceptions.Keys).Distinct().Order(StringComparer.Ordinal))
        {
            table.AddRow(
                [Terminal.Plain(element), .. counts.Select(c => Number(c.GetValueOrDefault(element))), Number(result.Exceptions.GetValueOrDefault(element)?.Count ?? 0)]);
        }

        screen.Write(table);
        screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ok {result.OkCount}, errors {result.ErrorCount}"));
        var stats = result.StatsCounter.Where(s => s.Value != 0).OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value}"));
        screen.WriteLine(string.Join(", ", stats));
        foreach (var exception in result.Exceptions.SelectMany(e => e.Value))
        {
            screen.MarkupLine($"  {Terminal.Plain(exception.Message)}");
        }
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
