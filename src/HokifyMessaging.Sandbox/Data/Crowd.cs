namespace HokifyMessaging.Sandbox.Data;

/// <summary>The people who apply. Nobody is kept: everyone is made again, the same as before, whenever they are asked for.</summary>
internal sealed class Crowd(ulong seed, Vocabulary words, DateTimeOffset start)
{
    // Of eleven applications in a row, ten are somebody's first and one belongs to somebody who applied (much) earlier:
    // about one person in ten applies more than once.
    private const int Block = 11;
    private const int FirstTimers = Block - 1;

    private static readonly string[] Nationalities = ["AT", "AT", "AT", "AT", "DE", "DE", "HU", "HR", "SK", "CZ", "RO", "BA", "TR", "UA"];
    private static readonly string[] MailProviders = ["example.com", "example.net", "example.org", "mail.example.com"];
    private static readonly string[] Degrees = ["Lehrabschluss", "Matura", "Pflichtschulabschluss", "Bachelor"];
    private static readonly string[] Schools = ["Tourismusschule Bad Ischl", "HLW Wien", "Landesberufsschule Obertrum", "BHAK Salzburg", "Hotelfachschule Villa Blanka"];
    private static readonly string[] Positions = ["Koch", "Köchin", "Kellner", "Kellnerin", "Rezeptionistin", "Barista", "Zimmermädchen", "Kitchen assistant", "Commis de rang"];

    private static readonly (string Category, string Title)[] Abilities =
    [
        ("Sprachen", "Deutsch"), ("Sprachen", "Englisch"), ("Sprachen", "Kroatisch"), ("EDV", "Fidelio"), ("EDV", "MS Office"),
        ("Führerschein", "B"), ("Fachkenntnisse", "HACCP"), ("Fachkenntnisse", "Weinwissen"), ("Fachkenntnisse", "À-la-carte"),
    ];

    /// <summary>The number of the person behind an application.</summary>
    public int PersonOf(int application)
    {
        var block = application / Block;
        var place = application % Block;
        return place < FirstTimers ? (block * FirstTimers) + place : (block / 2 * FirstTimers) + Acquaintance(block);
    }

    /// <summary>All applications, of the first so many, that a person made.</summary>
    public IEnumerable<int> ApplicationsOf(int person, int count)
    {
        var block = person / FirstTimers;
        var place = person % FirstTimers;
        var first = ((long)block * Block) + place;
        if (first < count)
        {
            yield return (int)first;
        }

        foreach (var later in new[] { 2L * block, (2L * block) + 1 })
        {
            var application = (later * Block) + FirstTimers;
            if (application < count && Acquaintance((int)later) == place)
            {
                yield return (int)application;
            }
        }
    }

    public string IdOf(int person) => Draw.ObjectId(seed, Lot.PersonId, person);

    public Applicant Applicant(int person, int phoneRevision, bool erased, DateTimeOffset lastActivity)
    {
        var draw = Draw.For(seed, Lot.Person, person);
        var id = IdOf(person);
        var male = draw.Chance(48);
        var firstName = draw.Pick(male ? words.MaleNames : words.FemaleNames);
        var lastName = draw.Pick(words.LastNames);
        var inEnglish = draw.Chance(25);
        var today = DateOnly.FromDateTime(start.UtcDateTime);
        return new Applicant
        {
            Id = id,
            Erased = erased,
            GeneralIsNull = person % 2 == 0,
            FirstName = firstName,
            LastName = lastName,
            DisplayName = draw.Chance(2) ? $"{firstName} \"{firstName[..Math.Min(3, firstName.Length)]}i\" {lastName}" : $"{firstName} {lastName}",
            Email = string.Create(CultureInfo.InvariantCulture, $"{Plain(firstName)}.{Plain(lastName)}.{person}@{draw.Pick(MailProviders)}"),
            HokifyMail = $"{id}@bewerbung.hokify.example",
            Phone = Phone(person, phoneRevision),
            Birthday = draw.Chance(92) ? today.AddDays(-draw.Between(16 * 366, 62 * 365)) : null,
            Gender = draw.Chance(90) ? (male ? "male" : "female") : draw.Chance(20) ? "other" : null,
            Nationality = draw.Chance(90) ? draw.Pick(Nationalities) : null,
            Language = inEnglish ? "en" : "de",
            Address = draw.Chance(80) ? new Location(draw.Pick(Place.All), draw.Pick(words.Streets), $"{draw.Between(1, 150)}{(draw.Chance(15) ? "a" : "")}") : null,
            HasPicture = draw.Chance(75),
            LastActivity = lastActivity,
            Uploads = Uploads(person, draw),
            Experiences = Experiences(person, draw),
            Educations = Educations(person, draw),
            Skills = Skills(person, draw),
        };
    }

