namespace HokifyMessaging.Reading.CsvFiles;

/// <summary>
/// The fields of the flat record and the headers under which exports hold them: hokify's own, the usual German and English
/// spellings, and what the operator has configured. Case, spaces, underscores, hyphens and dots do not matter.
/// </summary>
internal sealed class FlatFields
{
    public const string MatchId = "matchId";
    public const string JobId = "jobId";
    public const string JobSourceId = "jobSourceId";
    public const string UserId = "userId";
    public const string Name = "name";
    public const string Email = "email";
    public const string HokifyMail = "hokifyMail";
    public const string Phone = "phone";
    public const string Birthday = "birthday";
    public const string Gender = "gender";
    public const string Nationality = "nationality";
    public const string ApplicationDate = "applicationDate";
    public const string FileProfile = "fileProfile";
    public const string FileCV = "fileCV";
    public const string AdditionalFiles = "additionalFiles";

    private static readonly OrderedDictionary<string, string[]> Spellings = new()
    {
        [MatchId] = ["applicationId", "BewerbungsId", "Bewerbung Id", "Match"],
        [JobId] = ["Job", "StellenId", "Stellen Id"],
        [JobSourceId] = ["sourceId", "Referenznummer", "Referenz", "Job Referenz", "Externe Job Id", "external job id", "job reference"],
        [UserId] = ["BenutzerId", "hokify user id", "BewerberId", "applicantId"],
        [Name] = ["Bewerber", "Bewerbername", "full name", "applicant", "applicant name", "Vollständiger Name"],
        [Email] = ["Mail", "E-Mail", "E-Mail-Adresse", "email address", "Mailadresse"],
        [HokifyMail] = ["hokify E-Mail", "hokify Mailadresse", "hokify email address"],
        [Phone] = ["Telefon", "Telefonnummer", "Tel", "phone number", "telephone", "mobile", "Handy", "Mobiltelefon"],
        [Birthday] = ["Geburtsdatum", "Geburtstag", "Geb.Datum", "birth date", "date of birth"],
        [Gender] = ["Geschlecht", "sex"],
        [Nationality] = ["Nationalität", "Nationalitaet", "Staatsbürgerschaft", "Staatsangehörigkeit", "citizenship"],
        [ApplicationDate] = ["Bewerbungsdatum", "Beworben am", "Datum der Bewerbung", "applied at", "applied on", "date applied"],
        [FileProfile] = ["Profil", "Profil PDF", "profile", "profile url"],
        [FileCV] = ["CV", "Lebenslauf", "resume"],
        [AdditionalFiles] = ["Weitere Dateien", "Zusätzliche Dateien", "Anhänge", "attachments", "documents", "Dokumente"],
    };

    private readonly Dictionary<string, string> _fieldByHeader = [];

    /// <summary>hokify's names, in the order in which a payload has them.</summary>
    public static IEnumerable<string> All => Spellings.Keys;

    /// <summary>The further headers of each field.</summary>
    public static IReadOnlyDictionary<string, string[]> Accepted => Spellings;

    /// <exception cref="SourceException">A configured header stands for a field that does not exist.</exception>
    public FlatFields(IReadOnlyDictionary<string, string> headerAliases)
    {
        if (Problems(headerAliases) is [var problem, ..])
        {
            throw new SourceException(problem);
        }

        foreach (var (field, spellings) in Spellings)
        {
            _fieldByHeader[Normalize(field)] = field;
            foreach (var spelling in spellings)
            {
                _fieldByHeader[Normalize(spelling)] = field;
            }
        }

        // The operator knows the file better than these lists do.
        foreach (var (header, field) in headerAliases)
        {
            _fieldByHeader[Normalize(header)] = FieldNamed(field)!;
        }
    }

    /// <summary>What is wrong with the configured headers, one sentence each; checked at start-up.</summary>
    public static IReadOnlyList<string> Problems(IReadOnlyDictionary<string, string> headerAliases) =>
    [
        .. headerAliases.Where(alias => Normalize(alias.Key).Length == 0)
            .Select(alias => $"HeaderAliases has an empty header for '{alias.Value}'; expected is the name of a column of the file."),
        .. headerAliases.Where(alias => FieldNamed(alias.Value) is null)
            .Select(alias => $"HeaderAliases: '{alias.Key}' stands for the unknown field '{alias.Value}'; expected is one of {string.Join(", ", Spellings.Keys)}."),
    ];

    public string? FieldOf(string header) => _fieldByHeader.GetValueOrDefault(Normalize(header));

    private static string? FieldNamed(string field) =>
        Spellings.Keys.FirstOrDefault(known => known.Equals(field, StringComparison.OrdinalIgnoreCase));

    private static string Normalize(string header)
    {
        var letters = new StringBuilder(header.Length);
        foreach (var letter in header)
        {
            if (!char.IsWhiteSpace(letter) && letter is not ('_' or '-' or '.'))
            {
                letters.Append(char.ToLowerInvariant(letter));
            }
        }

        return letters.ToString();
    }
}
