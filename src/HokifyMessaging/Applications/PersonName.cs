namespace HokifyMessaging.Applications;

/// <summary>First and last name of a person of whom a source gives only the whole name.</summary>
internal sealed record PersonName(string? First, string? Last)
{
    /// <summary>"Huber, Anna" is read as it says; otherwise the last word is the last name, and a single word too.</summary>
    public static PersonName Split(string name)
    {
        var comma = name.IndexOf(',', StringComparison.Ordinal);
        if (comma >= 0)
            return new PersonName(Part(name[(comma + 1)..]), Part(name[..comma]));

        var space = name.TrimEnd().LastIndexOf(' ');
        return space < 0
            ? new PersonName(null, Part(name))
            : new PersonName(Part(name[..space]), Part(name[(space + 1)..]));
    }

    private static string? Part(string text) => text.Trim() is { Length: > 0 } part ? part : null;
}
