using HokifyMessaging.Reading;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

public sealed class CsvFilesSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("csv-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_read_in_slices_of_500()
    {
        var path = Write("a.csv", 1_100);

        var pages = await ReadAsync(path);

        Assert.Equal([500, 500, 100], pages.Select(page => page.Records.Count));
        Assert.Equal([true, false, false], pages.Select(page => page.StartsResponse));
        Assert.Equal(["a.csv row 1", "a.csv row 501", "a.csv row 1001"], pages.Select(page => page.Position));
        Assert.Equal(Enumerable.Range(0, 1_100).Select(row => $"acsv-{row}"), Ids(pages));
    }

    [Fact]
    public async Task A_folder_is_read_in_the_order_of_its_files_names()
    {
        Write("b.csv", 2);
        Write("Z.CSV", 1);
        Write("a.csv", 1);
        Write("a.txt", 1);

        var pages = await ReadAsync(_folder);

        Assert.Equal(["ZCSV-0", "acsv-0", "bcsv-0", "bcsv-1"], Ids(pages));
        Assert.All(pages, page => Assert.True(page.StartsResponse));
    }

    [Fact]
    public async Task Every_checkpoint_resumes_exactly_behind_its_page()
    {
        Write("a;row:7.csv", 700);
        Write("b \"quoted\", {x}.csv", 500);
        Write("c.csv", 1);
        var pages = await ReadAsync(_folder);
        Assert.Equal(4, pages.Count);

        for (var index = 0; index < pages.Count; index++)
        {
            var rest = await ReadAsync(_folder, pages[index].Checkpoint);
            Assert.Equal(Ids(pages.Skip(index + 1)), Ids(rest));
            Assert.Equal(pages.Skip(index + 1).Select(page => (page.StartsResponse, page.Checkpoint, page.Position)), rest.Select(page => (page.StartsResponse, page.Checkpoint, page.Position)));
        }
    }

    [Fact]
    public async Task Rejected_rows_count_for_the_checkpoint()
    {
        var path = Path.Combine(_folder, "a.csv");
        await File.WriteAllTextAsync(path, "matchId;name\n" + string.Concat(Enumerable.Range(0, 501).Select(row => row % 2 == 0 ? $"m{row};x\n" : $"m{row}\n")), TestContext.Current.CancellationToken);
        var pages = await ReadAsync(path);

        var rest = await ReadAsync(path, pages[0].Checkpoint);

        Assert.Equal(["m500"], Ids(rest));
    }

    [Fact]
    public async Task The_windows_beginning_does_not_filter()
    {
        var path = Write("a.csv", 3);
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(3, Ids(await ReadAsync(path, null, new ReadWindow(now.AddDays(-1), now))).Count());
    }

    [Fact]
    public async Task A_file_with_nothing_but_a_header_yields_no_page() => Assert.Empty(await ReadAsync(Write("a.csv", 0)));

    [Fact]
    public async Task A_path_that_does_not_exist_fails_the_read()
    {
        var path = Path.Combine(_folder, "none");

        Assert.Equal($"CsvFiles: {path} does not exist; expected is a CSV file or a folder with *.csv files.", await FailureAsync(path));
    }

    [Fact]
    public async Task A_folder_without_files_fails_the_read() =>
        Assert.Equal($"CsvFiles: {_folder} holds no *.csv file; expected is at least one.", await FailureAsync(_folder));

    [Theory]
    [InlineData("")]
    [InlineData("offset:200")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"File":"a.csv","Row":-1}""")]
    public async Task A_checkpoint_of_another_source_fails_the_read(string checkpoint) =>
        Assert.Equal("CsvFiles: the checkpoint is not one of this source; expected is a file and a row.", await FailureAsync(Write("a.csv", 1), checkpoint));

    [Fact]
    public async Task A_file_that_others_hold_locked_fails_the_read()
    {
        var path = Write("a.csv", 1);
        await using var locking = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        Assert.StartsWith("CsvFiles: a.csv cannot be read: it is locked, or on a disk that fails; expected is a file", await FailureAsync(path), StringComparison.Ordinal);
    }

    private string Write(string name, int rows)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllLines(path, ["matchId;name", .. Enumerable.Range(0, rows).Select(row => $"{string.Concat(name.Where(char.IsAsciiLetterOrDigit))}-{row};Anna Huber")]);
        return path;
    }

    private static IEnumerable<string> Ids(IEnumerable<SourcePage> pages) =>
        pages.SelectMany(page => page.Records).Select(record => record.Read().Understood().Id.Value);

    private static async Task<List<SourcePage>> ReadAsync(string path, string? checkpoint = null, ReadWindow? window = null)
    {
        var source = new CsvFilesSource(new CsvFilesOptions { Path = path }, TimeProvider.System, new ReadingOptions());
        var pages = new List<SourcePage>();
        await foreach (var page in source.ReadAsync(window ?? new ReadWindow(null, DateTimeOffset.UnixEpoch), checkpoint, TestContext.Current.CancellationToken))
        {
            pages.Add(page);
        }

        return pages;
    }

    private static async Task<string> FailureAsync(string path, string? checkpoint = null) =>
        (await Assert.ThrowsAsync<SourceException>(() => ReadAsync(path, checkpoint))).Message;
}
