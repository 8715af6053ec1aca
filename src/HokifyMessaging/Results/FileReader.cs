using HokifyMessaging.Privacy;

namespace HokifyMessaging.Results;

/// <summary>Who gets a file of a run, by which way.</summary>
internal enum FileReader
{
    /// <summary>Somebody with an API key that may see values of people.</summary>
    KeyWithRight,

    /// <summary>Somebody with an API key that may not.</summary>
    Key,

    /// <summary>Whoever has the signed link of a result, as its event bears it.</summary>
    Link,

    /// <summary>Whoever has the link that an API key was given which may not: it opens no more than the key does.</summary>
    LinkOfKey,

    /// <summary>Somebody who has the database at hand, by a command.</summary>
    Command,
}

internal static class FileReaders
{
    /// <summary>What this reader may see.</summary>
    /// <param name="reader">Who reads.</param>
    /// <param name="maskedFor">Whose files are masked.</param>
    public static PeopleValues ValuesFor(this FileReader reader, MaskedReaders maskedFor) => (reader, maskedFor) switch
    {
        (_, MaskedReaders.Everybody) or (FileReader.Key or FileReader.LinkOfKey, _) or (FileReader.Link, MaskedReaders.KeysAndLinks) => PeopleValues.Masked,
        _ => PeopleValues.Shown,
    };
}
