using HokifyMessaging.Planning;

namespace HokifyMessaging.Writing;

/// <summary>
/// Whose the applications of a batch are that come without an id of their person. An application that is known keeps its person,
/// whatever its address or name now says. A new one joins whoever has an application, stored or in this batch, with the same
/// address and an equal name; otherwise its person is one of its own.
/// </summary>
internal sealed class BatchOwners(BatchRows rows, IReadOnlyDictionary<ApplicationId, StoredProfile> profiles, bool mayKnowByAddress)
{
    private readonly List<MappedApplication> _known = [];
    private readonly List<MappedApplication> _new = [];
    private readonly Dictionary<ApplicationId, PersonId> _owners = [];

    public void Add(MappedApplication application) => (profiles.ContainsKey(application.Id) ? _known : _new).Add(application);

    public PersonId Of(MappedApplication application) => _owners[application.Id];

    /// <summary>Looks up all who may be meant, and decides.</summary>
    /// <param name="people">Who is named by an id.</param>
    /// <param name="byRow">Who is known by their row, with one of the applications that led there; grows by those who are found.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Dictionary<PersonId, StoredCandidate>> FindAsync(
        HashSet<PersonId> people, Dictionary<long, ApplicationId> byRow, CancellationToken cancellationToken)
    {
        if (_known.Count + _new.Count == 0)
        {
            return await rows.FindCandidatesAsync(people, byRow, cancellationToken);
        }

        var rowOf = await rows.FindOwnersAsync([.. _new.Select(a => a.Key).Where(key => key.IsWhole).ToHashSet()], cancellationToken);
        foreach (var application in _known)
        {
            var row = profiles[application.Id].CandidateId;
            byRow.TryAdd(row, application.Id);
            if (application.Key.IsWhole)
            {
                rowOf[application.Key] = rowOf.TryGetValue(application.Key, out var known) ? Math.Min(known, row) : row;
            }
        }

        foreach (var application in _new)
        {
            if (rowOf.TryGetValue(application.Key, out var row))
            {
                byRow.TryAdd(row, application.Id);
            }
            else
            {
                people.Add(application.PersonId);
                people.UnionWith(AddressesOf(application));
            }
        }

        var candidates = await rows.FindCandidatesAsync(people, byRow, cancellationToken);
        var personOf = candidates.ToDictionary(c => c.Value.Id, c => c.Key);
        foreach (var application in _known)
        {
            _owners[application.Id] = personOf[profiles[application.Id].CandidateId];
        }

        var namesakes = await NamesByAddressAsync(candidates, cancellationToken);
        foreach (var application in _new)
        {
            // The copies of one application are one person's.
            _owners.TryAdd(
                application.Id,
                rowOf.TryGetValue(application.Key, out var row) ? personOf[row]
                : candidates.ContainsKey(application.PersonId) ? application.PersonId
                : AddressesOf(application).Cast<PersonId?>().FirstOrDefault(id => namesakes.Contains((id!.Value, application.Key.Name)))
                    ?? application.PersonId);
        }

        return candidates;
    }

    /// <summary>The ids under which a person is stored who was known by an address alone.</summary>
    private IEnumerable<PersonId> AddressesOf(MappedApplication application) =>
        mayKnowByAddress && application.Key.IsWhole && (application.Candidate.Email ?? application.Candidate.HokifyMail) is { } address
            ? [PersonId.OfAddress(address)]
            : [];

    private async Task<HashSet<(PersonId Person, UInt128 Name)>> NamesByAddressAsync(
        Dictionary<PersonId, StoredCandidate> candidates, CancellationToken cancellationToken)
    {
        var wanted = _new.SelectMany(AddressesOf).Where(candidates.ContainsKey).Select(id => candidates[id].Id).Distinct().ToList();
        return wanted.Count == 0
            ? []
            : [.. (await rows.CandidatesAsync(wanted, cancellationToken)).Select(c => (new PersonId(c.ReferenceId), PersonKey.Of(null, c.Columns.DisplayName).Name))];
    }
}
