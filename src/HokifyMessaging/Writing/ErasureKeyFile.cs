using System.Security.Cryptography;
using HokifyMessaging.Machine;

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

    /// <summary>Makes a key, unless another process has just made one.</summary>
    public void Make() => PrivateFile.MakeOnce(Path, Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length))));

    /// <summary>Puts a file that is of no use aside, where nobody reads it and nothing is lost.</summary>
    /// <returns>Where it is.</returns>
    public string PutAside(DateTimeOffset now)
    {
        var aside = FormattableString.Invariant($"{Path}.forgotten-{now.UtcDateTime:yyyyMMddHHmmssfff}");
        File.Move(Path, aside);
        return aside;
    }
}
