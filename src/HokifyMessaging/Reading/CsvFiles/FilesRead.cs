namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>How far one pass over the files has come, and whether they are still what they were.</summary>
internal sealed class FilesRead
{
    private const int MostRestarts = 3;

    private readonly Dictionary<string, FileState> _states = [];
    private string? _before;

    private FilesRead(FileCheckpoint reached) => Reached = reached;

    /// <summary>Which of the files is the first to read.</summary>
    public int First { get; private init; }

    public FileCheckpoint Reached { get; private set; }

    /// <summary>Whether something is read that is another state than what an earlier pass of the run has read.</summary>
    public bool IsPatched { get; private set; }

    /// <summary>Why the passes together are no complete read; null while they are.</summary>
    public string? Flaw { get; private set; }

    /// <summary>
    /// Goes on where the checkpoint was taken if all files before it are still the same. Otherwise all is read again: what comes
    /// twice changes nothing, and what is passed over would be lost.
    /// </summary>
    public static async Task<FilesRead> BeginAsync(List<string> files, FileCheckpoint? reached, CancellationToken cancellationToken)
    {
        if (reached is null)
        {
            return new FilesRead(new FileCheckpoint("", 0));
        }

        var first = files.FindIndex(file => Path.GetFileName(file) == reached.File);
        var read = new FilesRead(reached) { First = first };
        foreach (var file in files.Take(first))
        {
            if (read.Opens(file))
            {
                read.Close(file, await ExportFolder.ContentOfAsync(file, cancellationToken));
            }
        }

        if (first >= 0 && read._before == reached.Before && reached.Rows is not null)
        {
            return read;
        }

        if (reached.Restarts < MostRestarts)
        {
            return new FilesRead(new FileCheckpoint("", 0) { Restarts = reached.Restarts + 1 }) { IsPatched = true };
        }

        // Files that change faster than they can be read would keep the run for ever.
        var next = files.FindIndex(file => string.CompareOrdinal(Path.GetFileName(file), reached.File) >= 0);
        return new FilesRead(reached) { First = next < 0 ? files.Count : next, IsPatched = true, Flaw = Unsteady, _before = reached.Before };
    }

    /// <summary>Takes note of a file as it is before it is read.</summary>
    /// <returns>False if it is gone.</returns>
    public bool Opens(string file)
    {
        if (ExportFolder.StateOf(file) is not { } state)
        {
            return false;
        }

        _states[file] = state;
        return true;
    }

    /// <summary>How many rows of a file an earlier pass has read.</summary>
    public int RowsIn(string name) => Reached.File == name ? Reached.Row : 0;

    /// <summary>Whether a file goes on behind the rows that were read of it; otherwise it is to be read from its beginning.</summary>
    public bool GoesOn(string name, int rows, UInt128 digest)
    {
        if (Reached.File != name || (rows == Reached.Row && Text(digest) == Reached.Rows))
        {
            return true;
        }

        IsPatched = true;
        if (Reached.Restarts >= MostRestarts)
        {
            Flaw = Unsteady;
            return true;
        }

        Reached = new FileCheckpoint("", 0) { Restarts = Reached.Restarts + 1 };
        return false;
    }

    public void Reach(string name, int rows, UInt128 digest, bool isEnded) =>
        Reached = new FileCheckpoint(name, rows) { Rows = Text(digest), Before = _before, IsEnded = isEnded, Restarts = Reached.Restarts };

    /// <summary>Takes note of a file that was read to its end.</summary>
    public void Close(string file, UInt128 content) => _before = ExportFolder.WithFile(_before, file, content);

    /// <summary>What is no longer as it was read, as one sentence; null where all is.</summary>
    public string? ChangeSince(List<string> listed, ExportFolder folder)
    {
        foreach (var file in listed.Union(folder.FilesLeft()).Order(StringComparer.Ordinal))
        {
            var (was, now) = (_states.GetValueOrDefault(file), ExportFolder.StateOf(file));
            if (now is null || was != now)
            {
                var change = now is null ? "went away" : was is null ? "came" : "changed";
                return $"CsvFiles: {Path.GetFileName(file)} {change} while the files were read; expected are files that are complete and stay so until the import ends.";
            }
        }

        return null;
    }

    private static string Unsteady => $"CsvFiles: the files changed faster than they could be read, and were begun anew {MostRestarts} times; expected are files that stay as they are until the import ends.";

    private static string Text(UInt128 digest) => digest.ToString("x32", null);
}
