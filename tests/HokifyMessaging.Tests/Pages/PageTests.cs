using System.Text.RegularExpressions;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.Tests.Pages;

/// <summary>What holds for all pages of the repository.</summary>
public sealed partial class PageTests
{
    public static TheoryData<string> Pages => [.. Page.All];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_or_a_heading_that_exists(string path)
    {
        var page = new Page(path);

        Assert.All(page.Links.Where(link => !link.Contains("://", StringComparison.Ordinal)), link =>
        {
            var (file, anchor) = link.Split('#') is [var before, var behind] ? (before, behind) : (link, "");
            var target = file.Length == 0 ? path : Path.GetRelativePath(Checkout.Folder, Path.GetFullPath(file, Path.GetDirectoryName(Checkout.PathOf(path))!));
            Assert.True(File.Exists(Checkout.PathOf(target)), $"{path} leads to {link}, which is not there");
            Assert.True(anchor.Length == 0 || new Page(target).Anchors.Contains(anchor), $"{path} leads to {link}, and {target} has no such heading");
        });
    }

    /// <summary>Beside a package there is no repository.</summary>
    [Fact]
    public void The_page_of_the_package_leads_to_its_own_headings_only() =>
        Assert.All(Page.Contracts.Links, link => Assert.StartsWith("#", link, StringComparison.Ordinal));

    [Theory]
    [InlineData("src/HokifyMessaging.Contracts/README.md")]
    [InlineData("src/HokifyMessaging.Service/README.md")]
    [InlineData("src/HokifyMessaging.Service/OPERATIONS.md")]
    [InlineData("src/HokifyMessaging.Service/SETTINGS.md")]
    [InlineData("src/HokifyMessaging.Sandbox/README.md")]
    [InlineData("src/HokifyMessaging/README.md")]
    [InlineData("src/HokifyMessaging/Privacy/DATAMAP.md")]
    [InlineData("src/HokifyMessaging/Privacy/EXPORT.md")]
    [InlineData("src/HokifyMessaging/Reading/CsvFiles/README.md")]
    [InlineData("src/HokifyMessaging/Storage/README.md")]
    [InlineData("src/HokifyMessaging/Storage/STORED.md")]
    [InlineData("tests/HokifyMessaging.Benchmarks/README.md")]
    [InlineData(".config/monitoring/README.md")]
    [InlineData(".github/CHANGELOG.md")]
    [InlineData(".github/CONTRIBUTING.md")]
    [InlineData(".github/SECURITY.md")]
    public void The_README_leads_to_every_page(string path)
    {
        Assert.Contains(path, Page.Readme.Links.Select(link => link.Split('#')[0]));
    }

    [Fact]
    public void The_README_can_be_read_in_minutes() => Assert.InRange(Page.Readme.Text.TrimEnd().Split('\n').Length, 1, 150);

    [Theory]
    [InlineData("dotnet run --project src/HokifyMessaging.Service -- demo")]
    [InlineData("dotnet test")]
    public void A_fresh_machine_needs_these_commands(string command) => Assert.Contains(command, Page.Readme.Text.Split('\n'));

    [Fact]
    public void What_the_README_shows_of_the_demo_is_what_it_says()
    {
        var source = string.Concat(Directory.GetFiles(Checkout.PathOf("src/HokifyMessaging.Service/Demo"), "*.cs").Select(File.ReadAllText));
        var shown = Page.Readme.Code("text").Single().Split('\n').Where(line => line.StartsWith("ok: ", StringComparison.Ordinal) || (line.Length > 0 && char.IsAsciiDigit(line[0]))).ToList();

        Assert.Equal(8, shown.Count);
        Assert.All(shown, line => Assert.Contains(line.Replace("ok: ", "", StringComparison.Ordinal), source, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_variable_of_the_tests_is_on_the_page_for_contributors()
    {
        var variables = Directory.GetFiles(Checkout.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => VariablesIn(File.ReadAllText(file))).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(variables, VariablesIn(new Page(".github/CONTRIBUTING.md").Section("## Tests")).Distinct().Order(StringComparer.Ordinal));

        static IEnumerable<string> VariablesIn(string text) => TestVariable().Matches(text).Select(match => match.Value);
    }

    [GeneratedRegex(@"\bHOKIFY_TEST_\w+")]
    private static partial Regex TestVariable();
}
