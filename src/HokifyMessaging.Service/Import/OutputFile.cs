using HokifyMessaging.Machine;
using HokifyMessaging.Service.Commands;

namespace HokifyMessaging.Service.Import;

/// <summary>A file that a verb makes: whole or not at all, and its owner's alone, because it is about people.</summary>
internal sealed class OutputFile
{
    /// <param name="path">As the command line names it.</param>
    /// <param name="option">The option that does.</param>
    /// <exception cref="VerbException">Such a file cannot be made.</exception>
    public OutputFile(string path, string option)
    {
        try
        {
            FullPath = Path.GetFullPath(path);
        }
        catch (ArgumentException)
        {
            throw new VerbException($"{option} is '{path}'; it must be the name of a file.");
        }

        if (Path.Exists(FullPath))
        {
            throw new VerbException($"{option} names {FullPath}, which exists already and is left alone; choose another name, or move it away.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(FullPath)))
        {
            throw new VerbException($"{option} names {FullPath}, and the folder {Path.GetDirectoryName(FullPath)} does not exist; make it first, or choose another.");
        }
    }

    /// <summary>The whole path.</summary>
    public string FullPath { get; }

    /// <summary>Writes it aside and gives it its name when it is whole.</summary>
    /// <param name="write">Writes its content.</param>
    /// <param name="otherwise">How the sentence begins that says why it could not be written.</param>
    /// <exception cref="VerbException">It could not be written; nothing is left of it.</exception>
    public async Task WriteAsync(Func<Stream, Task> write, string otherwise)
    {
        var aside = $"{FullPath}.{Guid.NewGuid():N}";
        try
        {
            await using (var file = new FileStream(
                aside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous }.OfOwnerAlone()))
            {
                await write(file);
            }

            File.Move(aside, FullPath, overwrite: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VerbException(Path.Exists(FullPath)
                ? $"{otherwise}: {FullPath} has come into being meanwhile, and is left alone."
                : $"{otherwise}: nothing can be written to {FullPath}; the folder must be one that this user may write to, with room for it.");
        }
        finally
        {
            File.Delete(aside);
        }
    }
}
