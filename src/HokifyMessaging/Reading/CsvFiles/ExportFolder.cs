using System.IO.Hashing;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>The files of one read, as they are now.</summary>
/// <param name="path">A file, or a folder with files.</param>
internal sealed class ExportFolder(string path)
{
    /// <summary>In the order in which they are read.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public List<string> Files()
    {
        try
        {
            if (File.Exists(path))
            {
                return [path];
            }

            if (!Directory.Exists(path))
            {
                throw new SourceException($"CsvFiles: {path} does not exist; expected is a CSV file or a folder with *.csv files.");
            }

            // A folder where none is left looks like a hokify without applications, and a full import would delete them all.
            var files = Directory.EnumerateFiles(path, "*.csv", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive })
                .OrderBy(file => Path.GetFileName(file), StringComparer.Ordinal)
                .ToList();
            return files.Count > 0
                ? files
                : throw new SourceException($"CsvFiles: {path} holds no *.csv file; expected is at least one.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"CsvFiles: {path} cannot be listed: {Why(failure)}; expected is a folder that this service may read.", failure);
        }
    }

    /// <summary>The files that are there, be there none.</summary>
    public IReadOnlyList<string> FilesLeft()
    {
        try
        {
            return Files();
        }
        catch (SourceException)
        {
            return [];
        }
    }

    /// <summary>Null where there is no such file any more.</summary>
    public static FileState? StateOf(string file)
    {
        try
        {
            var info = new FileInfo(file);
            return info.Exists ? new FileState(info.Length, info.LastWriteTimeUtc) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="SourceException">It cannot be read.</exception>
    public static FileStream Open(string file)
    {
        try
        {
            return new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, failure);
        }
    }

    public static SourceException Unreadable(string file, Exception failure) =>
        new($"CsvFiles: {Path.GetFileName(file)} cannot be read: {Why(failure)}; expected is a file that this service may read and nobody has open for writing.", failure);

    private static string Why(Exception failure) => failure switch
    {
        UnauthorizedAccessException => "this service may not",
        FileNotFoundException or DirectoryNotFoundException => "it has gone",
        PathTooLongException => "its name is too long",
        _ => "it is locked, or on a disk that fails",
    };

    /// <summary>Over every byte of a file.</summary>
    public static async Task<UInt128> ContentOfAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = Open(file);
        var content = new XxHash128();
        try
        {
            await content.AppendAsync(stream, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, failure);
        }

        return content.GetCurrentHashAsUInt128();
    }

    /// <summary>A digest over files that are read already, with one more of them.</summary>
    public static string WithFile(string? before, string file, UInt128 content) =>
        XxHash128.HashToUInt128(Encoding.UTF8.GetBytes($"{before}\n{Path.GetFileName(file)}\n{content:x32}")).ToString("x32", null);
}

/// <summary>What tells without reading a file that it has changed.</summary>
internal sealed record FileState(long Length, DateTime LastWrite);
