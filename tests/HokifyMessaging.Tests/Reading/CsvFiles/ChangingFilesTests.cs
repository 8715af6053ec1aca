using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

/// <summary>Files that are replaced, appended to, taken away or added, while they are read and between a stop and the resume.</summary>
public sealed class ChangingFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("csv-changing-");

    public void Dispose() => _folder.Delete(recursive: true);

    public static TheoryData<string, string> Changes => new()
    {
        { "a.csv is appended to", "a.csv changed" },
        { "a.csv is overwritten in place", "a.csv changed" },
        { "a.csv is replaced by another file", "a.csv changed" },
        { "a.csv is touched", "a.csv changed" },
        { "a.csv is truncated", "a.csv changed" },
        { "a.csv is deleted", "a.csv went away" },
        { "b.csv is deleted", "b.csv went away" },
        { "0.csv comes", "0.csv came" },
        { "c.csv comes", "c.csv came" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Files_that_do_not_stay_as_they_are_until_the_read_ends_are_no_complete_read(string change, string said)
    {
        Write("a.csv", Rows("a", 700));
        Write("b.csv", Rows("b", 3));
        var pages = new List<SourcePage>();

        await foreach (var page in Source().ReadAsync(new ReadWindow(null, DateTimeOffset.UnixEpoch), null, TestContext.Current.CancellationToken))
        {
            if (pages.Count == 0)
            {
                Change(change);
            }

            pages.Add(page);
        }

        var flaw = Assert.Single(pages, page => page.Flaw is not null).Flaw!;
        Assert.StartsWith($"CsvFiles: {said} while the files were read", flaw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_stay_are_whole_and_so_is_one_that_changed_before_its_turn()
    {
        Write("a.csv", Rows("a", 700));
        Write("b.csv", Rows("b", 3));
        var pages = new List<SourcePage>();

        await foreach (var page in Source().ReadAsync(new ReadWindow(null, DateTimeOffset.UnixEpoch), null, TestContext.Current.CancellationToken))
        {
            if (pages.Count == 0)
            {
                Write("b.csv", Rows("b", 5));
            }

            pages.Add(page);
        }

        Assert.All(pages, page => Assert.Null(page.Flaw));
        Assert.Equal(705, Ids(pages).Count);
    }

    public static TheoryData<string, string, bool> ChangesBetween => new()
    {
        { "nothing", "b500 b501 c0", false },
        { "b.csv grows", "b500 b501 new0 c0", false },
        { "b.csv is saved with other line ends", "b500 b501 c0", false },
        { "c.csv is replaced", "b500 b501 new0", false },
        { "d.csv comes", "b500 b501 c0 new0", false },
        { "c.csv is deleted", "b500 b501", false },
        { "b.csv is replaced", "new0 new1 c0", true },
        { "b.csv is replaced by one as long", "ALL-OF-B-BUT-ONE c0", true },
        { "b.csv shrinks", "b0 b1 c0", true },
        { "b.csv is deleted", "a0 c0", true },
        { "a.csv is replaced", "new0 ALL-OF-B c0", true },
        { "a.csv is deleted", "ALL-OF-B c0", true },
        { "0.csv comes", "new0 a0 ALL-OF-B c0", true },
        { "a.csv is renamed", "ALL-OF-B c0 a0", true },
        { "the checkpoint is of an earlier version", "a0 ALL-OF-B c0", true },
    };

    [Theory]
    [MemberData(nameof(ChangesBetween))]
    public async Task A_resumed_read_goes_on_where_all_is_as_it_was_and_reads_again_what_is_not(string change, string expected, bool isPatched)
    {
        Write("a.csv", Rows("a", 1));
        Write("b.csv", Rows("b", 502));
        Write("c.csv", Rows("c", 1));
        var checkpoint = (await ReadAsync(null))[1].Checkpoint;

        Change(change);
        if (change.Contains("earlier version", StringComparison.Ordinal))
        {
            checkpoint = """{"File":"b.csv","Row":500}""";
        }

        var pages = await ReadAsync(checkpoint);

        var allOfB = string.Join(' ', Enumerable.Range(0, 502).Select(row => $"b{row}"));
        Assert.Equal(expected.Replace("ALL-OF-B-BUT-ONE", allOfB.Replace("b7 ", "x7 ", StringComparison.Ordinal), StringComparison.Ordinal).Replace("ALL-OF-B", allOfB, StringComparison.Ordinal), string.Join(' ', Ids(pages)));
        Assert.All(pages, page => Assert.Equal((isPatched, null), (page.IsPatched, page.Flaw)));
    }

    [Fact]
    public async Task Files_that_change_before_every_resume_do_not_keep_the_run_for_ever()
    {
        Write("a.csv", Rows("a", 1));
        Write("b.csv", Rows("b", 600));
        string? checkpoint = null;
        var pages = new List<SourcePage>();
        for (var resumes = 0; resumes < 4; resumes++)
        {
            Write("a.csv", Rows($"a{resumes}x", 1));
            pages = await ReadAsync(checkpoint);
            checkpoint = pages[1].Checkpoint;
        }

        Write("a.csv", Rows("last", 1));
        pages = await ReadAsync(checkpoint);

        Assert.Equal(100, Ids(pages).Count);
        Assert.StartsWith("CsvFiles: the files changed faster than they could be read", pages[^1].Flaw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_replaced_by_an_empty_one_is_said_to_be_another()
    {
        Write("a.csv", Rows("a", 600));
        var checkpoint = (await ReadAsync(null))[0].Checkpoint;

        Write("a.csv", "matchId;name\n");

        Assert.True(Assert.Single(await ReadAsync(checkpoint)).IsPatched);
    }

    [Fact]
    public async Task What_a_file_showed_of_itself_is_told_once_however_often_the_read_is_resumed()
    {
        Write("a.csv", "matchId;name\nm1;x\nm2;J");
        Write("b.csv", Rows("b", 1));
        var pages = await ReadAsync(null);

        Assert.Equal([false, true, false], pages.Select(page => page.Flaw is not null));
        Assert.Contains(await ReadAsync(pages[0].Checkpoint), page => page.Flaw is not null);
        Assert.All(await ReadAsync(pages[1].Checkpoint), page => Assert.Null(page.Flaw));
    }

    [Theory]
    [InlineData(-120, true)]
    [InlineData(-1, false)]
    [InlineData(3600, false)]
    public async Task A_file_without_a_last_line_break_is_whole_when_nobody_has_written_to_it_for_a_minute(int seconds, bool isWhole)
    {
        Write("a.csv", "matchId;name\nm1;Anna Gruber\nm2;Ben Maier");
        File.SetLastWriteTimeUtc(Path.Combine(_folder.FullName, "a.csv"), TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(seconds));

        var pages = await ReadAsync(null);

        Assert.Equal(isWhole, !pages.Exists(page => page.Flaw is not null));
        Assert.Equal(isWhole, Ids(pages).Contains("m2"));
    }

    [Fact]
    public async Task A_setting_names_the_encoding()
    {
        File.WriteAllBytes(Path.Combine(_folder.FullName, "a.csv"), TextEncodings.Find("iso-8859-15")!.GetBytes("matchId;name\nm1;€uro\n"));
        var source = new CsvFilesSource(new CsvFilesOptions { Path = _folder.FullName, Encoding = "latin9" }, TimeProvider.System, new ReadingOptions());

        await foreach (var page in source.ReadAsync(new ReadWindow(null, DateTimeOffset.UnixEpoch), null, TestContext.Current.CancellationToken))
        {
            Assert.Equal("€uro", Assert.Single(page.Records).Read().Understood().Person.DisplayName);
        }
    }

    private void Change(string change)
    {
        string PathOf(string name) => Path.Combine(_folder.FullName, name);
        switch (change)
        {
            case "nothing" or "the checkpoint is of an earlier version":
                break;
            case "a.csv is appended to" or "b.csv grows":
                File.AppendAllText(PathOf(change[..5]), "new0;x\n");
                break;
            case "a.csv is overwritten in place":
                using (var stream = new FileStream(PathOf("a.csv"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    stream.Write("matchId;nam"u8);
                }

                File.SetLastWriteTimeUtc(PathOf("a.csv"), TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1));
                break;
            case "a.csv is touched":
                File.SetLastWriteTimeUtc(PathOf("a.csv"), TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1));
                break;
            case "a.csv is truncated":
                using (var stream = new FileStream(PathOf("a.csv"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    stream.SetLength(5_000);
                }

                break;
            case "a.csv is replaced by another file":
                Write("a.tmp", Rows("new", 1));
                File.Move(PathOf("a.tmp"), PathOf("a.csv"), overwrite: true);
                break;
            case "b.csv is saved with other line ends":
                Write("b.csv", Rows("b", 502).Replace("\n", "\r\n", StringComparison.Ordinal));
                break;
            case "b.csv is replaced by one as long":
                Write("b.csv", Rows("b", 502).Replace("b7;", "x7;", StringComparison.Ordinal));
                break;
            case "b.csv is replaced":
                Write("b.csv", Rows("new", 2));
                break;
            case "a.csv is replaced" or "c.csv is replaced" or "d.csv comes" or "0.csv comes" or "c.csv comes":
                Write(change[..5], Rows("new", 1));
                break;
            case "b.csv shrinks":
                Write("b.csv", Rows("b", 2));
                break;
            case "a.csv is renamed":
                File.Move(PathOf("a.csv"), PathOf("z.csv"));
                break;
            default:
                File.Delete(PathOf(change[..5]));
                break;
        }
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);

    private static string Rows(string prefix, int count) =>
        new StringBuilder("matchId;name\n").AppendJoin("", Enumerable.Range(0, count).Select(row => $"{prefix}{row};Anna Huber\n")).ToString();

    private CsvFilesSource Source() => new(new CsvFilesOptions { Path = _folder.FullName }, TimeProvider.System, new ReadingOptions());

    private async Task<List<SourcePage>> ReadAsync(string? checkpoint)
    {
        var pages = new List<SourcePage>();
        await foreach (var page in Source().ReadAsync(new ReadWindow(null, DateTimeOffset.UnixEpoch), checkpoint, TestContext.Current.CancellationToken))
        {
            pages.Add(page);
        }

        return pages;
    }

    private static List<string> Ids(IEnumerable<SourcePage> pages) =>
        [.. pages.SelectMany(page => page.Records).Select(record => record.Read().Value).OfType<HokifyApplication>().Select(application => application.Id.Value)];
}
