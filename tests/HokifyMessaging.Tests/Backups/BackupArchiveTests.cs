using System.IO.Compression;
using System.Security.Cryptography;
using HokifyMessaging.Backups;
using HokifyMessaging.Tests.Storage;
using Microsoft.EntityFrameworkCore;
using Record = HokifyMessaging.Tests.Writing.Record;

namespace HokifyMessaging.Tests.Backups;

/// <summary>A backup is one file that says of itself what it is, and is recognized for what it is not.</summary>
public sealed class BackupArchiveTests : IAsyncLifetime
{
    private BackupSite? _site;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private BackupSite Site => _site!;

    public async ValueTask InitializeAsync()
    {
        _site = await BackupSite.CreateAsync();
        await Site.ImportAsync(Enumerable.Range(0, 30).Select(i => Record.Application($"a{i}", $"p{i}")));
    }

    public ValueTask DisposeAsync() => Site.DisposeAsync();

    [Fact]
    public async Task It_holds_the_database_but_for_the_keys_of_download_links_and_its_sums_are_those_of_sha256sum()
    {
        await Site.Worker.ExecuteAsync("INSERT INTO DataProtectionKey (FriendlyName, Xml) VALUES ('key-1', '<key>of download links</key>')");
        var file = await Site.BackUpAsync();

        var unpacked = Directory.CreateDirectory(Path.Combine(Site.BackupFolder, "unpacked")).FullName;
        await ZipFile.ExtractToDirectoryAsync(file, unpacked, Cancel);

        Assert.Equal(["SHA256SUMS", "hokify.db", "manifest.json"], Directory.GetFiles(unpacked).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(unpacked, "SHA256SUMS"), Cancel))
        {
            var (sum, name) = (line.Split("  ")[0], line.Split("  ")[1]);
            Assert.Equal(sum, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(unpacked, name), Cancel))));
        }

        var (before, copied) = (await Site.DumpAsync(), await SqliteText.DumpAsync(Path.Combine(unpacked, "hokify.db")));
        Assert.Equal(
            before.Split('\n').Where(row => !row.StartsWith("DataProtectionKey", StringComparison.Ordinal) && !row.StartsWith("sqlite_sequence: DataProtectionKey", StringComparison.Ordinal)),
            copied.Split('\n').Where(row => !row.StartsWith("sqlite_sequence: DataProtectionKey", StringComparison.Ordinal)));
        Assert.DoesNotContain("of download links", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(unpacked, "hokify.db"), Cancel)), StringComparison.Ordinal);
        Assert.Equal(["backup.zip"], Directory.GetFiles(Site.BackupFolder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Its_manifest_says_the_schema_the_rows_and_what_was_in_flight()
    {
        var run = await Site.Worker.OpenAsync("in flight");

        var manifest = await DatabaseBackup.VerifyAsync(await Site.BackUpAsync(), Cancel);

        Assert.Equal((BackupManifest.KnownFormat, Site.Worker.Clock.GetUtcNow()), (manifest.Format, manifest.TakenAt));
        Assert.Equal(await Site.Worker.QueryAsync(db => db.Database.GetAppliedMigrationsAsync(Cancel)), manifest.Migrations);
        Assert.Equal((30, 30, 0), (manifest.Rows["Candidate"], manifest.Rows["CandidateProfile"], manifest.Rows["DataProtectionKey"]));
        var scope = Assert.Single(manifest.Scopes);
        Assert.Equal((1, run.RunId, run.Lease.Owner), (scope.ScopeId, scope.Lease!.RunId, scope.Lease.Owner));
        var flying = Assert.Single(manifest.InFlight);
        Assert.Equal((run.RunId, "in flight", 1), (flying.RunId, flying.IdempotencyKey, manifest.InFlightCount));
        Assert.Equal(64, manifest.ErasureKey!.Length);
    }

    [Fact]
    public async Task Moved_and_renamed_it_is_the_same()
    {
        var file = await Site.BackUpAsync();
        var moved = Path.Combine(Directory.CreateDirectory(Path.Combine(Site.BackupFolder, "elsewhere")).FullName, "of last year");
        File.Move(file, moved);

        Assert.Equal(30, (await DatabaseBackup.VerifyAsync(moved, Cancel)).Rows["Candidate"]);
    }

    [Fact]
    public async Task Cut_anywhere_it_is_refused()
    {
        var file = await Site.BackUpAsync();
        var whole = await File.ReadAllBytesAsync(file, Cancel);
        var cut = Path.Combine(Site.BackupFolder, "cut.zip");
        foreach (var length in new[] { 0, 1, 100, whole.Length / 2, whole.Length - 200, whole.Length - 22, whole.Length - 1 })
        {
            await File.WriteAllBytesAsync(cut, whole[..length], Cancel);

            Assert.Equal($"{cut} is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.", await RefusalAsync(cut));
        }
    }

    /// <summary>A bit that a disk turns around. In a name, a time or an attribute it may mean nothing: then what comes out must be what went in.</summary>
    [Fact]
    public async Task With_any_bit_turned_around_it_is_refused_or_restores_what_it_held()
    {
        var file = await Site.BackUpAsync();
        var (whole, random) = (await File.ReadAllBytesAsync(file, Cancel), new Random(20260215));
        var expected = await UnpackedAsync(file);
        var damaged = Path.Combine(Site.BackupFolder, "damaged.zip");
        var refused = 0;
        foreach (var at in Enumerable.Range(whole.Length - 400, 400).Concat(Enumerable.Range(0, 60)).Concat(Enumerable.Range(0, 200).Select(_ => random.Next(whole.Length))))
        {
            var bytes = (byte[])whole.Clone();
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(damaged, bytes, Cancel);
            try
            {
                Assert.Equal(expected, await UnpackedAsync(damaged));
            }
            catch (BackupException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 300, 660);
    }

    [Theory]
    [InlineData("manifest.json", """{"format": "hokify-backup/2", "version": "3.1.0"}""", "is of the form 'hokify-backup/2', and this version reads hokify-backup/1; it was made by hokify 3.1.0, which can restore it.")]
    [InlineData("manifest.json", "{}", "is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.")]
    [InlineData("manifest.json", "no JSON", "is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.")]
    [InlineData("SHA256SUMS", "0000  hokify.db\n", "is damaged: the checksums of what is in it are not those that it was written with; take another backup.")]
    [InlineData("hokify.db", "something else", "is damaged: the checksums of what is in it are not those that it was written with; take another backup.")]
    [InlineData("SHA256SUMS", null, "is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.")]
    public async Task With_something_else_in_it_it_is_refused(string name, string? content, string sentence)
    {
        var file = await Site.BackUpAsync();
        await using (var archive = await ZipFile.OpenAsync(file, ZipArchiveMode.Update, Cancel))
        {
            archive.GetEntry(name)!.Delete();
            if (content is not null)
            {
                await using var entry = await archive.CreateEntry(name).OpenAsync(Cancel);
                await entry.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), Cancel);
            }
        }

        Assert.Equal($"{file} {sentence}", await RefusalAsync(file));
    }

    [Fact]
    public async Task What_is_no_backup_is_called_that()
    {
        var (nowhere, folder, text) = (Path.Combine(Site.BackupFolder, "nowhere.zip"), Site.BackupFolder, Path.Combine(Site.BackupFolder, "text.zip"));
        await File.WriteAllTextAsync(text, "Dear diary", Cancel);

        Assert.Equal($"{nowhere} does not exist; name a backup that 'hokify backup' has made.", await RefusalAsync(nowhere));
        Assert.Equal($"{folder} is a folder; name the file of a backup.", await RefusalAsync(folder));
        Assert.Equal($"{text} is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.", await RefusalAsync(text));
    }

    private static async Task<string> RefusalAsync(string file) => (await Assert.ThrowsAsync<BackupException>(() => DatabaseBackup.VerifyAsync(file, Cancel))).Message;

    private static async Task<string> UnpackedAsync(string file)
    {
        using var database = new MemoryStream();
        await BackupArchive.ExtractAsync(file, database, Cancel);
        return Convert.ToHexString(SHA256.HashData(database.ToArray()));
    }
}
