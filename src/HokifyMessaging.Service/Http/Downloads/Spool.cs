using HokifyMessaging.Machine;
using Microsoft.Win32.SafeHandles;

namespace HokifyMessaging.Service.Http.Downloads;

/// <summary>
/// The file in which a file of a run lies for its readers. Only this process can read it; where the system allows, it has no
/// name any more as soon as it is open, so it goes with the process, however that ends.
/// </summary>
internal sealed class Spool : IDisposable
{
    private readonly FileStream _file;

    private Spool(FileStream file) => _file = file;

    public SafeFileHandle Handle => _file.SafeFileHandle;

    /// <summary>How much has been written.</summary>
    public long Length { get; private set; }

    /// <exception cref="IOException">There is no room, or no folder, for it.</exception>
    public static Spool Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
            BufferSize = 0,
        }.OfOwnerAlone();
        var path = Path.Combine(Path.GetTempPath(), $"{TemporaryFiles.SpoolPrefix}{Guid.NewGuid():N}{TemporaryFiles.SpoolSuffix}");
        var file = new FileStream(path, options);
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(path);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return new Spool(file);
    }

    /// <summary>Removes what processes have left that ended between making a file and taking its name away. One that somebody has open is left alone, or loses only its name.</summary>
    public static void Sweep()
    {
        var folder = Path.GetTempPath();
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{TemporaryFiles.SpoolPrefix}*{TemporaryFiles.SpoolSuffix}", new EnumerationOptions { IgnoreInaccessible = true }) : [])
        {
            if (!TemporaryFiles.IsSpool(Path.GetFileName(path)))
            {
                continue;
            }

            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another process of this machine, or another user, has it; it is theirs to remove.
            }
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(Handle, bytes, Length);
        Length += bytes.Length;
    }

    public void Dispose() => _file.Dispose();
}
