namespace HokifyMessaging.Reading.AtsApi;

/// <summary>
/// Reads a list by offset while it moves. Each page begins with the last records of the one before: while one of them is there,
/// nothing can have slipped through between the two, because whatever stands before a known record was read. Where none is, the
/// list has moved up, and the reader steps back until it finds known ones. Where more are there than should be, something has
/// come in before them, and is looked for from the beginning.
/// </summary>
/// <param name="source">The source in words; begins every position.</param>
/// <param name="mostAnchors">How many records of the page before a page begins with, at most.</param>
/// <param name="ahead">Asks for pages, some of them before their turn. Which pages are delivered does not depend on that, nor on when they are answered: what
/// is known of a record is where it stands among the others, and that is the same in an earlier answer as in a later one.</param>
/// <param name="start">Where to go on.</param>
/// <param name="answers">How much the server is known to give at once.</param>
internal sealed class AnchoredPages(
    string source, int mostAnchors, PagesAhead ahead, AnchoredCheckpoint start, LargestAnswer answers)
{
    public const string Unit = "offset";

    /// <summary>An answer that is grouped does not show the order that the server counts in, so a checkpoint keeps more than the last few.</summary>
    private const int MostAnchorsKept = 200;

    /// <summary>A list that loses its place so often without letting the reader past it cannot be read.</summary>
    private const int MostStepsBack = 200;

    /// <summary>Steps of a page each find whatever moved a little; after that many it was much, and they grow.</summary>
    private const int EvenSteps = 8;

    /// <summary>All that this read has seen, and of a read before it the last that it had seen.</summary>
    private readonly HashSet<ulong> _seen = [.. start.Anchors.Keys];
    private readonly bool _isResumed = start.Count > 0;
    private PageForecast _forecast;

    /// <summary>What was read, as whoever goes on later needs to know it.</summary>
    private AnchoredCheckpoint _behind = start;

    /// <summary>How many known records the next page should begin with.</summary>
    private int _anchors;
    private int _lastCount = start.Anchors.Keys.Count;
    private ulong _last = start.Anchors.Keys is [.., var last] ? last : 0;
    private IReadOnlyList<ulong> _previous = [];
    private int _lastRepeats;
    private ulong? _emptyGroups;
    private bool _wasAskedTwice;

    /// <summary>Whether stepping back has led to the beginning, and that to nothing unknown.</summary>
    private bool _beganAgainInVain;

    /// <summary>Whether what came in before has been looked for in vain since a page last brought anything.</summary>
    private bool _hasLooked;

    /// <summary>Whether pages hold what was read before, because the reader has stepped back.</summary>
    private bool _isCatchingUp;
    private int _stepsBack;
    private int _stepsInARow;

    /// <summary>Whether the server gave one record at a time, so that none of its answers held a known one and an unknown one.</summary>
    private bool _isOneByOne;

    /// <summary>Whether the list was seen to move; what it did before a read was resumed nobody knows.</summary>
    private bool _hasMoved = start.Count > 0;
    private long _furthest = start.Count;

    /// <summary>What to do about a page.</summary>
    private enum Move
    {
        Take,
        End,
        EndIfStill,
        StepBack,
        PassEmptyGroups,
        AskAgain,
        AskBehind,
        LookBefore,
    }

    public async IAsyncEnumerable<SourcePage> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Asking exactly behind the last record, without room for known ones, is what shows that the list has ended.
        var (at, isBehind) = NextOffset();
        while (true)
        {
            var page = await FetchAsync(at, cancellationToken, isBehind ? PageForecast.None : _forecast);
            var move = Decide(page, at, isBehind);
            if (isBehind && at > 0 && (move == Move.EndIfStill || (move is Move.StepBack or Move.End && answers.IsOneByOne && _emptyGroups is null)))
            {
                // No answer holds both the last record and what is behind it: two have to do.
                var stands = await StandsBeforeAsync(at, cancellationToken);
                _isOneByOne |= stands && move == Move.StepBack;
                move = !stands ? Move.StepBack : move == Move.StepBack ? Move.Take : Move.End;
            }

            switch (move)
            {
                case Move.End:
                    if (_isOneByOne && _hasMoved)
                    {
                        yield return new SourcePage([], _behind.ToString(), PositionOf(at)) { Flaw = MovedOneByOne };
                    }

                    yield break;
                case Move.AskAgain:
                    _wasAskedTwice = true;
                    continue;
                case Move.PassEmptyGroups:
                    (_emptyGroups, at, isBehind) = (page.Fingerprint, at + page.Items, true);
                    continue;
                case Move.AskBehind:
                    (_lastCount, _last, at, isBehind) = (page.Units.Count, page.Units[^1], at + page.Units.Count, true);
                    continue;
                case Move.StepBack:
                    (at, isBehind) = (StepBack(at), false);
                    continue;
                case Move.LookBefore:
                    _hasMoved = true;
                    var foundAny = false;
                    await foreach (var found in LookBeforeAsync(at, page, cancellationToken))
                    {
                        foundAny = true;
                        yield return found;
                    }

                    // Known records alone: the list has moved further than a page, or the server repeats itself. Going on shows which.
                    _hasLooked = !foundAny && !page.Units.Exists(IsUnseen);
                    break;
            }

            _forecast = PageForecast.After(page, _previous.Count, mostAnchors);
            _behind = new AnchoredCheckpoint(Unit, at + page.Units.Count, new Anchors([.. page.Units.TakeLast(MostAnchorsKept)]));
            var isNewPart = page.Units.Exists(IsUnseen);
            if (Unseen(page) is { Count: > 0 } records)
            {
                yield return new SourcePage(records, _behind.ToString(), PositionOf(at)) { IsPartial = at > 0 || answers.MayBeCut(page), IsUnanchored = _isOneByOne };
            }

            (_lastCount, _last, _lastRepeats, _stepsInARow, _wasAskedTwice) = (page.Units.Count, page.Units[^1], page.Repeats, 0, false);
            _beganAgainInVain = at == 0 && _stepsBack > 0 && !isNewPart;
            (_previous, _hasLooked) = (page.Units, _hasLooked && !isNewPart);
            if (isNewPart && _behind.Count > _furthest)
            {
                (_furthest, _stepsBack) = (_behind.Count, 0);
            }

            (at, isBehind) = NextOffset();
        }
    }

    public static SourceException CountsGroups(string position, string evidence) =>
        new($"{position}: the page {evidence}, so the server counts groups; set AtsApi:OffsetCounts to {OffsetUnit.Groups}.");

    private string MovedOneByOne =>
        $"{source}: the server gave one application at a time, and its list changed meanwhile, so that some may have been passed over; AtsApi:PageSize must be 2 or more, and the server has to give as many.";

    private Move Decide(OffsetPage page, long at, bool isBehind)
    {
        if (page.Units.Count == 0)
        {
            if (page.Items > 0 && (isBehind || at == 0))
            {
                // Groups without applications are no end where groups are counted, and may be one where applications are: only
                // the page behind them tells.
                return page.Fingerprint == _emptyGroups ? Move.End : Move.PassEmptyGroups;
            }

            // A server that gives all it has to the offset 0, and to any other nothing, has not moved.
            return isBehind || at == 0 || _beganAgainInVain ? Move.End : Move.StepBack;
        }

        if (_emptyGroups is not null)
        {
            throw CountsGroups(PositionOf(at), "holds applications behind a page of nothing but empty groups");
        }

        if (at == 0)
        {
            return Move.Take;
        }

        var known = page.Units.Count(unit => !IsUnseen(unit));
        var brings = page.Units.Count - known;
        if (known == 0)
        {
            return Move.StepBack;
        }

        if (isBehind)
        {
            // A last page that only repeats is an end as good as an empty one.
            return brings == 0 && page.Units.Contains(_last) ? Move.EndIfStill : Move.Take;
        }

        var isMoreThanAnchors = known > _anchors + _lastRepeats;
        if (brings == 0 && !isMoreThanAnchors)
        {
            return Move.AskBehind;
        }

        if (_hasLooked && brings == 0)
        {
            return page.Units.SequenceEqual(_previous) ? Move.End : Move.Take;
        }

        if (_isCatchingUp && at < _furthest)
        {
            _isCatchingUp = isMoreThanAnchors;
            return Move.Take;
        }

        return !isMoreThanAnchors ? Move.Take
            : brings == 0 && !_wasAskedTwice ? Move.AskAgain
            : Move.LookBefore;
    }

    private (long At, bool IsBehind) NextOffset()
    {
        _anchors = PageForecast.AnchorsBehind(_lastCount, mostAnchors);
        return (Math.Max(0, _behind.Count - _anchors), _anchors == 0);
    }

    private long StepBack(long at)
    {
        if (++_stepsBack > MostStepsBack)
        {
            throw new SourceException($"{PositionOf(at)}: the list changes faster than it can be read; it lost its place {MostStepsBack} times. The read stops here and can be resumed.");
        }

        (_isCatchingUp, _hasMoved) = (true, true);
        var page = Math.Max(1L, _lastCount - Math.Max(1, _anchors));
        return Math.Max(0, at - (++_stepsInARow <= EvenSteps ? page : page << Math.Min(_stepsInARow - EvenSteps, 20)));
    }

    /// <summary>Whether the record before this offset is the last one that was read.</summary>
    private async Task<bool> StandsBeforeAsync(long at, CancellationToken cancellationToken) =>
        (await FetchAsync(at - 1, cancellationToken)).Units.Contains(_last);

    /// <summary>What came in before the known ones: at the front, where lists grow that begin with the newest, or anywhere before this page.</summary>
    private async IAsyncEnumerable<SourcePage> LookBeforeAsync(long end, OffsetPage page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A read that was resumed has forgotten most of what was read, and cannot tell that from what came in.
        var wanted = _isResumed ? long.MaxValue : page.Units.Count(unit => !IsUnseen(unit)) - _anchors - _lastRepeats;
        for (var at = 0L; at < end && wanted > 0;)
        {
            var before = await FetchAsync(at, cancellationToken);
            if (at == 0 && before.Units.SequenceEqual(page.Units) && (await FetchAsync(end, cancellationToken)).Units.SequenceEqual(page.Units))
            {
                throw new SourceException(
                    $"{PositionOf(end)}: the page holds no application that was not read before, so the server ignores the offset or repeats its pages; the read stops here and can be resumed.");
            }

            if (before.Units.Count == 0)
            {
                yield break;
            }

            wanted -= before.Units.Count(IsUnseen);
            if (Unseen(before) is { Count: > 0 } records)
            {
                yield return new SourcePage(records, _behind.ToString(), PositionOf(at)) { IsPartial = true };
            }

            at += Math.Max(1, before.Units.Count - _anchors);
        }
    }

    private bool IsUnseen(ulong unit) => !_seen.Contains(unit);

    /// <summary>What a page has that no page before it had; a record that it has twice is delivered, and counted, twice.</summary>
    private List<SourceRecord> Unseen(OffsetPage page)
    {
        var records = page.Records.Where(record => IsUnseen(record.Key)).Select(record => record.Record).ToList();
        _seen.UnionWith(page.Records.Select(record => record.Key));
        _seen.UnionWith(page.Units);
        return records;
    }

    private string PositionOf(long offset) => string.Create(CultureInfo.InvariantCulture, $"{source} offset {offset}");

    private PageCall CallFor(long offset) => new(offset, PositionOf(offset));

    private async Task<OffsetPage> FetchAsync(long at, CancellationToken cancellationToken, PageForecast forecast = default)
    {
        var page = await ahead.FetchAsync(CallFor(at), forecast.Behind(at).Select(CallFor), cancellationToken);
        answers.Note(page);
        return page;
    }
}
