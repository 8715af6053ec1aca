using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>A text or a hash that stands outside of a person's own rows and has one of the person's ids in it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column.</param>
/// <param name="Row">Which row, by its key.</param>
/// <param name="At">When it was written, where that is known.</param>
/// <param name="Text">What stands there: of sentences those that name the person.</param>
internal sealed record PersonMention(string Table, string Column, string Row, DateTimeOffset? At, string Text);

/// <summary>All that the database has about one person.</summary>
internal sealed record PersonRows
{
    /// <summary>The person; several where the same person came by several sources.</summary>
    public required IReadOnlyList<Candidate> Candidates { get; init; }

    public required IReadOnlyList<CandidateProfile> Profiles { get; init; }

    public required IReadOnlyList<ActivityLog> Activities { get; init; }

    /// <summary>What imports have planned of them.</summary>
    public required IReadOnlyList<PlanEntry> Plans { get; init; }

    public required IReadOnlyList<PersonMention> Mentions { get; init; }

    /// <summary>Why something cannot be told, one sentence each.</summary>
    public required IReadOnlyList<string> NotKnown { get; init; }

    /// <summary>The records that could not be stored and wait.</summary>
    public IEnumerable<ActivityLog> Waiting => Activities.Where(log => log.Status is ActivityStatus.Open or ActivityStatus.Parked);

    /// <summary>When something of the person first came.</summary>
    public DateTimeOffset? FirstReceived => Candidates.Select(c => c.CreatedAt).Concat(Profiles.Select(p => p.CreatedAt)).Concat(Activities.Select(l => l.Date))
        .Select(at => (DateTimeOffset?)at).Min();

    /// <summary>When something new of the person last came.</summary>
    public DateTimeOffset? LastReceived => Candidates.Select(c => c.ChangedAt).Concat(Profiles.Select(p => p.ChangedAt)).Concat(Waiting.Select(l => l.DateExecuted ?? l.Date))
        .Select(at => (DateTimeOffset?)at).Max();

    /// <summary>The rows of the tables that are people's own.</summary>
    public IEnumerable<(MarkedTable Table, IReadOnlyList<object> Rows)> Tables => DataMap.Tables.Where(table => table.IsOfPeople).Select(table => (table, Of(table)));

    private IReadOnlyList<object> Of(MarkedTable table) => table.Row switch
    {
        var row when row == typeof(Candidate) => Candidates,
        var row when row == typeof(CandidateProfile) => Profiles,
        var row when row == typeof(ActivityLog) => Activities,
        var row when row == typeof(PlanEntry) => Plans,
        _ => throw new InvalidOperationException($"{table.Name} is marked as people's own, and nobody looks for theirs in it."),
    };
}
