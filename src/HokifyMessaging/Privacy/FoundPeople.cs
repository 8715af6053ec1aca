using HokifyMessaging.Storage;

namespace HokifyMessaging.Privacy;

/// <summary>Who goes by an id or an address in a scope. Holds values of people: for the eyes of whoever asked, and for nothing that is kept.</summary>
internal sealed record FoundPeople
{
    public required int ScopeId { get; init; }

    /// <summary>Who was asked for.</summary>
    public required NamedPerson Asked { get; init; }

    /// <summary>Each of them; none where nobody is stored and nothing waits of anybody.</summary>
    public required IReadOnlyList<FoundPerson> People { get; init; }

    /// <summary>Since when the id is among the erased; null where it is not, and always for an address, which is not remembered by itself.</summary>
    public required DateTimeOffset? ErasedAt { get; init; }
}

/// <summary>One person, by whatever number of rows they are stored.</summary>
internal sealed record FoundPerson
{
    /// <summary>
    /// The person's rows: the one with their id at hokify, and those that sources without ids of people have made of the same name at
    /// the same address. None where only records wait that could not be stored.
    /// </summary>
    public required IReadOnlyList<FoundRow> Rows { get; init; }

    /// <summary>Their applications that are stored.</summary>
    public required IReadOnlyList<FoundApplication> Applications { get; init; }

    /// <summary>What could not be stored of them and waits.</summary>
    public required IReadOnlyList<FoundEntry> Waiting { get; init; }

    /// <summary>The ids of their stored applications of which a record waits that gives them to somebody else.</summary>
    public required IReadOnlyList<string> Shared { get; init; }

    /// <summary>By what they can be named so that nobody else is meant; null where they have neither a row nor an id.</summary>
    public string? Reference => Rows is [var first, ..] ? first.ReferenceId : Waiting.Select(w => w.PersonReferenceId).FirstOrDefault(r => r is not null);
}

/// <summary>A row of <see cref="Candidate"/>.</summary>
/// <param name="Id">The row's key.</param>
/// <param name="ReferenceId">The person's id, or what stands for it.</param>
/// <param name="Name">The name, for showing.</param>
/// <param name="Addresses">The mail addresses, for showing.</param>
internal sealed record FoundRow(long Id, string ReferenceId, string? Name, IReadOnlyList<string> Addresses);

/// <summary>A row of <see cref="CandidateProfile"/>.</summary>
/// <param name="Id">The row's key.</param>
/// <param name="ReferenceId">The application's id.</param>
/// <param name="CandidateId">The key of the person's row that it belongs to.</param>
/// <param name="Job">What was applied for.</param>
/// <param name="AppliedAt">When; null where the source does not say.</param>
/// <param name="IsDeleted">Whether it is deleted softly.</param>
internal sealed record FoundApplication(long Id, string ReferenceId, long CandidateId, string? Job, DateTimeOffset? AppliedAt, bool IsDeleted);

/// <summary>A row of <see cref="ActivityLog"/> that holds a record which waits.</summary>
/// <param name="Id">The row's key.</param>
/// <param name="ReferenceId">What it goes by: an id, or a hash of its payload.</param>
/// <param name="PersonReferenceId">Whose record it is, where it says so.</param>
/// <param name="Date">Since when it waits.</param>
/// <param name="Status">Open or parked.</param>
internal sealed record FoundEntry(long Id, string ReferenceId, string? PersonReferenceId, DateTimeOffset Date, ActivityStatus Status)
{
    /// <summary>Whether it waits for an operator.</summary>
    public bool IsParked => Status == ActivityStatus.Parked;
}
