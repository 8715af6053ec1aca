using System.Text.Json.Serialization;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Runs;

/// <summary>
/// One of the reads that tell whether what a full read lacks is gone. The first reads everything again: it brings what slipped
/// through. What changed while a pass was read may have escaped it, and is in the next, which reads what has changed since that
/// one began and has no end that anything could leave it by. A pass of one whole answer proves the ones before it, and so does one
/// that brings nothing but what the one before it has brought: which is true of pages that were asked for one after the other.
/// </summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="From">Where its window begins; null reads everything.</param>
/// <param name="To">Where it ends; null has no end.</param>
/// <param name="BeganAt">When it began, by the source's clock.</param>
/// <param name="IsPartial">Whether it came in several answers between which the list may have moved.</param>
/// <param name="IsPatched">Whether it was interrupted and put together from several answers to the same question.</param>
/// <param name="HasNews">Whether it brought anything that the pass before it did not bring exactly so.</param>
/// <param name="Checkpoint">How far it was read.</param>
internal sealed record ConfirmingPass(
    int Number, DateTimeOffset? From, DateTimeOffset? To, DateTimeOffset BeganAt, bool IsPartial = false, bool IsPatched = false, bool HasNews = false, string? Checkpoint = null)
{
    /// <summary>A source that never gave one whole answer changes too fast for anything to be deleted.</summary>
    public const int Most = 6;

    /// <summary>A clock that is less than two seconds behind is taken for one like ours.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    [JsonIgnore]
    public ReadWindow Window => new(From, To) { InTurn = true };

    public static ConfirmingPass First(DateTimeOffset present) => new(1, null, present, present);

    /// <exception cref="InvalidOperationException">The text is no pass: only this program writes it.</exception>
    public static ConfirmingPass? Parse(string? text) =>
        text is null ? null : JsonSerializer.Deserialize<ConfirmingPass>(text) ?? throw new InvalidOperationException("The stored pass is null.");

    /// <summary>Whether what no read has brought is gone.</summary>
    /// <param name="provesAbsence">Whether one whole answer of the source is proof enough.</param>
    public bool Proves(bool provesAbsence) => !IsPatched && ((provesAbsence && !IsPartial) || (Number > 1 && (!IsPartial || !HasNews)));

    /// <summary>One that was put together from several answers is read again, any other is followed by what has changed since it began.</summary>
    public ConfirmingPass Next(DateTimeOffset present) => IsPatched
        ? new ConfirmingPass(Number + 1, From, To is null ? null : present, present)
        : new ConfirmingPass(Number + 1, BeganAt - ClockTolerance, null, present);

    /// <summary>What the pass is when it has brought this page too.</summary>
    /// <param name="page">The page.</param>
    /// <param name="hasNews">Whether it has what the pass before did not bring exactly so.</param>
    public ConfirmingPass With(SourcePage page, bool hasNews) => this with
    {
        HasNews = HasNews || hasNews || page.IsUnanchored,
        IsPartial = IsPartial || page.IsPartial,
        IsPatched = IsPatched || page.IsPatched || page.Flaw is not null,
        Checkpoint = page.Checkpoint,
    };

    public override string ToString() => JsonSerializer.Serialize(this);
}
