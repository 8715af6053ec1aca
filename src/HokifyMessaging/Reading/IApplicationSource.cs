namespace HokifyMessaging.Reading;

/// <summary>Where applications come from: one of hokify's API generations, or files.</summary>
internal interface IApplicationSource
{
    /// <summary>
    /// Whether one answer, or file, holds all that there is at one instant, so that what it lacks is gone. It does not where it
    /// leaves out what has changed since its window ended, or comes in pages of a list that moves.
    /// </summary>
    bool ProvesAbsence { get; }

    /// <summary>The present by the source's clock, where that is known to be behind ours; else ours.</summary>
    DateTimeOffset Present { get; }

    /// <summary>How far the source's clock is ahead of ours, negative where it is behind; zero where nobody can say, and before it has been read.</summary>
    TimeSpan Skew => TimeSpan.Zero;

    /// <summary>
    /// Reads the window as a stream of pages in the source's own order; holds no more than one page at a time, or a few that were asked for ahead.
    /// </summary>
    /// <param name="window">What to read; frozen for the whole run.</param>
    /// <param name="checkpoint">The <see cref="SourcePage.Checkpoint"/> after which to go on; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <exception cref="SourceException">A page cannot be had, or is not what the source's documentation promises.</exception>
    IAsyncEnumerable<SourcePage> ReadAsync(ReadWindow window, string? checkpoint, CancellationToken cancellationToken);
}

/// <summary>The part of the source that a run reads.</summary>
/// <param name="From">Inclusive start; null reads from the beginning.</param>
/// <param name="To">The end, frozen when the run was created: paging over a moving end loses rows. Null has none.</param>
internal sealed record ReadWindow(DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>
    /// Whether one page is asked for only when the one before it has been answered: what such a read proves depends on which answer came later. An application that
    /// moves in the list could be missed by pages that are answered in another order, again and again.
    /// </summary>
    public bool InTurn { get; init; }
}

/// <summary>What one call to the source returned, or one slice of a response that is too large for one.</summary>
/// <param name="Records">In the order of the source. A page without records is yielded only where it has something else to say.</param>
/// <param name="Checkpoint">Opaque to everyone but the source: reading again with it goes on behind this page.</param>
/// <param name="Position">Where the page begins, in words: <c>AtsApi offset 200</c>.</param>
/// <param name="StartsResponse">False for the second and later slices of one response; so pages can be counted.</param>
internal sealed record SourcePage(
    IReadOnlyList<SourceRecord> Records, string Checkpoint, string Position, bool StartsResponse = true)
{
    /// <summary>
    /// Why what was read is not all that the source has, as one sentence; null while nothing is wrong. The run completes with an
    /// error that says so, deletes nothing, and leaves the watermark where it is.
    /// </summary>
    public string? Flaw
    {
        get => field ?? (Records.Any(record => record.Rejection is { IsLeftOut: true })
            ? LeftOut(Position)
            : null);
        init;
    }

    public static string LeftOut(string position) => $"{position} brings something that is too large to be read, which was left out.";

    /// <summary>What was odd in what was read, and no reason to do without it, as one sentence: the run reports it.</summary>
    public string? Oddity { get; init; }

    /// <summary>
    /// Whether the page comes from another answer, or another state of the file, than the pages before it. Nothing is deleted on
    /// the word of such a read unless a second, whole one confirms it.
    /// </summary>
    public bool IsPatched { get; init; }

    /// <summary>Whether the window's other records stand in other answers: a list may move between two of them, and hide a record from both.</summary>
    public bool IsPartial { get; init; }

    /// <summary>Whether the source gives one record at a time, so that no answer shows that it follows the one before.</summary>
    public bool IsUnanchored { get; init; }

    /// <summary>Where the source's own clock ends the window; null where that is no earlier than what was asked for.</summary>
    public DateTimeOffset? ReadTo { get; init; }
}

/// <summary>
/// The source failed as a whole: the run ends as failed at its checkpoint and can be resumed there. The message is one
/// sentence that names source, page and position, and holds neither credentials nor personal data.
/// </summary>
internal sealed class SourceException : Exception
{
    public SourceException(string message)
        : base(VisibleText.Of(message))
    {
    }

    public SourceException(string message, Exception innerException)
        : base(VisibleText.Of(message), innerException)
    {
    }

    /// <summary>The source's own words, which could name a person: for the run's details alone, and no part of the message. Null when it said nothing.</summary>
    public string? Said { get; init; }

    /// <summary>When the source wants to be asked again; null when it did not say.</summary>
    public DateTimeOffset? AskAgainAt { get; init; }

    /// <summary>Whether that is all that is wrong: the source asked to wait for longer than a read waits.</summary>
    public bool IsPostponement { get; init; }

    /// <summary>Whether asking again would only bring the same at the same cost: nobody does so before an operator has seen to it.</summary>
    public bool IsLasting { get; init; }
}
