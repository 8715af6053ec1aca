namespace HokifyMessaging.Sandbox.Data;

/// <summary>One interview question of a job, in two languages, and how people answer it.</summary>
internal sealed record Question(string Id, QuestionText Text)
{
    /// <summary>Four to eight questions of the catalogue, in its order.</summary>
    public static IReadOnlyList<Question> Choose(ulong seed, int job, Draw draw)
    {
        var chosen = new SortedSet<int>();
        var count = draw.Between(4, 8);
        while (chosen.Count < count)
        {
            chosen.Add(draw.Below(QuestionText.Catalogue.Count));
        }

        return [.. chosen.Select(i => new Question(Draw.ObjectId(seed, Lot.PartId, job, 100 + i), QuestionText.Catalogue[i]))];
    }
}

/// <summary>The wording of a question. <see cref="ExternalId"/> is what an ATS calls it, where it has a name for it.</summary>
internal sealed record QuestionText(string German, string English, string? ExternalId, string Type, string AnswerType, Func<Draw, bool, DateTimeOffset, string> Answer)
{
    private static readonly CultureInfo Austria = CultureInfo.GetCultureInfo("de-AT");

    private static readonly string[] NoticeGerman = ["keine, bin sofort verfügbar", "14 Tage", "1 Monat", "6 Wochen zum Monatsletzten", "3 Monate"];

    private static readonly string[] NoticeEnglish = ["none, I am available immediately", "2 weeks", "1 month", "3 months"];

    private static readonly string[] ReasonsGerman =
        ["Saisonende", "Ich suche eine Ganzjahresstelle.", "Umzug zu meiner Familie", "Ich möchte mich weiterentwickeln;\nderzeit gibt es dafür keine Möglichkeit."];

    private static readonly string[] ReasonsEnglish = ["The season is over.", "I am looking for a year-round position.", "I am moving to Austria.", "Better working hours"];

    private static readonly string[] MotivationsGerman =
    [
        "Ich arbeite seit Jahren in der Gastronomie und liebe den Kontakt mit Gästen.",
        "Eure Küche hat einen ausgezeichneten Ruf, von dem ich lernen möchte.",
        "Ich bin zuverlässig, belastbar und auch in der Hochsaison gut gelaunt.",
        "\"Geht nicht\" gibt es bei mir nicht, auch nicht am Wochenende.",
        "Die Berge, das Team, der Betrieb: Das passt einfach.",
    ];

    private static readonly string[] MotivationsEnglish =
    [
        "I have been working in hospitality for years and enjoy meeting guests.",
        "Your kitchen has an excellent reputation, and I would like to learn from it.",
        "I am reliable, and calm even when it is busy.",
        "My motto: \"there is always a way\".",
    ];

    public static IReadOnlyList<QuestionText> Catalogue { get; } =
    [
        new("Was sind deine Gehaltsvorstellungen?", "What is your salary expectation?", "salary", "question", "text", Salary),
        new("Wie lange ist deine Kündigungsfrist?", "What is your notice period?", "notice-period", "question", "text",
            (draw, english, _) => english ? draw.Pick(NoticeEnglish) : draw.Pick(NoticeGerman)),
        new("Wann könntest du frühestens anfangen?", "What is your earliest entry date?", "entry-date", "question", "date", EntryDate),
        new("Warum möchtest du bei uns arbeiten?", "What is your motivation to join us?", "motivation", "question", "textarea", Motivation),
        new("Link zu deinem Bewerbungsvideo", "Link to your application video", "video", "attachment", "url",
            (draw, _, _) => $"https://video.hokify.example/v/{draw.Between(100_000, 999_999)}"),
        new("Vollzeit oder Teilzeit?", "Full-time or part-time?", null, "question", "select",
            (draw, english, _) => english ? draw.Pick(["full-time", "part-time", "either"]) : draw.Pick(["Vollzeit", "Teilzeit", "beides"])),
        new("Bei welchem Betrieb arbeitest du derzeit?", "Who is your current employer?", null, "profile", "text",
            (draw, english, _) => english ? draw.Pick(["none at the moment", "Grand Hotel, Salzburg", "Alpine Lodge"]) : draw.Pick(["derzeit keiner", "Hotel Post, Lech", "Gasthof zur Linde"])),
        new("Warum möchtest du wechseln?", "Why do you want to change?", null, "question", "textarea",
            (draw, english, _) => english ? draw.Pick(ReasonsEnglish) : draw.Pick(ReasonsGerman)),
        new("In welcher Region möchtest du arbeiten?", "In which region would you like to work?", null, "question", "text",
            (draw, _, _) => draw.Pick(Place.All).County),
        new("Benötigst du eine Unterkunft?", "Do you need accommodation?", "housing", "question", "select",
            (draw, english, _) => english ? draw.Pick(["yes", "no"]) : draw.Pick(["Ja", "Nein", "ja, für zwei Personen"])),
        new("Wie gut sprichst du Deutsch?", "How good is your German?", null, "profile", "select",
            (draw, english, _) => english ? draw.Pick(["A2", "B1", "fluent"]) : draw.Pick(["Muttersprache", "B2", "C1", "Grundkenntnisse"])),
        new("Bitte lade deinen Lebenslauf hoch.", "Please upload your CV.", null, "attachment", "file", (_, english, _) => english ? "CV.pdf" : "Lebenslauf.pdf"),
    ];

    private static string Salary(Draw draw, bool english, DateTimeOffset applied)
    {
        var amount = draw.Between(19, 38) * 100;
        return draw.Below(4) switch
        {
            0 => amount.ToString(CultureInfo.InvariantCulture),
            1 => english ? "according to the collective agreement" : "laut Kollektivvertrag",
            2 => english ? $"€ {amount.ToString("N0", CultureInfo.InvariantCulture)} gross" : string.Create(CultureInfo.InvariantCulture, $"{amount / 1000}.{amount % 1000:000} € brutto"),
            _ => english ? $"{amount} EUR net" : $"{amount} netto",
        };
    }

    private static string EntryDate(Draw draw, bool english, DateTimeOffset applied)
    {
        var date = applied.AddDays(draw.Between(3, 120));
        return draw.Below(4) switch
        {
            0 => english ? "immediately" : "ab sofort",
            1 => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            2 => date.ToString("dd.MM.yyyy", CultureInfo.InvariantCulture),
            _ => english ? date.ToString("MMMM yyyy", CultureInfo.InvariantCulture) : date.ToString("MMMM yyyy", Austria),
        };
    }

    private static string Motivation(Draw draw, bool english, DateTimeOffset applied)
    {
        var sentences = english ? MotivationsEnglish : MotivationsGerman;
        var first = draw.Below(sentences.Length);
        return string.Join(draw.Chance(30) ? "\n\n" : " ", Enumerable.Range(first, draw.Between(1, 3)).Select(i => sentences[i % sentences.Length]));
    }
}
