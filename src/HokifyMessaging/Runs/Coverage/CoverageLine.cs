namespace HokifyMessaging.Runs.Coverage;

/// <summary>The line of time, in pieces of which each is read or not; and what became of pieces that were not.</summary>
/// <param name="skipped">What somebody has had left out; null for nothing.</param>
internal sealed class CoverageLine(SkippedSpan? skipped)
{
    private static readonly Reading Unread = new(SpanState.NotYet, null, null);
    private static readonly Reading Read = new(SpanState.Read, null, null);

    private readonly List<ClosedHole> _closed = [];
    private readonly (DateTimeOffset From, DateTimeOffset To) _skipped =
        skipped is null ? (DateTimeOffset.MinValue, DateTimeOffset.MinValue) : (skipped.From ?? DateTimeOffset.MinValue, skipped.To);

    private List<Piece> _pieces = skipped is null ? [new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Unread)] : BeginningWith(skipped);

    /// <summary>A run has read its window to the end, and what was a hole there is none any more.</summary>
    public void ReadTo(RunWindow run)
    {
        Paint(run.From ?? DateTimeOffset.MinValue, run.To, piece =>
        {
            if (piece.Reading is { State: SpanState.Hole, Why: { } why })
            {
                _closed.Add(new ClosedHole(Begin(piece.From), piece.To, why, piece.Reading.RunId, run.RunId, run.EndedAt));
            }

            return Read;
        });
        if (run is { IsAskedFor: true, From: { } from })
        {
            // Nobody has read what lies before it.
            Paint(DateTimeOffset.MinValue, from, piece => piece.Reading == Unread ? new Reading(SpanState.Hole, HoleWhy.Jumped, run.RunId) : piece.Reading);
        }
    }

    /// <summary>A run has not read its window, or does so now. What others have read of it stays read.</summary>
    public void Missed(RunWindow run, SpanState state, HoleWhy? why) => Paint(
        run.From ?? DateTimeOffset.MinValue, run.To, piece => piece.Reading.State == SpanState.Read ? piece.Reading : new Reading(state, why, run.RunId));

    /// <summary>All before an instant has been read, as the watermark told that stood there, but for what somebody has had left out.</summary>
    public void ReadBefore(DateTimeOffset instant)
    {
        Paint(DateTimeOffset.MinValue, Earlier(instant, _skipped.From), _ => Read);
        Paint(_skipped.To, instant, _ => Read);
    }

    /// <summary>What was read was read from another source, and is worth nothing here.</summary>
    public void ChangeSource() => Paint(
        DateTimeOffset.MinValue, DateTimeOffset.MaxValue, piece => piece.Reading == Read ? new Reading(SpanState.Hole, HoleWhy.SourceChanged, null) : piece.Reading);

    /// <summary>The line up to now.</summary>
    public ScopeCoverage UpTo(DateTimeOffset now)
    {
        var spans = _pieces.Where(piece => piece.From < now || piece.To != DateTimeOffset.MaxValue)
            .Select(piece => new CoverageSpan(Begin(piece.From), piece.To == DateTimeOffset.MaxValue ? now : piece.To, piece.Reading.State, piece.Reading.Why, piece.Reading.RunId))
            .ToList();
        _closed.Reverse();
        return new ScopeCoverage(spans, _closed);
    }

    private static List<Piece> BeginningWith(SkippedSpan skipped)
    {
        var line = new CoverageLine(null);
        line.Paint(skipped.From ?? DateTimeOffset.MinValue, skipped.To, _ => new Reading(SpanState.Hole, HoleWhy.MovedByHand, null));
        return line._pieces;
    }

    private static DateTimeOffset? Begin(DateTimeOffset from) => from == DateTimeOffset.MinValue ? null : from;

    private void Paint(DateTimeOffset from, DateTimeOffset to, Func<Piece, Reading> become)
    {
        var painted = new List<Piece>(_pieces.Count + 2);
        foreach (var piece in _pieces)
        {
            var inner = piece with { From = Later(piece.From, from), To = Earlier(piece.To, to) };
            if (inner.From >= inner.To)
            {
                Add(piece);
                continue;
            }

            Add(piece with { To = inner.From });
            Add(inner with { Reading = become(inner) });
            Add(piece with { From = inner.To });
        }

        _pieces = painted;

        void Add(Piece piece)
        {
            if (piece.From >= piece.To)
            {
                return;
            }

            if (painted is [.., var last] && last.Reading == piece.Reading)
            {
                painted[^1] = last with { To = piece.To };
            }
            else
            {
                painted.Add(piece);
            }
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private readonly record struct Reading(SpanState State, HoleWhy? Why, Guid? RunId);

    private readonly record struct Piece(DateTimeOffset From, DateTimeOffset To, Reading Reading);
}
