namespace HokifyMessaging.Writing;

/// <summary>The keyed hashes by which erased people and their applications are recognized.</summary>
internal sealed class ErasureHashes(ErasureSecret secret)
{
    /// <summary>All by which an application may turn out to be one of somebody who was erased.</summary>
    public IEnumerable<(byte[] Hash, bool IsAddress)> Of(int scopeId, MappedApplication application)
    {
        foreach (var identity in Identities(scopeId, application.Id, application.PersonId))
        {
            yield return (identity, false);
        }

        if (application.PersonId.IsDerived)
        {
            foreach (var address in OfAddresses(scopeId, application.Candidate))
            {
                yield return (address, true);
            }
        }
    }

    /// <summary>All by which a record that could not be understood may turn out to be one of somebody who was erased.</summary>
    public IEnumerable<(byte[] Hash, bool IsAddress)> Of(int scopeId, RecordFailure failure)
    {
        foreach (var identity in Identities(scopeId, failure.Application, failure.Person))
        {
            yield return (identity, false);
        }

        if (failure.Application is { } id)
        {
            yield return (ForgottenApplication(scopeId, id.Value), false);
        }

        if (failure.Person is { Key: not null } person)
        {
            yield return (NameAtAddress(scopeId, person.Value), true);
        }
    }

    public IEnumerable<byte[]> Identities(int scopeId, ApplicationId? application, PersonId? person)
    {
        if (application is { } id)
        {
            yield return Application(scopeId, id.Value);
        }

        if (person is { IsDerived: false } known)
        {
            yield return Person(scopeId, known.Value);
        }
    }

    /// <summary>All by which a stored person is to be recognized, but for their applications.</summary>
    public IEnumerable<byte[]> Of(int scopeId, string person, CandidateColumns columns) => Addresses(scopeId, columns).Append(Person(scopeId, person));

    /// <summary>All by which stored people and their applications are to be recognized.</summary>
    public IEnumerable<byte[]> Of(int scopeId, IEnumerable<ErasableCandidate> candidates, IEnumerable<ErasableProfile> profiles) =>
        candidates.SelectMany(c => Of(scopeId, c.ReferenceId, c.Columns)).Concat(profiles.Select(p => Application(scopeId, p.ReferenceId)));

    /// <summary>All by which a person is to be recognized whom nothing but an id names, or what stands for one.</summary>
    public IEnumerable<byte[]> OfPerson(int scopeId, string id) =>
        new PersonId(id).Key is null ? [Person(scopeId, id)] : [Person(scopeId, id), NameAtAddress(scopeId, id)];

    /// <summary>All by which somebody may be remembered whom an id or an address names. An address that came with a name is remembered with it, and not found by itself.</summary>
    public IReadOnlyList<(byte[] Hash, bool IsForgotten)> OfAsked(int scopeId, string asked) => asked.Contains('@', StringComparison.Ordinal)
        ? [(secret.Hash(scopeId, "address", asked), false)]
        : [(Application(scopeId, asked), false), (Person(scopeId, asked), false), (ForgottenApplication(scopeId, asked), true)];

    /// <summary>All by which a reference of the database may name somebody: a person's id, an application's, or what was made of an address where the source has no ids of people.</summary>
    public IEnumerable<(byte[] Hash, bool IsAddress)> OfReference(int scopeId, string reference)
    {
        var person = new PersonId(reference);
        yield return (Person(scopeId, reference), person.IsDerived);
        if (!person.IsDerived)
        {
            yield return (Application(scopeId, reference), false);
        }
        else if (person.Key is not null)
        {
            yield return (NameAtAddress(scopeId, reference), true);
        }
    }

    /// <summary>All by which a person may be recognized whom a source without ids of people has brought.</summary>
    public IEnumerable<byte[]> OfAddresses(int scopeId, CandidateColumns columns) =>
        Addresses(scopeId, columns).Concat(AddressesOf(columns).Select(a => secret.Hash(scopeId, "address", a)));

    public byte[] Application(int scopeId, string id) => secret.Hash(scopeId, "application", id);

    /// <summary>By which an application is kept out that was forgotten in time, and says nothing of its person: another hash than that of somebody who was erased, lest whoever sees it erase them.</summary>
    public byte[] ForgottenApplication(int scopeId, string id) => secret.Hash(scopeId, "forgotten application", id);

    /// <summary>The keys under which a source without ids of people knows a person.</summary>
    public static IEnumerable<PersonKey> KeysOf(CandidateColumns person) => AddressesOf(person)
        .SelectMany(a => new[] { PersonKey.Of(a, person.DisplayName), PersonKey.Of(a, $"{person.FirstName} {person.LastName}") })
        .Where(key => key.IsWhole)
        .Distinct();

    public static IEnumerable<string> AddressesOf(CandidateColumns person) => new[] { person.Email, person.HokifyMail }.OfType<string>().Where(a => a.Length > 0);

    private byte[] Person(int scopeId, string id) => secret.Hash(scopeId, "person", id);

    private byte[] NameAtAddress(int scopeId, string derived) => secret.Hash(scopeId, "address and name", derived);

    /// <summary>An address is remembered with the names beside it: others of the same address are not kept out. By itself it is where there is no name, and was before names were looked at.</summary>
    private IEnumerable<byte[]> Addresses(int scopeId, CandidateColumns person)
    {
        var keys = KeysOf(person).ToList();
        return keys.Count > 0
            ? keys.Select(key => NameAtAddress(scopeId, PersonId.Of(key).Value))
            : AddressesOf(person).Select(a => secret.Hash(scopeId, "address", a));
    }
}
