using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>How far the read has come, and in which files. JSON, because a file name may hold any character that could separate.</summary>
/// <param name="File">The file's name without its folder, so that a folder may be moved.</param>
/// <param name="Row">How many of its rows have been read.</param>
internal sealed record FileCheckpoint(string File, int Row)
{
    private static readonly JsonSerializerOptions Short = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Over these rows; null in a checkpoint of a version that did not remember it.</summary>
    public string? Rows { get; init; }

    /// <summary>Over all files before it, their names and every byte; null where there is none.</summary>
    public string? Before { get; init; }

    /// <summary>Whether the file was read to its end and what it showed of itself was told.</summary>
    public bool IsEnded { get; init; }

    /// <summary>How often the run had to begin again, because files were no longer what they had been.</summary>
    public int Restarts { get; init; }

    /// <exception cref="SourceException">The text is no checkpoint of files.</exception>
    public static FileCheckpoint Parse(string checkpoint)
    {
        try
        {
            if (JsonSerializer.Deserialize<FileCheckpoint>(checkpoint) is { File: not null, Row: >= 0 } reached)
            {
                return reached;
            }
        }
        catch (JsonException)
        {
            // Said below, with the same words as for JSON of another shape.
        }

        throw new SourceException("CsvFiles: the checkpoint is not one of this source; expected is a file and a row.");
    }

    public override string ToString() => JsonSerializer.Serialize(this, Short);
}
