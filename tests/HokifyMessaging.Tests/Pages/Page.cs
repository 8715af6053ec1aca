using System.Text.RegularExpressions;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.Tests.Pages;

/// <summary>A page of the repository, by its path: what tests compare with the program.</summary>
internal sealed partial class Page(string path)
{
    private static readonly string[] NotOurs = [".artifacts", ".git", "bin", "obj", "node_modules"];

    public static Page Readme { get; } = new("README.md");

    public static Page Contracts { get; } = new("src/HokifyMessaging.Contracts/README.md");

    public static Page Stored { get; } = new("src/HokifyMessaging/Storage/STORED.md");

    public static Page CsvFiles { get; } = new("src/HokifyMessaging/Reading/CsvFiles/README.md");

    public string Path { get; } = path;

    public string Text { get; } = Checkout.Read(path).ReplaceLineEndings("\n");

    public static IEnumerable<string> All => FilesIn(new DirectoryInfo(Checkout.Folder))
        .Select(file => System.IO.Path.GetRelativePath(Checkout.Folder, file).Replace('\\', '/'));

    /// <summary>What links to its headings end with.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(WithoutCode).Select(heading =>
        NotInAnchor().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    public IEnumerable<string> Links => Link().Matches(WithoutCode).Select(link => link.Groups["target"].Value);

    private string WithoutCode => CodeBlock().Replace(Text, "");

    /// <summary>What stands under a heading, up to the next of its level or above.</summary>
    public string Section(string heading)
    {
        var lines = Text.Split('\n').SkipWhile(line => line != heading).ToList();
        Assert.True(lines.Count > 0, $"{Path} has no heading '{heading}'");
        var level = heading.IndexOf(' ', StringComparison.Ordinal);
        return string.Join('\n', lines.Skip(1).TakeWhile(line => !line.StartsWith('#') || line.IndexOf(' ', StringComparison.Ordinal) > level));
    }

    /// <summary>The blocks of code in this language under a heading, or on the whole page.</summary>
    public IEnumerable<string> Code(string language, string? heading = null) =>
        CodeBlock().Matches(heading is null ? Text : Section(heading)).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["code"].Value);

    /// <summary>The cells of the table under a heading whose first column is called so.</summary>
    public IReadOnlyList<string[]> Table(string heading, string first)
    {
        var lines = Section(heading).Split('\n').SkipWhile(line => !line.StartsWith($"| {first} |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.True(lines.Count > 2, $"{Path} has no table of a {first} under '{heading}'");
        return [.. lines.Skip(2).Select(line => BetweenCells().Split(line.Trim('|')).Select(cell => cell.Trim()).ToArray())];
    }

    /// <summary>What stands in marks of code.</summary>
    public static IReadOnlyList<string> Names(string cell) => [.. InCode().Matches(cell).Select(name => name.Groups["name"].Value)];

    private static IEnumerable<string> FilesIn(DirectoryInfo folder) =>
        folder.GetDirectories().Where(inner => !NotOurs.Contains(inner.Name)).SelectMany(FilesIn).Concat(folder.GetFiles("*.md").Select(file => file.FullName));

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex BetweenCells();

    [GeneratedRegex("`(?<name>[^`]+)`")]
    private static partial Regex InCode();
}
