namespace HokifyMessaging.Privacy;

/// <summary>Who of those who were found is to be erased. A decision, made of what was found.</summary>
internal abstract record ErasureChoice
{
    private ErasureChoice()
    {
    }

    /// <summary>These; nobody where an id is to be kept out that nobody has.</summary>
    public sealed record Chosen(IReadOnlyList<FoundPerson> People) : ErasureChoice;

    /// <summary>Nobody, because it is not clear who is meant.</summary>
    /// <param name="Sentence">What is needed; names no value of a person.</param>
    public sealed record Refused(string Sentence) : ErasureChoice;

    /// <param name="found">Who was found.</param>
    /// <param name="all">Whether all people of an address are meant.</param>
    /// <param name="wasAsked">Whether the same was asked for before: then the answer is that of then.</param>
    public static ErasureChoice Of(FoundPeople found, bool all, bool wasAsked) => (found.Asked.By, found.People.Count) switch
    {
        (NamedBy.Address, 0) when !wasAsked => new Refused(string.Create(
            CultureInfo.InvariantCulture,
            $"Nobody in scope {found.ScopeId} has that address, and nothing that waits names it, so nothing was changed. An address is not kept out by itself: name the person or an application by the id to have it kept out.")),
        (NamedBy.Address, > 1) when !all => new Refused(string.Create(
            CultureInfo.InvariantCulture, $"That address is of {found.People.Count} people, and nothing was changed; name one of them by the person's or an application's id, or say that all of them are meant.")),
        (not NamedBy.Address, > 1) => new Refused(string.Create(
            CultureInfo.InvariantCulture, $"{found.People.Count} people share what that id names, and nothing was changed; name one of them by the person's id. An application that they share goes with whoever it is stored for.")),
        _ => new Chosen(found.People),
    };
}
