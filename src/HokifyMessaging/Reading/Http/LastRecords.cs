using System.IO.Hashing;

namespace HokifyMessaging.Reading.Http;

/// <summary>The last few records of a list that is read in its order: together, because one alone could have moved to another place.</summary>
internal sealed class LastRecords
{
    private const int Most = 5;

    private readonly Queue<ulong> _keys = new(Most + 1);

    public void Add(SourceRecord record)
    {
        _keys.Enqueue(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(record.Identity)));
        if (_keys.Count > Most)
        {
            _keys.Dequeue();
        }
    }

    public Anchors ToAnchors() => new([.. _keys]);

    public bool Are(Anchors anchors) => _keys.TakeLast(anchors.Keys.Count).SequenceEqual(anchors.Keys);
}
