using System.Runtime.CompilerServices;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.AtsApi;

namespace HokifyMessaging.Tests.Reading.AtsApi;

internal enum ListOrder
{
    UpdateAscending,
    UpdateDescending,
    CreationAscending,
    CreationDescending,
    None,
}

internal enum Happening
{
    Nothing,
    Touch,
    Withdraw,
    Apply,
}

/// <summary>What happens to the list before it answers once more.</summary>
internal sealed record Moment(IReadOnlyList<(Happening What, int Which)> Happenings);

/// <summary>
/// hokify's list as a model: filtered by the last change, in some order, cut into pages by a server that caps them, and changed by
/// others between any two of its answers. Time is a number that grows by one with each change.
/// </summary>
/// <param name="disorder">In which order answers arrive that are waited for at once.</param>
/// <param name="width">How many those may be.</param>
internal sealed class MovingList(ListOrder order, int cap, OffsetUnit unit, int repeatEvery, IEnumerable<Moment> moments, Disorder? disorder = null, int width = 1)
{
    private readonly SortedDictionary<int, (int Created, int Updated)> _live = [];
    private readonly Queue<Moment> _moments = new(moments);
    private readonly LargestAnswer _largest = new();
    private int _lastId;

    public int Now { get; private set; }

    public IReadOnlyDictionary<int, (int Created, int Updated)> Live => _live;

    public DateTimeOffset Present => At(Now);

    /// <summary>How many answers there were: a read that does not end is a fault.</summary>
    public int Answers { get; private set; }

    public bool IsQuiet => _moments.Count == 0;

    public static DateTimeOffset At(int time) => DateTimeOffset.UnixEpoch.AddMinutes(time);

    public void Happen(Happening what, int which)
    {
        if (what == Happening.Nothing || (what != Happening.Apply && _live.Count == 0))
        {
            return;
        }

        Now++;
        var id = what == Happening.Apply ? ++_lastId : _live.Keys.ElementAt(which % _live.Count);
        switch (what)
        {
            case Happening.Apply:
                _live[id] = (Now, Now);
                break;
            case Happening.Touch:
                _live[id] = _live[id] with { Updated = Now };
                break;
            case Happening.Withdraw:
                _live.Remove(id);
                break;
        }
    }

    public async IAsyncEnumerable<SourcePage> ReadAsync(
        ReadWindow window, string? checkpoint, int pageSize, int overlap, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var ahead = new PagesAhead(AnswerAsync, new Foresight(window.InTurn ? 1 : width, long.MaxValue, () => true));
        var pages = new AnchoredPages("AtsApi", overlap, ahead, AnchoredCheckpoint.Parse(AnchoredPages.Unit, "AtsApi", checkpoint), _largest);
        await foreach (var page in pages.ReadAsync(cancellationToken))
        {
            yield return page;
        }

        Task<OffsetPage> AnswerAsync(PageCall call, CancellationToken cancel)
        {
            OffsetPage Page() => Answer(window, (int)call.Offset, pageSize);
            return disorder is null ? Task.FromResult(Page()) : disorder.AnswerAsync(call, Page, cancel);
        }
    }

    private OffsetPage Answer(ReadWindow window, int offset, int limit)
    {
        Answers++;
        if (_moments.TryDequeue(out var moment))
        {
            foreach (var (what, which) in moment.Happenings)
            {
                Happen(what, which);
            }
        }

        var listed = Ordered().Where(id => (window.From is not { } from || At(_live[id].Updated) >= from) && (window.To is not { } to || At(_live[id].Updated) <= to));
        var page = new OffsetPage();
        if (unit == OffsetUnit.Groups)
        {
            foreach (var group in listed.GroupBy(id => id % 5).OrderBy(group => group.Key).Skip(offset).Take(Math.Min(limit, cap)))
            {
                page.AddCountingGroups([.. group.Select(Record)], (ulong)group.Key + 1, 0);
            }

            return page;
        }

        foreach (var id in listed.Skip(offset).Take(Math.Min(limit, cap)))
        {
            // A server that lists an application twice and counts it once.
            page.AddCountingApplications(repeatEvery > 0 && id % repeatEvery == 0 ? [Record(id), Record(id)] : [Record(id)], 0);
        }

        return page;
    }

    private IEnumerable<int> Ordered() => order switch
    {
        ListOrder.UpdateAscending => _live.OrderBy(a => a.Value.Updated).Select(a => a.Key),
        ListOrder.UpdateDescending => _live.OrderByDescending(a => a.Value.Updated).Select(a => a.Key),
        ListOrder.CreationAscending => _live.Keys,
        ListOrder.CreationDescending => _live.Keys.Reverse(),
        _ => _live.Keys.OrderBy(id => unchecked((uint)id * 2_654_435_761)),
    };

    private PagedRecord Record(int id) => new(
        new SourceRecord(new HokifyMessaging.Applications.ApplicationId($"{id}"), $"item {id}", () => throw new NotSupportedException()) { Hash = (UInt128)_live[id].Updated },
        ((ulong)id << 32) | (uint)_live[id].Updated,
        (ulong)id);
}
