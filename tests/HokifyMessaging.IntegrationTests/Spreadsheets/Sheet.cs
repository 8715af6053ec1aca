using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;

namespace HokifyMessaging.IntegrationTests.Spreadsheets;

/// <summary>One cell as a spreadsheet program has understood it: a text, a number, or a formula that it has run.</summary>
internal sealed record Cell(string? Text, double? Number, string? Formula);

/// <summary>The first sheet of an Excel workbook: rows of cells by their column (<c>A</c>, <c>B</c>, …).</summary>
internal static class Sheet
{
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    public static IReadOnlyList<IReadOnlyDictionary<string, Cell>> Read(string workbook)
    {
        using var archive = ZipFile.OpenRead(workbook);
        var texts = Load("xl/sharedStrings.xml").Elements(Main + "si").Select(text => string.Concat(text.Descendants(Main + "t").Select(part => part.Value))).ToList();
        return [.. Load("xl/worksheets/sheet1.xml").Descendants(Main + "row").Select(row =>
            row.Elements(Main + "c").Where(cell => cell.Element(Main + "v") is not null).ToDictionary(ColumnOf, Understood))];

        XElement Load(string part)
        {
            using var stream = archive.GetEntry(part)!.Open();
            return XDocument.Load(stream).Root!;
        }

        Cell Understood(XElement cell)
        {
            var (value, formula) = (cell.Element(Main + "v")!.Value, cell.Element(Main + "f")?.Value);
            return cell.Attribute("t")?.Value switch
            {
                "s" => new Cell(texts[int.Parse(value, CultureInfo.InvariantCulture)], null, formula),
                // True and False, as the program knows them.
                "b" => new Cell(value == "1" ? "True" : "False", null, formula),
                "n" => new Cell(null, double.Parse(value, CultureInfo.InvariantCulture), formula),
                var type => throw new InvalidOperationException($"{cell.Attribute("r")?.Value} is neither text nor number but '{type}'."),
            };
        }
    }

    private static string ColumnOf(XElement cell) => cell.Attribute("r")!.Value.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
}
