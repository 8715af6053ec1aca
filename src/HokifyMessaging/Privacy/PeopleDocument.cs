namespace HokifyMessaging.Privacy;

/// <summary>Where the data comes from.</summary>
/// <param name="ScopeId">The scope.</param>
/// <param name="ScopeName">Its name as people know it; its number where it is no longer configured.</param>
/// <param name="Kind">From which kind of source it is read; null where nobody knows any more.</param>
/// <param name="Address">From which address; null for files, and where nobody knows any more.</param>
/// <param name="ReadUpTo">Up to when it has been read to the end.</param>
internal sealed record DataSource(int ScopeId, string ScopeName, string? Kind, string? Address, DateTimeOffset? ReadUpTo);

/// <summary>What people are told when they ask what is stored about them: their data, and what has to be said beside it.</summary>
/// <param name="MadeAt">When it was put together.</param>
/// <param name="Source">Where the data comes from.</param>
/// <param name="Told">Who is responsible, what for, and who receives it.</param>
/// <param name="People">The people.</param>
/// <param name="Rule">For how long applications are kept; null where nobody says so.</param>
/// <param name="Kept">For how long each of theirs is kept, by the keys of the rows.</param>
internal sealed record PeopleDocument(
    DateTimeOffset MadeAt, DataSource Source, PrivacyOptions Told, IReadOnlyList<PersonRows> People, RetentionRule? Rule, IReadOnlyDictionary<long, KeptApplication> Kept)
{
    /// <summary>How many applications they have.</summary>
    public int Applications => People.Sum(person => person.Profiles.Count);
}
