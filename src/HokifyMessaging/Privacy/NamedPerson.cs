namespace HokifyMessaging.Privacy;

/// <summary>By what somebody is named.</summary>
internal enum NamedBy
{
    /// <summary>The id of one of their applications.</summary>
    Application,

    /// <summary>Their id at hokify, or what stands for it where the source has none.</summary>
    Person,

    /// <summary>A mail address: evidence, for several people may have the same.</summary>
    Address,
}

/// <summary>Somebody whom a request is about, in the form in which they are stored and compared.</summary>
/// <param name="By">By what they are named.</param>
/// <param name="Value">The id or the address.</param>
internal sealed record NamedPerson(NamedBy By, string Value)
{
    /// <summary>Longer ones are stored nowhere.</summary>
    private const int LongestAddress = 320;

    /// <param name="by">What the text is said to be.</param>
    /// <param name="given">The text as the user has it.</param>
    /// <param name="problem">What is wrong with it, as the rest of a sentence that begins with it.</param>
    /// <returns>Null where it names nobody.</returns>
    public static NamedPerson? TryRead(NamedBy by, string given, out string problem)
    {
        if (by == NamedBy.Address)
        {
            var address = InvisibleText.Without(given);
            problem = address.Length is 0 or > LongestAddress || address.IndexOf('@', StringComparison.Ordinal) is not (> 0 and var at) || at == address.Length - 1
                ? "is no mail address; expected is one such as jobs@example.at"
                : "";
            return problem.Length == 0 ? new NamedPerson(by, address) : null;
        }

        // What stands for an id where a source has none is shown by other verbs, and can be given as it is shown there.
        if (by == NamedBy.Person && new PersonId(given.Trim()) is { IsDerived: true, Value.Length: <= PersonId.MaxLength } derived)
        {
            problem = "";
            return new NamedPerson(by, derived.Value);
        }

        return RecordId.TryRead(given, out var id, out problem) ? new NamedPerson(by, id) : null;
    }
}
