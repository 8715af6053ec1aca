namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// Exported files as a source. They are read whole, whatever the window begins with: an export says when somebody applied
/// but not when the application last changed, and a filter on the former would lose every later change.
/// </summary>
internal sealed class CsvFilesSource(CsvFilesOptions options, TimeProvider clock, ReadingOptions limits) : IApplicationSource
{
    private const int RecordsPerPage = 500;

    /// <summary>Whoever copies a file has written the next block within this time.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private readonly FlatCsvReader _reader = new(options.HeaderAliases, limits, options.Encoding.Length == 0 ? null : TextEncodings.Find(options.Encoding), options.SerialDates);
    private readonly ExportFolder _folder = new(options.Path);

    public bool ProvesAbsence => true;

    public DateTimeOffset Present => clock.GetUtcNow();

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        ReadWindow window, string? checkpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var files = _folder.Files();
        var read = await FilesRead.BeginAsync(files, checkpoint is null ? null : FileCheckpoint.Parse(checkpoint), cancellationToken);
        var isSilent = true;
        foreach (var file in files.Skip(read.First))
        {
            await foreach (var page in ReadFileAsync(file, read, cancellationToken))
            {
                isSilent = false;
                yield return page with { IsPatched = read.IsPatched };
            }
        }

        var flaw = read.Flaw ?? read.ChangeSince(files, _folder);
        if (flaw is not null || (isSilent && read.IsPatched))
        {
            yield return new SourcePage([], read.Reached.ToString(), options.Path, StartsResponse: false) { Flaw = flaw, IsPatched = read.IsPatched };
        }
    }

    private async IAsyncEnumerable<SourcePage> ReadFileAsync(string file, FilesRead read, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!read.Opens(file))
        {
            // One that went meanwhile is missed at the end.
            yield break;
        }

        var name = Path.GetFileName(file);
        await using var stream = ExportFolder.Open(file);
        var reading = _reader.Read(stream, name, () => EndOf(file));
        var records = reading.RecordsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        try
        {
            var reached = read.Reached;
            var row = 0;
            while (row < read.RowsIn(name) && await MoveNextAsync(records, file))
            {
                row++;
            }

            if (!read.GoesOn(name, row, reading.Digest))
            {
                // Another file by the same name.
                await records.DisposeAsync();
                stream.Position = 0;
                reading = _reader.Read(stream, name, () => EndOf(file));
                records = reading.RecordsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
                row = 0;
            }

            while (true)
            {
                var page = new List<SourceRecord>(RecordsPerPage);
                for (var bytes = 0L; page.Count < RecordsPerPage && bytes < limits.LargestSlice && await MoveNextAsync(records, file); bytes += records.Current.Bytes)
                {
                    page.Add(records.Current);
                }

                if (page.Count == 0)
                {
                    break;
                }

                var startsFile = row == 0;
                var position = $"{name} row {row + 1}";
                row += page.Count;
                read.Reach(name, row, reading.Digest, isEnded: false);
                yield return new SourcePage(page, read.Reached.ToString(), position, startsFile);
            }

            var isTold = reached.IsEnded && read.Reached == reached;
            if (!isTold && (reading.Flaw ?? reading.Oddity) is not null)
            {
                read.Reach(name, row, reading.Digest, isEnded: true);
                yield return new SourcePage([], read.Reached.ToString(), $"{name} row {row}", StartsResponse: row == 0) { Flaw = reading.Flaw, Oddity = reading.Oddity };
            }

            read.Close(file, reading.ContentHash);
        }
        finally
        {
            await records.DisposeAsync();
        }
    }

    private KnownEnd EndOf(string file) =>
        ExportFolder.StateOf(file) is { } state && clock.GetUtcNow() - state.LastWrite >= Rest
            ? KnownEnd.Likely
            : KnownEnd.Doubtful("the file was written less than a minute ago");

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<SourceRecord> records, string file)
    {
        try
        {
            return await records.MoveNextAsync();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw ExportFolder.Unreadable(file, failure);
        }
    }
}
