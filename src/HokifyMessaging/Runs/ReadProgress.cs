using System.Globalization;
using HokifyMessaging.Reading;

namespace HokifyMessaging.Runs;

/// <summary>Notices a server that ignores the offset: without that the read would never end. Reading runs ahead of writing, so some of what was read is not committed yet.</summary>
internal sealed class ReadProgress(IApplicationSource source, RunInProgress run)
{
    private readonly HashSet<UInt128> _onTheirWay = [];
    private bool _mayRepeat = run.Checkpoint is not null;

    /// <exception cref="SourceException">The page holds nothing that was not read before.</exception>
    public void Require(SourcePage page)
    {
        if (!source.IsOffsetPaged)
        {
            return;
        }

        var committed = run.Seen[run.Phase];
        _onTheirWay.RemoveWhere(committed.Contains);
        var anyNew = false;
        foreach (var record in page.Records)
        {
            var key = RecordKeys.Of(record);
            anyNew |= !committed.Contains(key) && _onTheirWay.Add(key);
        }

        // A resumed read may begin with a page that has moved since; the page behind it may not repeat as well.
        if (!anyNew && !_mayRepeat)
        {
            throw new SourceException(
                $"{page.Position}: the page holds no application that was not read before, so the server ignores the offset or repeats its pages; the read stops here and can be resumed.");
        }

        _mayRepeat = false;
    }
}

/// <summary>The checkpoint of the second read of a full import.</summary>
internal sealed record ConfirmingRead(DateTimeOffset To, string? Checkpoint)
{
    public static ConfirmingRead? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var (to, checkpoint) = (text[..text.IndexOf('|', StringComparison.Ordinal)], text[(text.IndexOf('|', StringComparison.Ordinal) + 1)..]);
        return new ConfirmingRead(DateTimeOffset.ParseExact(to, "O", CultureInfo.InvariantCulture), checkpoint.Length == 0 ? null : checkpoint);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{To:O}|{Checkpoint}");
}
