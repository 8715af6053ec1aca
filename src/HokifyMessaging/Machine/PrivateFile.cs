using System.Runtime.InteropServices;

namespace HokifyMessaging.Machine;

/// <summary>
/// Files about people: nobody but the user whom the program runs as can read them. On Windows the permissions of their
/// folder say who can, and all of this does nothing.
/// </summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>What cannot be looked at by us cannot be used by us either, and then that is told.</summary>
    private static readonly EnumerationOptions Everything = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Has a file that is made with these options be its owner's alone from the first moment on.</summary>
    /// <param name="options">How to open or make the file.</param>
    /// <returns>The same options.</returns>
    public static FileStreamOptions OfOwnerAlone(this FileStreamOptions options)
    {
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }

    /// <summary>Makes an empty file where there is none, for a program that would make one that others can read, as SQLite does; what is there is left alone.</summary>
    /// <param name="path">The file.</param>
    public static void Ensure(string path)
    {
        try
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }.OfOwnerAlone()).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process was faster, or nobody can make it: whoever opens it says so best.
        }
    }

    /// <summary>
    /// Makes a file that is whole from the first moment on. Written aside and then given its name, so that of processes that start at once one wins and all read
    /// the same. Not moved: on Linux that is a look and a rename, between which another process gets, whereas a second name is given or refused in one step.
    /// </summary>
    /// <param name="path">The file; one that is there stays as it is.</param>
    /// <param name="content">What it holds.</param>
    public static void MakeOnce(string path, ReadOnlySpan<byte> content)
    {
        var aside = WriteAside(path, content);
        try
        {
            // Where a file system knows no second names, a move is the best that there is.
            if (OperatingSystem.IsWindows() || (Link(Native(aside), Native(path)) != 0 && !File.Exists(path)))
            {
                File.Move(aside, path, overwrite: false);
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster.
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <summary>Puts content in the place of a file's: whoever reads it finds the old one or the new one, and whole, even if the machine fails meanwhile.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it holds from now on.</param>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var aside = WriteAside(path, content);
        try
        {
            File.Move(aside, path, overwrite: true);
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    [DllImport("libc", EntryPoint = "link"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] file, byte[] name);

    private static byte[] Native(string path) => Encoding.UTF8.GetBytes($"{path}\0");

    private static string WriteAside(string path, ReadOnlySpan<byte> content)
    {
        var aside = $"{path}.{Guid.NewGuid():N}";
        using var file = new FileStream(aside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }.OfOwnerAlone());
        file.Write(content);
        file.Flush(flushToDisk: true);
        return aside;
    }

    /// <summary>The files beside a database that belong to it, by their names, the database itself included: log, shared memory, keys, copies.</summary>
    /// <param name="database">The database's file.</param>
    public static IReadOnlyList<string> Beside(string database)
    {
        var (folder, name) = (Path.GetDirectoryName(database), Path.GetFileName(database));
        return folder is null || !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFiles(folder, "*", Everything)
                .Where(file => Path.GetFileName(file) is var other && other.StartsWith(name, StringComparison.Ordinal) && (other.Length == name.Length || other[name.Length] is '-' or '.'))
                .Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether others than the file's owner may do anything with it.</summary>
    /// <param name="path">The file; one that is gone, or that we cannot look at, is none of ours.</param>
    public static bool IsOpenToOthers(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
