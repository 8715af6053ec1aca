namespace HokifyMessaging.Machine;

/// <summary>The bytes that this user may still write into a folder; null where the system does not say.</summary>
/// <param name="folder">The folder.</param>
internal delegate long? FreeSpace(string folder);

/// <summary>What the machine's disks say.</summary>
internal static class Disks
{
    /// <inheritdoc cref="FreeSpace"/>
    public static long? FreeSpaceOf(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
