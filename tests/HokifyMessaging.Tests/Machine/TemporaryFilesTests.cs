using HokifyMessaging.Machine;

namespace HokifyMessaging.Tests.Machine;

/// <summary>What killed programs have left in the folder for temporary files.</summary>
public sealed class TemporaryFilesTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 10, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly OwnFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void A_file_of_an_import_is_left_as_soon_as_it_is_old_enough(int days, bool isLeft)
    {
        var file = File($"hokify-{Guid.NewGuid():N}.csv", Now);

        Assert.Equal(isLeft ? [file] : [], Names(Now.AddDays(days)));
    }

    [Theory]
    [InlineData("hokify-backup-abc123", "hokify.db")]
    [InlineData("hokify-standard-input-abc123", "standard-input.csv")]
    public void A_folder_is_as_old_as_what_was_touched_last_in_it(string name, string file)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        File(Path.Combine(name, file), Now);
        Directory.SetLastWriteTimeUtc(folder, Now.AddDays(-9).UtcDateTime);
        Assert.Empty(Names(Now.AddDays(-1)));
        Assert.Equal([folder], Names(Now));

        // What came by standard input bears an instant that means nothing.
        System.IO.File.SetLastWriteTimeUtc(Path.Combine(folder, file), DateTime.UnixEpoch);
        Directory.SetLastWriteTimeUtc(folder, Now.UtcDateTime);
        Assert.Empty(Names(Now.AddDays(-1)));
        Assert.True(TemporaryFiles.TryRemove(Assert.Single(TemporaryFiles.LeftIn(_folder.Path, Now))));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void What_is_somebody_elses_is_left_alone()
    {
        File("hokify-notes.csv", Now.AddDays(-100));
        File($"other-{Guid.NewGuid():N}.csv", Now.AddDays(-100));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "hokify-demo-abc123"));

        Assert.Empty(Names(Now));
        Assert.Empty(TemporaryFiles.LeftIn(Path.Combine(_folder.Path, "not there"), Now));
    }

    [Fact]
    public void What_somebody_has_open_stays()
    {
        var file = File($"hokify-{Guid.NewGuid():N}.csv", Now);
        var left = Assert.Single(TemporaryFiles.LeftIn(_folder.Path, Now));
        using (new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.None))
        {
            Assert.False(TemporaryFiles.TryRemove(left));
        }

        Assert.True(TemporaryFiles.TryRemove(left));
        Assert.False(System.IO.File.Exists(file));
    }

    private List<string> Names(DateTimeOffset before) => [.. TemporaryFiles.LeftIn(_folder.Path, before).Select(left => left.FullName)];

    private string File(string name, DateTimeOffset touched)
    {
        var path = Path.Combine(_folder.Path, name);
        System.IO.File.WriteAllText(path, "what was left");
        System.IO.File.SetLastWriteTimeUtc(path, touched.UtcDateTime);
        return path;
    }
}
