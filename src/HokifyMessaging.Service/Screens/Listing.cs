using Spectre.Console;

namespace HokifyMessaging.Service.Screens;

/// <summary>What a list says of each of its things.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
/// <param name="MayMove">Whether it stands beneath the line where there is no room for it in the line.</param>
/// <param name="Stacked">The line of a block that it shares with others; null for one of its own.</param>
internal sealed record ListColumn(string Name, bool IsNumber = false, bool MayMove = false, string? Stacked = null);

/// <summary>
/// A list of things, the first column of which names them. A wide screen shows a table, a narrow one a block for each; nothing is cut in either,
/// and sentences have lines of their own.
/// </summary>
internal sealed class Listing(params ListColumn[] columns)
{
    private const string Between = "  ";
    private const int Indent = 2;

    private readonly List<(string[] Cells, IReadOnlyList<Fact> Notes)> _things = [];

    /// <summary>How wide a screen must be for a table.</summary>
    public int StackedBelow { get; init; } = 120;

    /// <param name="cells">What the columns say of it.</param>
    /// <param name="notes">What has lines of its own.</param>
    public void Add(IEnumerable<string?> cells, params IReadOnlyList<Fact> notes) => _things.Add(([.. cells.Select(cell => VisibleText.Of(cell ?? ""))], notes));

    public void Write(IAnsiConsole screen)
    {
        var nameWidth = columns.Skip(1).Select(column => column.Stacked ?? column.Name).Concat(_things.SelectMany(thing => thing.Notes).Select(note => note.Name)).Max(name => name.Length);
        if (screen.Profile.Width >= StackedBelow && Fitting(screen.Profile.Width) is { } shown)
        {
            WriteTable(screen, shown, nameWidth);
        }
        else
        {
            WriteBlocks(screen, nameWidth);
        }
    }

    /// <summary>The columns of a table that has room; null where those that may not move have none.</summary>
    private List<int>? Fitting(int width)
    {
        var shown = Enumerable.Range(0, columns.Length).ToList();
        while (shown.Sum(WidthOf) + (Between.Length * (shown.Count - 1)) > width)
        {
            if (shown.FindLastIndex(index => columns[index].MayMove) is var moved and >= 0)
            {
                shown.RemoveAt(moved);
            }
            else
            {
                return null;
            }
        }

        return shown;
    }

    private int WidthOf(int column) => _things.Select(thing => thing.Cells[column].Length).Append(columns[column].Name.Length).Max();

    private void WriteTable(IAnsiConsole screen, List<int> shown, int nameWidth)
    {
        screen.Raw(Line([.. columns.Select(column => column.Name)]));
        foreach (var (cells, notes) in _things)
        {
            screen.Raw(Line(cells));
            var moved = Enumerable.Range(0, columns.Length).Except(shown).Select(index => FactOf(index, cells));
            Fact.Write(screen, [.. moved, .. notes], Indent, nameWidth);
        }

        string Line(string[] cells) => string.Join(
            Between, shown.Select(index => columns[index].IsNumber ? cells[index].PadLeft(WidthOf(index)) : cells[index].PadRight(WidthOf(index))));
    }

    private void WriteBlocks(IAnsiConsole screen, int nameWidth)
    {
        foreach (var (number, (cells, notes)) in _things.Index())
        {
            if (number > 0)
            {
                screen.Gap();
            }

            screen.Raw(cells[0]);
            Fact.Write(screen, [.. StackedFacts(cells), .. notes], Indent, nameWidth);
        }
    }

    private IEnumerable<Fact> StackedFacts(string[] cells) => Enumerable.Range(1, columns.Length - 1)
        .GroupBy(index => columns[index].Stacked ?? columns[index].Name)
        .Select(line => columns[line.First()].Stacked is { } name
            ? new Fact(name, string.Join(", ", line.Where(index => cells[index].Length > 0).Select(index => $"{columns[index].Name} {cells[index]}")))
            : FactOf(line.First(), cells));

    private Fact FactOf(int column, string[] cells) => new(columns[column].Name, cells[column], IsWhole: columns[column].MayMove);
}
