using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.Tests.Architecture;

public sealed class SourceFileTests
{
    private const int Longest = 300;

    [Fact]
    public void No_file_has_more_lines_than_somebody_reads_at_a_time()
        => Assert.Empty(TooLong(Directory.EnumerateFiles(Checkout.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path.GetRelativePath(Checkout.Folder, file), File.ReadLines(file).Count()))));

    [Theory]
    [InlineData("src/HokifyMessaging/Long.cs", 300, false)]
    [InlineData("src/HokifyMessaging/Long.cs", 301, true)]
    [InlineData("src/HokifyMessaging.Service/Http/Long.cs", 301, true)]
    [InlineData("src/HokifyMessaging/Storage/Migrations/Sqlite/Long.cs", 301, false)]
    public void A_file_that_is_too_long_is_found_unless_a_tool_has_written_it(string file, int lines, bool isFound)
        => Assert.Equal(isFound, TooLong([(file, lines)]).Any());

    private static IEnumerable<string> TooLong(IEnumerable<(string File, int Lines)> files) => files
        .Where(file => file.Lines > Longest && !file.File.Contains("/Migrations/", StringComparison.Ordinal))
        .Select(file => $"{file.File} has {file.Lines} lines; at most {Longest} are allowed");
}
