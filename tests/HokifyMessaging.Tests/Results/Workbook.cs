using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;

namespace HokifyMessaging.Tests.Results;

/// <summary>A workbook as its parts say it is, read without the library that wrote it.</summary>
internal sealed record Workbook(IReadOnlyList<WorkbookSheet> Sheets)
{
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    public WorkbookSheet Applications => Sheets[0];

    /// <summary>The rows below the header, by the titles of the columns.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object>> Rows => [.. Sheets.SkipLast(1).SelectMany(sheet => sheet.Named)];

    public IReadOnlyList<string> Sentences => [.. Sheets[^1].Rows.Select(row => (string)row["A"])];

    public string Text { get; private init; } = "";

    public static Workbook Read(byte[] bytes)
    {
        using var archive = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        var formats = Load(archive, "xl/styles.xml").Descendants(Main + "numFmt")
            .ToDictionary(format => format.Attribute("numFmtId")!.Value, format => format.Attribute("formatCode")!.Value);
        var styles = Load(archive, "xl/styles.xml").Element(Main + "cellXfs")!.Elements()
            .Select(style => formats.GetValueOrDefault(style.Attribute("numFmtId")!.Value)).ToList();
        var names = Load(archive, "xl/workbook.xml").Descendants(Main + "sheet").Select(sheet => sheet.Attribute("name")!.Value).ToList();
        return new Workbook([.. names.Select((name, i) => SheetOf(name, Load(archive, $"xl/worksheets/sheet{i + 1}.xml"), styles))])
        {
            Text = string.Concat(archive.Entries.Select(entry => new StreamReader(entry.Open()).ReadToEnd())),
        };
    }

    private static WorkbookSheet SheetOf(string name, XElement sheet, List<string?> styles)
    {
        Assert.Empty(sheet.Descendants(Main + "f"));
        var pane = sheet.Descendants(Main + "pane").SingleOrDefault();
        return new WorkbookSheet(
            name,
            [.. sheet.Descendants(Main + "row").Select(row => row.Elements(Main + "c").Where(cell => cell.HasElements).ToDictionary(ColumnOf, cell => ValueOf(cell, styles)))],
            sheet.Element(Main + "autoFilter")?.Attribute("ref")?.Value,
            pane?.Attribute("state")?.Value == "frozen" ? int.Parse(pane.Attribute("ySplit")!.Value, CultureInfo.InvariantCulture) : 0,
            [.. sheet.Descendants(Main + "col").Select(column => double.Parse(column.Attribute("width")!.Value, CultureInfo.InvariantCulture))]);
    }

    /// <returns>A text, or a date: nothing else is in the cells.</returns>
    private static object ValueOf(XElement cell, List<string?> styles)
    {
        if (cell.Attribute("t")?.Value == "inlineStr")
        {
            return string.Concat(cell.Descendants(Main + "t").Select(text => text.Value));
        }

        Assert.Equal(@"yyyy\-mm\-dd hh:mm:ss", styles[int.Parse(cell.Attribute("s")!.Value, CultureInfo.InvariantCulture)]);
        return DateTime.FromOADate(double.Parse(cell.Element(Main + "v")!.Value, CultureInfo.InvariantCulture));
    }

    private static string ColumnOf(XElement cell) => cell.Attribute("r")!.Value.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');

    private static XElement Load(ZipArchive archive, string part)
    {
        using var stream = archive.GetEntry(part)!.Open();
        return XDocument.Load(stream, LoadOptions.PreserveWhitespace).Root!;
    }
}

/// <summary>One sheet: its rows by column (<c>A</c>, <c>B</c>, …), and how it is shown.</summary>
internal sealed record WorkbookSheet(
    string Name, IReadOnlyList<IReadOnlyDictionary<string, object>> Rows, string? Filter, int FrozenRows, IReadOnlyList<double> Widths)
{
    public IReadOnlyList<string> Titles => [.. Rows[0].Values.Cast<string>()];

    public IEnumerable<IReadOnlyDictionary<string, object>> Named => Rows.Skip(1).Select(row => row.ToDictionary(cell => (string)Rows[0][cell.Key], cell => cell.Value));
}
