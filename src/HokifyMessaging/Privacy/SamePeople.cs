using HokifyMessaging.Writing;

namespace HokifyMessaging.Privacy;

/// <summary>The rows of one person, and by what records that wait can be recognized as theirs.</summary>
internal sealed class SamePeople
{
    private readonly HashSet<PersonKey> _keys;

    private SamePeople(IReadOnlyList<ErasableCandidate> rows, IEnumerable<PersonKey> stored)
    {
        Rows = rows;
        _keys = [.. stored, .. rows.SelectMany(c => ErasureHashes.KeysOf(c.Columns)), .. rows.Select(c => new PersonId(c.ReferenceId).Key).OfType<PersonKey>()];
        References = [.. rows.SelectMany(c => ErasableRows.DerivedIds(c).Prepend(c.ReferenceId)).Distinct()];
    }

    /// <summary>The one with the person's id at hokify first.</summary>
    public IReadOnlyList<ErasableCandidate> Rows { get; }

    /// <summary>The ids that mean the person, stored or not.</summary>
    public IReadOnlyList<string> References { get; }

    /// <summary>Puts together what belongs to the same person.</summary>
    /// <param name="named">The rows that were found.</param>
    /// <param name="rows">These, and all that go with them.</param>
    public static List<SamePeople> Among(IReadOnlyList<ErasableCandidate> named, ErasableRows rows)
    {
        var people = new List<List<ErasableCandidate>>();
        foreach (var row in named)
        {
            // Two ids at hokify are two people, and what has none belongs to each who has its name and address.
            var same = rows.SameAs(row).ToList();
            List<ErasableCandidate> identified = IsNameless(row) ? same.FindAll(c => !IsNameless(c)) : [row];
            if (identified.Count == 0)
            {
                Add(same);
            }
            else
            {
                identified.ForEach(one => Add([one, .. rows.SameAs(one).Append(row).Where(IsNameless)]));
            }
        }

        return people.ConvertAll(person => new SamePeople(person, person.SelectMany(c => rows.ProfilesOf(c.Id)).Select(p => p.Key).Where(key => key.IsWhole)));

        void Add(List<ErasableCandidate> person)
        {
            // Whom nobody has named with an id are one, as soon as they have a row in common.
            var known = people.Find(other => other[0].Id == person[0].Id || (IsNameless(other[0]) && IsNameless(person[0]) && other.Exists(c => person.Exists(p => p.Id == c.Id))));
            if (known is null)
            {
                people.Add([.. person.DistinctBy(c => c.Id)]);
            }
            else
            {
                known.AddRange(person.Where(c => !known.Exists(k => k.Id == c.Id)));
            }
        }
    }

    /// <summary>A row, and those that sources without ids of people have made of the same name at the same address.</summary>
    public static IEnumerable<ErasableCandidate> RowsOf(ErasableCandidate row, ErasableRows rows) => rows.SameAs(row).Where(IsNameless).Prepend(row).DistinctBy(c => c.Id);

    private static bool IsNameless(ErasableCandidate row) => new PersonId(row.ReferenceId).IsDerived;

    /// <summary>Whether a record that waits says that it is somebody else's.</summary>
    public bool IsSomebodyElses(FoundEntry entry)
    {
        if (entry.PersonReferenceId is not { } reference || References.Contains(reference))
        {
            return false;
        }

        // A stand-in that was made from an application says nothing of the person; one that was made from a name at an address is of
        // somebody else where neither is the same.
        var person = new PersonId(reference);
        return !person.IsDerived || (person.Key is { } key && !_keys.Any(own => !key.IsSomebodyElseThan(own)));
    }
}
