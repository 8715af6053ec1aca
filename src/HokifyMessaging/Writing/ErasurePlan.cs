namespace HokifyMessaging.Writing;

/// <summary>What becomes of the database when people are erased, whoever has asked for it.</summary>
internal sealed record ErasurePlan
{
    /// <summary>For each application what it removes; null where the person had been erased before and nothing has come since.</summary>
    public List<ErasedRows?> Outcomes { get; } = [];

    /// <summary>By what the people are to be recognized from now on.</summary>
    public List<byte[]> Hashes { get; } = [];

    /// <summary>The ids of the people and of their applications.</summary>
    public HashSet<string> References { get; } = [];

    /// <summary>The keys of the people's rows.</summary>
    public HashSet<long> Candidates { get; } = [];

    /// <summary>The keys of their applications' rows.</summary>
    public HashSet<long> Profiles { get; } = [];

    /// <summary>The ids of people who go with their last application, and of whom another one may wait: what has left the ledger no longer names them, and what waits stays.</summary>
    public HashSet<string> Settled { get; } = [];

    /// <summary>The keys of the rows of people who stay, and whose data came with an application that goes.</summary>
    public HashSet<long> Unversioned { get; } = [];

    /// <summary>The keys of the rows of people who are on hold, so that a request is stored instead, and until when they are.</summary>
    public List<(IReadOnlyList<long> Candidates, DateTimeOffset? Until)> Deferred { get; } = [];

    /// <summary>The keys of what waits beside what the ids lead to.</summary>
    public HashSet<long> Entries { get; } = [];

    /// <summary>When the sentences of the runs were last looked through for these ids: of runs that had ended by then none has any. Null where they were not.</summary>
    public DateTimeOffset? SentencesSince { get; init; }

    /// <summary>Takes people along, with all that is theirs; what waits goes by the ids, also by those under which their name at their address would be known.</summary>
    /// <param name="named">By what ids they were named, whether rows have them or not.</param>
    /// <param name="candidates">Their rows.</param>
    /// <param name="profiles">Their applications' rows.</param>
    public void Take(IEnumerable<string> named, IReadOnlyCollection<ErasableCandidate> candidates, IReadOnlyCollection<ErasableProfile> profiles)
    {
        References.UnionWith(named);
        References.UnionWith(candidates.Select(c => c.ReferenceId));
        References.UnionWith(candidates.SelectMany(c => ErasureHashes.KeysOf(c.Columns)).Select(key => PersonId.Of(key).Value));
        References.UnionWith(profiles.Select(p => p.ReferenceId));
        Candidates.UnionWith(candidates.Select(c => c.Id));
        Profiles.UnionWith(profiles.Select(p => p.Id));
    }
}
