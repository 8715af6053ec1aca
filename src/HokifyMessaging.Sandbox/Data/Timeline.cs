namespace HokifyMessaging.Sandbox.Data;

/// <summary>
/// When the applications that the sandbox starts with were made and last changed. Both dates grow with the index, so a
/// window of time is a range of indices and no list has to be sorted.
/// </summary>
internal sealed class Timeline(ulong seed, int count, DateTimeOffset start, TimeSpan history)
{
    private const long LongestDelay = 30L * 24 * 3600 * 1000;
    private const long ShortestDelay = 36L * 3600 * 1000;

    private readonly long _end = start.ToUnixTimeMilliseconds();
    private readonly long _span = (long)history.TotalMilliseconds;

    public int Count => count;

    public DateTimeOffset UpdatedAt(int index) => DateTimeOffset.FromUnixTimeMilliseconds(Updated(index));

    public DateTimeOffset CreatedAt(int index)
    {
        var updated = Updated(index);
        var sincePrevious = index == 0 ? 1 : updated - Updated(index - 1);
        var extra = (long)(Draw.Number(seed, Lot.Delay, index) % (ulong)Math.Clamp(sincePrevious, 1, LongestDelay));
        return DateTimeOffset.FromUnixTimeMilliseconds(updated - ShortestDelay - extra);
    }

    private DateTimeOffset DateOf(int index, SandboxFilter date) => date == SandboxFilter.Creation ? CreatedAt(index) : UpdatedAt(index);

    /// <summary>The first index whose date is at or after the instant.</summary>
    public int FirstFrom(DateTimeOffset instant, SandboxFilter date) => First(index => DateOf(index, date) >= instant);

    /// <summary>The first index whose date is after the instant.</summary>
    public int FirstAfter(DateTimeOffset instant, SandboxFilter date) => First(index => DateOf(index, date) > instant);

    private int First(Func<int, bool> reached)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (reached(middle))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private long Updated(int index)
    {
        var first = SlotStart(index);
        var width = Math.Max(1, SlotStart(index + 1) - first);
        return first + (long)(Draw.Number(seed, Lot.Jitter, index) % (ulong)width);
    }

    private long SlotStart(int index) => _end - _span + (long)((Int128)_span * index / count);
}
