namespace HokifyMessaging.Reading.AtsApi;

/// <summary>The most that a server has given at once: what is shorter was not cut, so it is all that there was.</summary>
internal sealed class LargestAnswer
{
    private volatile int _units;
    private volatile int _askedFor;

    /// <summary>Whoever asks for another number starts to learn anew: fewer than before may be all that was asked for.</summary>
    public void Note(OffsetPage page)
    {
        _units = page.AskedFor == _askedFor ? Math.Max(_units, page.Units.Count) : page.Units.Count;
        _askedFor = page.AskedFor;
    }

    /// <summary>Whether no answer can hold both a known record and an unknown one.</summary>
    public bool IsOneByOne => _units <= 1;

    public bool MayBeCut(OffsetPage page) => page.Units.Count >= _units;
}
