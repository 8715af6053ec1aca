namespace HokifyMessaging.Sandbox.Data;

/// <summary>What has happened to one application since the start. An application that was added later has one from its birth.</summary>
/// <param name="Created">When it was made, if after the start.</param>
/// <param name="LastUpdate">When it last changed.</param>
/// <param name="Changes">How often it was changed: decides stage and answers.</param>
/// <param name="Withdrawn">It is in no list any more.</param>
internal sealed record Mutation(DateTimeOffset? Created, DateTimeOffset LastUpdate, int Changes, bool Withdrawn);

/// <summary>
/// A mandator's applications at one instant. A response is written from one of these, so that it does not change while it is
/// being sent. Only what has happened since the start takes memory.
/// </summary>
internal sealed class Snapshot
{
    private readonly IReadOnlyDictionary<int, Mutation> _mutations;
    private readonly IReadOnlyDictionary<int, int> _phones;
    private readonly IReadOnlySet<int> _erased;
    private readonly int[] _byIndex;
    private readonly int[] _byLastUpdate;
    private readonly Timeline _timeline;

    public Snapshot(Timeline timeline, int count, IReadOnlyDictionary<int, Mutation> mutations, IReadOnlyDictionary<int, int> phones, IReadOnlySet<int> erased)
    {
        _timeline = timeline;
        _mutations = mutations;
        _phones = phones;
        _erased = erased;
        Count = count;
        _byIndex = [.. mutations.Keys.Order()];
        _byLastUpdate = [.. _byIndex.Where(i => !mutations[i].Withdrawn).OrderBy(i => mutations[i].LastUpdate).ThenBy(i => i)];
        Visible = count - _byIndex.Length + _byLastUpdate.Length;
    }

    /// <summary>How many applications there have ever been.</summary>
    public int Count { get; }

    /// <summary>How many of them are still listed.</summary>
    public int Visible { get; }

    /// <summary>When the applications that were there from the start were made and changed.</summary>
    public Timeline Timeline => _timeline;

    /// <summary>When something last happened; only where something did.</summary>
    public DateTimeOffset LastMutation => _byIndex.Max(i => _mutations[i].LastUpdate);

    public IReadOnlyDictionary<int, Mutation> Mutations => _mutations;

    public IReadOnlyDictionary<int, int> Phones => _phones;

    public IReadOnlySet<int> Erased => _erased;

    public bool IsWithdrawn(int index) => _mutations.TryGetValue(index, out var mutation) && mutation.Withdrawn;

    public DateTimeOffset CreatedAt(int index) =>
        _mutations.TryGetValue(index, out var mutation) && mutation.Created is { } created ? created : _timeline.CreatedAt(index);

    public DateTimeOffset UpdatedAt(int index) => _mutations.TryGetValue(index, out var mutation) ? mutation.LastUpdate : _timeline.UpdatedAt(index);

    /// <summary>The listed applications of a window of time, in order.</summary>
    public Selection Select(DateTimeOffset? from, DateTimeOffset? to, SandboxFilter filter, SandboxOrder order)
    {
        var low = from is null ? 0 : _timeline.FirstFrom(from.Value, filter);
        var high = to is null ? _timeline.Count : _timeline.FirstAfter(to.Value, filter);
        var byCreation = order is SandboxOrder.CreationAscending or SandboxOrder.CreationDescending;

        // Untouched applications come in runs between the touched ones. Touched ones stay in place when the order is that of
        // applying, and are newer than every untouched one when the order is that of changing.
        var runs = new List<Run>();
        var next = low;
        foreach (var index in _byIndex)
        {
            if (index > next && next < high)
            {
                runs.Add(new Run(next, Math.Min(index, high) - next));
            }

            next = Math.Max(next, index + 1);
            if (byCreation && Listed(index))
            {
                runs.Add(new Run(index, 1));
            }
        }

        if (next < high)
        {
            runs.Add(new Run(next, high - next));
        }

        if (!byCreation)
        {
            runs.AddRange(_byLastUpdate.Where(Listed).Select(i => new Run(i, 1)));
        }

        return new Selection(runs, order is SandboxOrder.LastUpdateDescending or SandboxOrder.CreationDescending);

        bool Listed(int index)
        {
            var mutation = _mutations[index];
            var date = filter == SandboxFilter.Creation ? CreatedAt(index) : mutation.LastUpdate;
            return !mutation.Withdrawn && (from is null || date >= from) && (to is null || date <= to);
        }
    }
}

/// <summary>Consecutive applications.</summary>
internal readonly record struct Run(int First, int Length);

/// <summary>Applications in order, of which any part can be taken without walking through those before it.</summary>
internal sealed class Selection(IReadOnlyList<Run> runs, bool descending)
{
    public IEnumerable<int> All => Page(0, int.MaxValue);

    public IEnumerable<int> Page(int offset, int limit)
    {
        for (var r = 0; r < runs.Count && limit > 0; r++)
        {
            var run = runs[descending ? runs.Count - 1 - r : r];
            if (offset >= run.Length)
            {
                offset -= run.Length;
                continue;
            }

            for (; offset < run.Length && limit > 0; offset++, limit--)
            {
                yield return descending ? run.First + run.Length - 1 - offset : run.First + offset;
            }

            offset = 0;
        }
    }
}
