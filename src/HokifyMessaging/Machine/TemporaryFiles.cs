namespace HokifyMessaging.Machine;

/// <summary>
/// What programs of ours put into the folder for temporary files, and what is left there of those that were killed. Each goes by itself as a rule; what is left may have people's
/// data in it.
/// </summary>
internal static class TemporaryFiles
{
    /// <summary>Begins the name of a file of a run that is being downloaded; a GUID and <see cref="SpoolSuffix"/> follow.</summary>
    public const string SpoolPrefix = "hokify-";

    /// <summary>Ends it.</summary>
    public const string SpoolSuffix = ".csv";

    /// <summary>Begins the name of a folder in which what came by standard input lies while it is imported.</summary>
    public const string StandardInputPrefix = "hokify-standard-input-";

    /// <summary>Begins the name of a folder in which a backup is unpacked to be checked.</summary>
    public const string BackupPrefix = "hokify-backup-";

    private static readonly EnumerationOptions Reachable = new() { IgnoreInaccessible = true };

    /// <summary>Those that nobody has touched since an instant.</summary>
    /// <param name="folder">The folder for temporary files.</param>
    /// <param name="before">The instant.</param>
    public static IReadOnlyList<FileSystemInfo> LeftIn(string folder, DateTimeOffset before)
    {
        var root = new DirectoryInfo(folder);
        return !root.Exists
            ? []
            :
            [
                .. root.EnumerateFiles($"{SpoolPrefix}*{SpoolSuffix}", Reachable).Where(file => IsSpool(file.Name)).Cast<FileSystemInfo>()
                    .Concat(root.EnumerateDirectories($"{StandardInputPrefix}*", Reachable))
                    .Concat(root.EnumerateDirectories($"{BackupPrefix}*", Reachable))
                    .Where(one => one.LinkTarget is null && LastTouched(one) <= before.UtcDateTime),
            ];
    }

    /// <summary>Removes one of them, unless somebody has it open or it is another user's.</summary>
    /// <returns>Whether it is gone.</returns>
    public static bool TryRemove(FileSystemInfo left)
    {
        try
        {
            foreach (var file in left is DirectoryInfo folder ? folder.GetFiles() : [(FileInfo)left])
            {
                using (new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // Only its last reader can have it alone.
                }
            }

            if (left is DirectoryInfo whole)
            {
                whole.Delete(recursive: true);
            }
            else
            {
                left.Delete();
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether a file has the name of one that is being downloaded.</summary>
    public static bool IsSpool(string name) =>
        name.Length > SpoolPrefix.Length + SpoolSuffix.Length && Guid.TryParseExact(name[SpoolPrefix.Length..^SpoolSuffix.Length], "N", out _);

    /// <summary>The folder's own instant as well: what came by standard input bears none that means anything.</summary>
    private static DateTime LastTouched(FileSystemInfo one) =>
        one is DirectoryInfo folder ? folder.EnumerateFiles("*", Reachable).Select(file => file.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max() : one.LastWriteTimeUtc;
}
