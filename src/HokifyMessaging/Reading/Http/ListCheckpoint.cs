using System.Globalization;
using System.IO.Hashing;
using System.Text;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Reading.Http;

/// <summary>
/// How far a list that has no offset was read, <c>item:500:…</c>: the number of records, and the last few of them. These find the
/// place again in a list that has grown or shrunk since; one alone could have moved to another place.
/// </summary>
internal sealed record ListCheckpoint(long Items, Anchors Anchors)
{
    private const string Prefix = "item:";

    public static ListCheckpoint Start { get; } = new(0, Anchors.None);

    /// <exception cref="SourceException">The text is not a checkpoint of a list.</exception>
    public static ListCheckpoint Parse(string source, string? checkpoint)
    {
        if (checkpoint is null)
        {
            return Start;
        }

        var parts = checkpoint.StartsWith(Prefix, StringComparison.Ordinal) ? checkpoint[Prefix.Length..].Split(':', 2) : [];
        if (parts.Length > 0 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var items))
        {
            // Without anchors nobody can find the place again.
            return parts.Length == 2 && Anchors.Parse(parts[1]) is { IsEmpty: false } anchors ? new ListCheckpoint(items, anchors) : Start;
        }

        throw new SourceException($"{source}: the run's checkpoint is not one of this source; expected is '{Prefix}' and a number. Was the scope's source changed in mid-run?");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Items}:{Anchors}");
}

/// <summary>The last few records of a list that is read in its order.</summary>
internal sealed class LastRecords
{
    private const int Most = 5;

    private readonly Queue<ulong> _keys = new(Most + 1);

    public void Add(ApplicationRecord record)
    {
        _keys.Enqueue(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(record is ApplicationRecord.Rejected { Rejection: { Id: null } rejection } ? rejection.Payload : record.Id!.Value.Value)));
        if (_keys.Count > Most)
        {
            _keys.Dequeue();
        }
    }

    public Anchors ToAnchors() => new([.. _keys]);

    public bool Are(Anchors anchors) => _keys.TakeLast(anchors.Keys.Count).SequenceEqual(anchors.Keys);
}
