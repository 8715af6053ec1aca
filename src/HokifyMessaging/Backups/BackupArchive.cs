using System.IO.Compression;
using System.Security.Cryptography;

namespace HokifyMessaging.Backups;

/// <summary>
/// A backup as one file, which may be moved and renamed: a zip of the database, of what the backup says of itself, and of the checksums
/// of both in the form of <c>sha256sum</c>. Whoever has no hokify at hand unpacks it with any other program.
/// </summary>
internal static class BackupArchive
{
    public const string Database = "hokify.db";
    public const string Manifest = "manifest.json";
    public const string Sums = "SHA256SUMS";

    /// <summary>No manifest of ours is nearly as long.</summary>
    private const int LongestText = 16 * 1024 * 1024;

    private const int BufferSize = 128 * 1024;

    /// <param name="output">Where to; seekable.</param>
    /// <param name="database">The file of the copy, which nobody writes to.</param>
    /// <param name="manifest">What it says of itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task WriteAsync(Stream output, string database, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var archive = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        var said = manifest.ToBytes();
        await AddAsync(Manifest, new MemoryStream(said));
        await using var file = File.OpenRead(database);
        var sum = await AddAsync(Database, file);
        await AddAsync(Sums, new MemoryStream(Encoding.ASCII.GetBytes(SumsOf(sum, said))));

        async Task<string> AddAsync(string name, Stream content)
        {
            var entry = archive.CreateEntry(name, CompressionLevel.Fastest);

            // For whoever unpacks it as this user; a zip says nothing of that by itself.
            entry.ExternalAttributes = (int)(UnixFileMode.UserRead | UnixFileMode.UserWrite) << 16;
            await using var to = await entry.OpenAsync(cancellationToken);
            return await CopyAsync(content, to, exception => exception, cancellationToken);
        }
    }

    /// <summary>Unpacks the database of a backup, and holds it to its checksum.</summary>
    /// <param name="file">The backup's full path.</param>
    /// <param name="database">Where the database goes; it is made, and is its owner's alone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">It is no backup, or not whole.</exception>
    /// <exception cref="IOException">The database cannot be written.</exception>
    public static async Task<BackupManifest> ExtractAsync(string file, Stream database, CancellationToken cancellationToken)
    {
        await using var input = OpenFile(file);
        ZipArchive archive;
        try
        {
            archive = await ZipArchive.CreateAsync(input, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
            _ = archive.Entries.Count;
        }
        catch (Exception exception) when (IsOfContent(exception))
        {
            throw NotWhole(file, exception);
        }

        await using (archive)
        {
            var said = await TextAsync(Manifest);
            var manifest = Read(file, said);
            string sum;
            await using (var content = await OpenAsync(Database, long.MaxValue))
            {
                sum = await CopyAsync(content, database, exception => NotWhole(file, exception), cancellationToken);
            }

            return Encoding.ASCII.GetString(await TextAsync(Sums)) == SumsOf(sum, said)
                ? manifest
                : throw new BackupException($"{file} is damaged: the checksums of what is in it are not those that it was written with; take another backup.");
        }

        async Task<byte[]> TextAsync(string name)
        {
            await using var content = await OpenAsync(name, LongestText);
            using var text = new MemoryStream();
            await CopyAsync(content, text, exception => NotWhole(file, exception), cancellationToken);
            return text.ToArray();
        }

        async Task<Stream> OpenAsync(string name, long longest)
        {
            try
            {
                return archive.GetEntry(name) is { } entry && entry.Length <= longest ? await entry.OpenAsync(cancellationToken) : throw NotWhole(file, null);
            }
            catch (Exception exception) when (IsOfContent(exception))
            {
                throw NotWhole(file, exception);
            }
        }
    }

    private static FileStream OpenFile(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BackupException($"{file} does not exist; name a backup that 'hokify backup' has made.", exception);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new BackupException(
                Directory.Exists(file) ? $"{file} is a folder; name the file of a backup." : $"{file} cannot be read by this user; its owner or its permissions must change.", exception);
        }
    }

    private static BackupManifest Read(string file, byte[] said)
    {
        try
        {
            using var json = JsonDocument.Parse(said);
            var format = json.RootElement.GetProperty("format").GetString();
            return format == BackupManifest.KnownFormat
                ? BackupManifest.Of(said)
                : throw new BackupException(
                    $"{file} is of the form '{format}', and this version reads {BackupManifest.KnownFormat}; it was made by hokify {json.RootElement.GetProperty("version").GetString()}, which can restore it.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw NotWhole(file, exception);
        }
    }

    private static BackupException NotWhole(string file, Exception? cause) => new($"{file} is no backup that 'hokify backup' has made, or it was cut or damaged since; take another one.", cause);

    /// <summary>As <c>sha256sum</c> prints and checks them.</summary>
    private static string SumsOf(string database, byte[] manifest) => $"{database}  {Database}\n{Convert.ToHexStringLower(SHA256.HashData(manifest))}  {Manifest}\n";

    private static bool IsOfContent(Exception exception) => exception is InvalidDataException or IOException or ArgumentException or NotSupportedException or OverflowException;

    /// <returns>The checksum of what was copied.</returns>
    private static async Task<string> CopyAsync(Stream from, Stream to, Func<Exception, Exception> unreadable, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        while (await ReadAsync() is > 0 and var length)
        {
            hash.AppendData(buffer, 0, length);
            await to.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        async ValueTask<int> ReadAsync()
        {
            try
            {
                return await from.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception exception) when (IsOfContent(exception))
            {
                throw unreadable(exception);
            }
        }
    }
}
