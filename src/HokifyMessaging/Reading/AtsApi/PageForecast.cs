namespace HokifyMessaging.Reading.AtsApi;

/// <summary>Where the pages behind one will begin, if the list stands still and goes on as it did. Wrong more often than not at a list's end, and nothing relies on it.</summary>
/// <param name="Full">How many a full page has; 0 where none was seen.</param>
/// <param name="Anchors">How many of them the next one begins with.</param>
/// <param name="IsAtEnd">Whether the last page had fewer than it could, so that the end is near.</param>
internal readonly record struct PageForecast(int Full, int Anchors, bool IsAtEnd)
{
    public static PageForecast None => default;

    /// <summary>How many known records a page begins with behind one of so many: never more than a quarter, so that small pages bring more than they repeat; a page of one leaves no room.</summary>
    public static int AnchorsBehind(int count, int most) => count < 2 ? 0 : Math.Min(most, Math.Max(1, count / 4));

    /// <param name="page">The page that was read.</param>
    /// <param name="before">How many the page before it had; 0 for the first one.</param>
    /// <param name="mostAnchors">The most that a page begins with.</param>
    public static PageForecast After(OffsetPage page, int before, int mostAnchors)
    {
        // A server may cap the number below what was asked for: two pages of the same length show where.
        var isFull = page.Units.Count == page.AskedFor || page.Units.Count == before;
        var anchors = AnchorsBehind(page.Units.Count, mostAnchors);
        return anchors == 0 ? None : new PageForecast(isFull ? page.Units.Count : 0, anchors, !isFull);
    }

    /// <summary>The offsets behind the one that is asked for now.</summary>
    public IEnumerable<long> Behind(long at)
    {
        if (IsAtEnd)
        {
            yield return at + Anchors;
        }

        for (var next = at; Full > 0;)
        {
            yield return next += Full - Anchors;
        }
    }
}
