using HokifyMessaging.Machine;
using HokifyMessaging.Service.Commands;

namespace HokifyMessaging.Service.Import;

/// <summary>
/// The scope that a file is imported into which somebody names on the command line: one that the configuration does not have, so no service reads it from elsewhere
/// and takes for gone what only the file had.
/// </summary>
internal sealed class FileScope : IDisposable
{
    private const string Name = "Files";
    private const string StandardInput = "standard-input.csv";

    private readonly string _path;
    private readonly DirectoryInfo? _copied;

    /// <summary>As long as somebody has it open, the copy is not left behind.</summary>
    private FileStream? _held;

    private FileScope(string path, DirectoryInfo? copied) => (_path, _copied) = (path, copied);

    /// <param name="configuration">Gets the scope.</param>
    /// <param name="scopeId">Its id.</param>
    /// <param name="path">A file, a folder, or <c>-</c> for what is given.</param>
    /// <param name="given">Standard input.</param>
    /// <param name="cancellationToken">Gives up reading it.</param>
    /// <exception cref="VerbException">The scope is configured, or the file cannot be read.</exception>
    public static async Task<FileScope> AddAsync(IConfigurationManager configuration, int scopeId, string path, Func<Stream> given, CancellationToken cancellationToken)
    {
        RequireUnconfigured(configuration, scopeId);
        var scope = path == "-" ? await CopiedAsync(given, cancellationToken) : new FileScope(Readable(path), copied: null);
        var section = $"{HokifyOptions.Section}:{nameof(HokifyOptions.Scopes)}:{scopeId.ToString(CultureInfo.InvariantCulture)}";
        configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{section}:{nameof(ScopeOptions.Name)}"] = Name,
            [$"{section}:{nameof(ScopeOptions.Source)}"] = nameof(SourceKind.CsvFiles),
            [$"{section}:{nameof(ScopeOptions.CsvFiles)}:{nameof(CsvFilesOptions.Path)}"] = scope._path,
        });
        return scope;
    }

    private static void RequireUnconfigured(IConfiguration configuration, int scopeId)
    {
        var scopes = KnownScope.Configured(configuration);
        if (scopes.Contains(scopeId.ToString(CultureInfo.InvariantCulture)))
        {
            var free = Enumerable.Range(1, int.MaxValue - 1).First(id => !scopes.Contains(id.ToString(CultureInfo.InvariantCulture)));
            throw new VerbException(
                $"Scope {scopeId} is configured and has a source of its own; a file is imported into a scope that is not configured, such as --scope {free}. Without --file the scope is imported from its source.");
        }
    }

    /// <summary>Found out before a run is stored that would only fail.</summary>
    private static string Readable(string path)
    {
        string full;
        try
        {
            full = Path.GetFullPath(path);
            if (Directory.Exists(full))
            {
                return Directory.EnumerateFiles(full, "*.csv", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive }).Any()
                    ? full
                    : throw new VerbException($"--file names the folder {full}, which holds no *.csv file; expected is at least one.");
            }

            using var file = File.OpenRead(full);
            return full;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or ArgumentException or NotSupportedException)
        {
            throw new VerbException($"--file names {Path.GetFullPath(path.Length == 0 ? "." : path)}, which does not exist; expected is a CSV file, a folder with *.csv files, or - for standard input.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new VerbException($"--file names {Path.GetFullPath(path)}, which cannot be read; expected is a file that this user may read and nobody has open for writing.");
        }
    }

    /// <summary>What comes once is kept for as long as the import takes: a read may have to begin anew.</summary>
    private static async Task<FileScope> CopiedAsync(Func<Stream> given, CancellationToken cancellationToken)
    {
        SweepCopies();
        var folder = Directory.CreateTempSubdirectory(TemporaryFiles.StandardInputPrefix);
        var scope = new FileScope(Path.Combine(folder.FullName, StandardInput), folder);
        try
        {
            await using var source = given();
            await using var copy = new FileStream(
                scope._path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous }.OfOwnerAlone());
            scope._held = new FileStream(scope._path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await source.CopyToAsync(copy, cancellationToken);
            if (copy.Length == 0)
            {
                throw new VerbException("--file is -, and standard input is empty; expected is a CSV with a line of headers.");
            }

            // Standard input has ended where it ends: nobody is about to write more of it, as somebody may be who copies a file.
            copy.Close();
            File.SetLastWriteTimeUtc(scope._path, DateTime.UnixEpoch);
            return scope;
        }
        catch (IOException)
        {
            scope.Dispose();
            throw new VerbException($"Standard input could not be kept in {folder.FullName} while it is imported; there must be room for all of it.");
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    /// <summary>Removes what processes have left that were killed: nobody has it open any more.</summary>
    private static void SweepCopies()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), $"{TemporaryFiles.StandardInputPrefix}*", new EnumerationOptions { IgnoreInaccessible = true }))
        {
            try
            {
                using (new FileStream(Path.Combine(folder, StandardInput), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    // Only its last reader can have it alone.
                }

                Directory.Delete(folder, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another process, or another user, has it; it is theirs to remove.
            }
        }
    }

    /// <summary>About how many records there are: as many as there are lines behind the headers.</summary>
    public Task<int?> CountRecordsAsync(CancellationToken cancellationToken) => Task.Run<int?>(
        () =>
        {
            try
            {
                var files = Directory.Exists(_path) ? Directory.GetFiles(_path, "*.csv") : [_path];
                return (int)Math.Min(int.MaxValue, files.Sum(file => Math.Max(0, Lines(file, cancellationToken) - 1)));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OperationCanceledException)
            {
                // Whoever reads it says what is wrong; without it there is no bar.
                return null;
            }
        },
        CancellationToken.None);

    private static long Lines(string file, CancellationToken cancellationToken)
    {
        using var stream = File.OpenRead(file);
        var (buffer, lines, last) = (new byte[1 << 16], 0L, (byte)'\n');
        for (int length; (length = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lines += buffer.AsSpan(0, length).Count((byte)'\n');
            last = buffer[length - 1];
        }

        return last == (byte)'\n' ? lines : lines + 1;
    }

    public void Dispose()
    {
        _held?.Dispose();
        _copied?.Delete(recursive: true);
    }
}
