using System.Runtime.CompilerServices;
using System.Text.Json;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// Exported files as a source. They are read whole, whatever the window begins with: an export says when somebody applied
/// but not when the application last changed, and a filter on the former would lose every later change.
/// </summary>
internal sealed class CsvFilesSource(CsvFilesOptions options, TimeProvider clock) : IApplicationSource
{
    private const int RecordsPerPage = 500;

    private readonly FlatCsvReader _reader = new(options.HeaderAliases);

    public bool ProvesAbsence => true;

    public DateTimeOffset Present => clock.GetUtcNow();

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var files = FilesIn(options.Path);
        var first = 0;
        var alreadyRead = 0;
        if (checkpoint is not null)
        {
            var reached = FileCheckpoint.Parse(checkpoint);
            alreadyRead = reached.Row;
            first = files.FindIndex(file => Path.GetFileName(file) == reached.File);
            if (first < 0)
                throw new SourceException($"CsvFiles: {reached.File}, in which the read is to go on, is no longer in {options.Path}; expected is the file that the read began with.");
        }

        for (var index = first; index < files.Count; index++)
        {
            await foreach (var page in ReadFileAsync(files[index], index == first ? alreadyRead : 0, cancellationToken).ConfigureAwait(false))
                yield return page;
        }
    }

    private static List<string> FilesIn(string path)
    {
        try
        {
            if (File.Exists(path))
                return [path];
            if (!Directory.Exists(path))
                throw new SourceException($"CsvFiles: {path} does not exist; expected is a CSV file or a folder with *.csv files.");
            // A folder where none is left looks like a hokify without applications, and a full import would delete them all.
            var files = Directory.EnumerateFiles(path, "*.csv", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive })
                .OrderBy(file => Path.GetFileName(file), StringComparer.Ordinal)
                .ToList();
            return files.Count > 0
                ? files
                : throw new SourceException($"CsvFiles: {path} holds no *.csv file; expected is at least one.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"CsvFiles: {path} cannot be listed ({failure.GetType().Name}); expected is a folder that this service may read.", failure);
        }
    }

    private async IAsyncEnumerable<SourcePage> ReadFileAsync(
        string path, int alreadyRead, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(path);
        var stream = Open(path, name);
        await using var closing = stream.ConfigureAwait(false);
        var records = _reader.ReadAsync(stream, name, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var disposing = records.ConfigureAwait(false);

        var row = 0;
        for (; row < alreadyRead; row++)
        {
            if (!await MoveNextAsync(records, name).ConfigureAwait(false))
                throw new SourceException($"CsvFiles: {name} has {row} rows, but {alreadyRead} of it were already read; expected is the file that the read began with.");
        }

        while (true)
        {
            var page = new List<ApplicationRecord>(RecordsPerPage);
            while (page.Count < RecordsPerPage && await MoveNextAsync(records, name).ConfigureAwait(false))
                page.Add(records.Current);
            if (page.Count == 0)
                break;

            var startsFile = row == 0;
            var position = $"{name} row {row + 1}";
            row += page.Count;
            yield return new SourcePage(page, new FileCheckpoint(name, row).ToString(), position, startsFile);
        }
    }

    private static FileStream Open(string path, string name)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, failure);
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ApplicationRecord> records, string name)
    {
        try
        {
            return await records.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(name, failure);
        }
    }

    private static SourceException Unreadable(string name, Exception failure) =>
        new($"CsvFiles: {name} cannot be read ({failure.GetType().Name}); expected is a file that this service may read and nobody has open for writing.", failure);
}

/// <summary>How far the read has come. JSON, because a file name may hold any character that could separate.</summary>
/// <param name="File">The file's name without its folder, so that a folder may be moved.</param>
/// <param name="Row">How many of its rows have been read.</param>
internal sealed record FileCheckpoint(string File, int Row)
{
    public static FileCheckpoint Parse(string checkpoint)
    {
        try
        {
            if (JsonSerializer.Deserialize<FileCheckpoint>(checkpoint) is { File: not null, Row: >= 0 } reached)
                return reached;
        }
        catch (JsonException)
        {
            // Said below, with the same words as for JSON of another shape.
        }

        throw new SourceException("CsvFiles: the checkpoint is not one of this source; expected is a file and a row.");
    }

    public override string ToString() => JsonSerializer.Serialize(this);
}
