using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Import;

/// <summary>How many records a second, by the last few seconds; and how long the rest takes at that pace.</summary>
internal sealed class ImportPace(TimeProvider clock)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Queue<(long At, int Records)> _notes = [];
    private int _records;

    public void Note(int records)
    {
        _records = records;
        _notes.Enqueue((clock.GetTimestamp(), records));
        while (_notes.Count > 2 && clock.GetElapsedTime(_notes.Peek().At) > Window)
        {
            _notes.Dequeue();
        }
    }

    /// <summary>Null while nothing is known.</summary>
    private double? PerSecond()
    {
        var (at, before) = _notes.Peek();
        var passed = clock.GetElapsedTime(at).TotalSeconds;
        return _notes.Count > 1 && passed > 0 && _records > before ? (_records - before) / passed : null;
    }

    /// <param name="total">About how many records there are; null when nobody knows.</param>
    public string Text(int? total)
    {
        var pace = PerSecond();
        var parts = new List<string> { total is { } all && all >= _records ? Number($"{_records:N0} of about {all:N0}") : Number($"{_records:N0} {_records:record|records}") };
        if (pace is { } perSecond)
        {
            parts.Add(Number($"{perSecond:N0}/s"));
            if (total > _records)
            {
                parts.Add($"about {Left((total.Value - _records) / perSecond)} left");
            }
        }

        return string.Join(", ", parts);
    }

    /// <summary>An estimate is no better for a tenth of a second.</summary>
    private static string Left(double seconds) => seconds < 60 ? Number($"{Math.Ceiling(seconds):N0} s") : ShownValue.Of(TimeSpan.FromSeconds(seconds));

    private static string Number(FormattableString text) => Counted.Text(text);
}
