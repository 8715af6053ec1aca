using System.ComponentModel.DataAnnotations;

namespace HokifyMessaging;

/// <summary>
/// How much of what a source gives is taken at once. It is counted while it is read, and after decompression: what a source sends can
/// be as long as it likes, and takes no more memory than this.
/// </summary>
internal sealed class ReadingOptions
{
    /// <summary>
    /// The largest item of a list, or row of CSV, in bytes; a JSON value counts as eight at least, and a letter of CSV as four. What is larger
    /// is left out and named in the result; nothing is deleted then, and the next import reads from where this one began.
    /// Default: 16777216 (16 MB); 65536 (64 KB) to 67108864 (64 MB).
    /// </summary>
    [Range(64 * 1024, 64 * 1024 * 1024)]
    public int LargestItem { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// The largest answer to a call for one page, in bytes; of an answer that lists everything, the longest stretch that brings no application.
    /// A longer one ends the run, which waits for an operator. Default: 268435456 (256 MB); 1048576 (1 MB) to 2147483647.
    /// </summary>
    [Range(1024 * 1024, int.MaxValue)]
    public int LargestPage { get; set; } = 256 * 1024 * 1024;

    /// <summary>
    /// How many bytes of records are held in one page and one batch, where a record counts as 1024 at least. A page that holds more is
    /// asked for again with fewer records, and nothing is read ahead while half of it waits to be written. Not smaller than
    /// <see cref="LargestItem"/>. Default: 16777216 (16 MB); 65536 (64 KB) to 268435456 (256 MB).
    /// </summary>
    [Range(64 * 1024, 256 * 1024 * 1024)]
    public int LargestBatch { get; set; } = 16 * 1024 * 1024;

    /// <summary>What is to be read on a source's word alone, before any of it is passed on: a part of <see cref="LargestBatch"/>.</summary>
    internal int LargestSlice => LargestBatch / 4;
}
