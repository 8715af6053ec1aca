using HokifyMessaging.Machine;

namespace HokifyMessaging.Writing;

/// <summary>An embedded database brings its erasure key along, in a file of its own that only its owner can read.</summary>
/// <param name="databaseFile">The database's file.</param>
internal sealed class ErasureKeyFile(string databaseFile)
{
    public string Path { get; } = databaseFile + ".erasure-key";

    public bool Exists => File.Exists(Path) || Directory.Exists(Path);

    /// <returns>The key; null when the file holds none.</returns>
    /// <exception cref="InvalidOperationException">The file cannot be read.</exception>
    public ErasureKeyChain? Read()
    {
        try
        {
            return ErasureKeyChain.Parse(File.ReadAllText(Path));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new InvalidOperationException($"The erasure key {Path} cannot be read; it must be a file that the service's user may read.", exception);
        }
    }

    /// <summary>Makes a key, unless another process has just made one.</summary>
    public void Make() => PrivateFile.MakeOnce(Path, Encoding.ASCII.GetBytes(ErasureKeyChain.New().ToText()));

    /// <summary>Puts a key in the place of the one that it has grown out of.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be written; it is as it was.</exception>
    public void Replace(ErasureKeyChain key)
    {
        try
        {
            PrivateFile.Replace(Path, Encoding.ASCII.GetBytes(key.ToText()));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new InvalidOperationException($"The erasure key {Path} cannot be written, so nothing was changed; it and its folder must be the user's who runs this.", exception);
        }
    }

    /// <summary>Puts a file that is of no use aside, where nobody reads it and nothing is lost.</summary>
    /// <returns>Where it is.</returns>
    public string PutAside(DateTimeOffset now)
    {
        var aside = FormattableString.Invariant($"{Path}.forgotten-{now.UtcDateTime:yyyyMMddHHmmssfff}");
        File.Move(Path, aside);
        return aside;
    }
}
