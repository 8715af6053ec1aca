namespace HokifyMessaging.Reading.AtsApi;

/// <summary>One record of a page, and what tells it from all others.</summary>
/// <param name="Record">The record.</param>
/// <param name="Key">Over its id and the instant of its last change: a record that changes becomes another one. Over all of it where it has no id.</param>
/// <param name="Id">Over its id alone; null where it has none.</param>
internal readonly record struct PagedRecord(SourceRecord Record, ulong Key, ulong? Id);

/// <summary>What a server answered to one offset.</summary>
internal sealed class OffsetPage
{
    private readonly HashSet<ulong> _ids = [];
    private readonly HashSet<ulong> _unitKeys = [];

    /// <summary>How many were asked for; 0 where that is all the same.</summary>
    public int AskedFor { get; init; }

    public List<PagedRecord> Records { get; } = [];

    /// <summary>How much memory the records take.</summary>
    public long Bytes { get; private set; }

    /// <summary>What the server counted, in the order of the answer: applications, each once however often the answer has it, or groups.</summary>
    public List<ulong> Units { get; } = [];

    /// <summary>How often the answer has an application that it has already: whether the server counted those is anybody's guess.</summary>
    public int Repeats { get; private set; }

    /// <summary>The elements of the array, whatever they hold.</summary>
    public int Items { get; private set; }

    /// <summary>Tells an answer of nothing but empty groups from another one.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>Takes an item of a server that counts applications.</summary>
    public void AddCountingApplications(IEnumerable<PagedRecord> records, ulong fingerprint)
    {
        Add(fingerprint);
        foreach (var record in records)
        {
            Records.Add(record);
            Bytes += record.Record.Bytes;
            if (record.Id is { } id && !_ids.Add(id))
            {
                Repeats++;
            }
            else
            {
                Units.Add(record.Key);
            }
        }
    }

    /// <summary>Takes an item of a server that counts groups.</summary>
    public void AddCountingGroups(IEnumerable<PagedRecord> records, ulong group, ulong fingerprint)
    {
        Add(fingerprint);
        foreach (var record in records)
        {
            Records.Add(record);
            Bytes += record.Record.Bytes;
        }

        if (_unitKeys.Add(group))
        {
            Units.Add(group);
        }
        else
        {
            Repeats++;
        }
    }

    private void Add(ulong fingerprint)
    {
        Items++;
        Fingerprint = (Fingerprint * 31) + fingerprint;
    }
}
