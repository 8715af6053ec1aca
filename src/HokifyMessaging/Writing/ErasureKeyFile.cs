using System.Security.Cryptography;
using System.Text;

namespace HokifyMessaging.Writing;

/// <summary>An embedded database brings its erasure key along, in a file of its own that only its owner can read.</summary>
/// <param name="databaseFile">The database's file.</param>
internal sealed class ErasureKeyFile(string databaseFile)
{
    private const int Length = 32;

    public string Path { get; } = databaseFile + ".erasure-key";

    public bool Exists => File.Exists(Path) || Directory.Exists(Path);

    /// <returns>The key; null when the file holds none.</returns>
    /// <exception cref="InvalidOperationException">The file cannot be read.</exception>
    public byte[]? Read()
    {
        try
        {
            var text = File.ReadAllText(Path).Trim();
            var bytes = new byte[text.Length];
            return Convert.TryFromBase64String(text, bytes, out var length) && length >= Length ? bytes[..length] : null;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new InvalidOperationException($"The erasure key {Path} cannot be read; it must be a file that the service's user may read.", exception);
        }
    }

    /// <summary>Makes a key. Written aside and moved, so that of two processes that start at once one wins and both read the same.</summary>
    public void Make()
    {
        var aside = $"{Path}.{Guid.NewGuid():N}";
        using (var file = new FileStream(aside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }.OfOwnerAlone()))
        {
            file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length))));
        }

        try
        {
            File.Move(aside, Path, overwrite: false);
        }
        catch (IOException) when (File.Exists(Path))
        {
            File.Delete(aside);
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