    private int Acquaintance(int block) => (int)(Draw.Number(seed, Lot.Acquaintance, block) % FirstTimers);

    private string? Phone(int person, int revision)
    {
        var draw = Draw.For(seed, Lot.Phone, person, revision);
        if (revision == 0 && draw.Chance(5))
        {
            return null;
        }

        var number = $"{draw.Between(1_000_000, 9_999_999)}";
        var phone = draw.Below(3) switch
        {
            0 => $"+43 660 {number}",
            1 => $"0660/{number}",
            _ => $"+43660{number}",
        };

        // People write into that field what they like, line breaks included: the CSV has to quote them.
        return draw.Chance(2) ? $"{phone}\n(ab 17 Uhr, bitte)" : phone;
    }

    private List<Upload> Uploads(int person, Draw draw)
    {
        var uploads = new List<Upload>();
        foreach (var (type, title, percent) in new[] { ("cv", "Lebenslauf", 70), ("coverletter", "Motivationsschreiben", 25), ("reference", "Dienstzeugnis, Sommersaison", 30) })
        {
            if (draw.Chance(percent))
            {
                uploads.Add(new Upload(
                    Draw.ObjectId(seed, Lot.PartId, person, 1000 + uploads.Count), type, title, $"{title.Split(',')[0]}.pdf", start.AddDays(-draw.Between(1, 300))));
            }
        }

        return uploads;
    }

    private List<WorkExperience> Experiences(int person, Draw draw)
    {
        var experiences = new List<WorkExperience>();
        var end = Month(start, -draw.Between(0, 8));
        for (var number = draw.Between(0, 3); number > 0; number--)
        {
            var begin = Month(end, -draw.Between(3, 30));
            var isCurrent = experiences.Count == 0 && draw.Chance(40);
            experiences.Add(new WorkExperience(
                Draw.ObjectId(seed, Lot.PartId, person, 2000 + number), draw.Pick(Positions), draw.Chance(50) ? "À-la-carte-Service, bis zu 120 Gedecke" : "",
                draw.Chance(85) ? draw.Pick(words.Employers) : null, new Branch(Draw.ObjectId(seed, Lot.PartId, 7, 1), "Gastronomie"), begin, end, isCurrent));
            end = Month(begin, -draw.Between(0, 6));
        }

        return experiences;
    }

    private List<Schooling> Educations(int person, Draw draw)
    {
        var educations = new List<Schooling>();
        for (var number = draw.Between(0, 2); number > 0; number--)
        {
            var begin = Month(start, -12 * draw.Between(4, 30));
            educations.Add(new Schooling(
                Draw.ObjectId(seed, Lot.PartId, person, 3000 + number), draw.Pick(Schools), draw.Chance(60) ? "Berufsschule" : "Höhere Schule", draw.Pick(Degrees),
                draw.Chance(30) ? "Schwerpunkt Tourismus" : "", begin, Month(begin, 36), draw.Chance(85) ? "completed" : draw.Pick(["canceled", "studying"])));
        }

        return educations;
    }

    private List<Ability> Skills(int person, Draw draw)
    {
        var first = draw.Below(Abilities.Length);
        return [.. Enumerable.Range(0, draw.Between(0, 4)).Select(i =>
        {
            var (category, title) = Abilities[(first + i) % Abilities.Length];
            return new Ability(Draw.ObjectId(seed, Lot.PartId, person, 4000 + i), category, title, draw.Pick(["sehr gut", "gut", "Grundkenntnisse"]));
        })];
    }

    private static DateTimeOffset Month(DateTimeOffset from, int months) => new(new DateTime(from.Year, from.Month, 1).AddMonths(months), TimeSpan.Zero);

    private static string Plain(string name)
    {
        var plain = new StringBuilder();
        foreach (var c in name.ToLowerInvariant().Replace("ß", "ss", StringComparison.Ordinal).Normalize(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                plain.Append(c);
            }
        }

        return plain.Length == 0 ? "mail" : plain.ToString();
    }
}
