namespace HokifyMessaging.Sandbox.Data;

/// <summary>A company that hires through hokify.</summary>
internal sealed record HiringCompany(string Id, string Name, string Description);

/// <summary>A branch of work, as hokify names them.</summary>
internal sealed record Branch(string Id, string Name);

/// <summary>A job that people apply for. Without <see cref="SourceId"/> it was typed into hokify by hand.</summary>
internal sealed record PostedJob
{
    public required string Id { get; init; }
    public required int Number { get; init; }
    public required string Name { get; init; }
    public required string? SourceId { get; init; }
    public required HiringCompany Company { get; init; }
    public required Location Location { get; init; }
    public required string Wage { get; init; }
    public required string Type { get; init; }
    public required string EmploymentType { get; init; }
    public required IReadOnlyList<Branch> Fields { get; init; }
    public required string Description { get; init; }
    public required DateTimeOffset Date { get; init; }
    public required string OwnerId { get; init; }
    public required string OwnerName { get; init; }
    public required IReadOnlyList<Question> Questions { get; init; }
}

/// <summary>
/// What an application is for: a job or, without one, a company as such. <see cref="StandIn"/> is the job that the older
/// APIs show for an application to a company, because they know nothing but jobs.
/// </summary>
internal sealed record Relation(int Number, PostedJob? Job, HiringCompany Company, PostedJob StandIn)
{
    public string Type => Job is null ? "company" : "job";

    public string Id => Job?.Id ?? Company.Id;

    public string? SourceId => Job?.SourceId;
}

/// <summary>The companies of one mandator and the jobs they offer.</summary>
internal sealed class JobMarket
{
    private const int CompanyCount = 3;
    private const int SpeculativePercent = 5;

    private static readonly (string German, string English, string Branch)[] Trades =
    [
        ("Koch/Köchin", "Cook", "Küche"),
        ("Jungkoch/Jungköchin", "Commis de cuisine", "Küche"),
        ("Chef de Partie (m/w/d)", "Chef de partie (m/f/d)", "Küche"),
        ("Küchenhilfe", "Kitchen assistant", "Küche"),
        ("Patissier/Patissière", "Pastry chef", "Küche"),
        ("Kellner:in mit Inkasso", "Waiter with cash handling", "Service"),
        ("Chef de Rang (m/w/d)", "Chef de rang (m/f/d)", "Service"),
        ("Barkeeper:in", "Bartender", "Service"),
        ("Frühstückskraft", "Breakfast attendant", "Service"),
        ("Rezeptionist:in", "Receptionist", "Rezeption"),
        ("Nachtportier/Nachtportierin", "Night porter", "Rezeption"),
        ("Front Office Manager:in", "Front office manager", "Rezeption"),
        ("Zimmermädchen/Roomboy", "Room attendant", "Housekeeping"),
        ("Hausdame (m/w/d)", "Housekeeper", "Housekeeping"),
        ("Haustechniker:in", "Maintenance technician", "Haustechnik"),
        ("Masseur/Masseurin", "Massage therapist", "Wellness"),
        ("Lehrling Gastronomiefachkraft", "Apprentice, gastronomy", "Lehre"),
    ];

    private readonly ulong _seed;
    private readonly Relation[] _relations;
    private readonly int _jobs;

    public JobMarket(ulong seed, int jobs, Vocabulary words, DateTimeOffset start)
    {
        _seed = seed;
        _jobs = jobs;
        var companies = Enumerable.Range(0, CompanyCount).Select(i => CompanyNumber(i, words)).ToArray();
        _relations =
        [
            .. Enumerable.Range(0, jobs).Select(i => JobNumber(i)),
            .. companies.Select((company, i) => new Relation(jobs + i, null, company, StandIn(i, company))),
        ];
        return;

        Relation JobNumber(int index)
        {
            var draw = Draw.For(seed, Lot.Job, index);
            var company = draw.Pick(companies);
            var (german, english, branch) = draw.Pick(Trades);
            var place = draw.Pick(Place.All);
            var inEnglish = draw.Chance(20);
            var wage = draw.Between(20, 34) * 100;
            var name = inEnglish ? english : german;
            var job = Job(index, name, company, new Location(place, draw.Pick(words.Streets), $"{draw.Between(1, 120)}"), draw, words) with
            {
                SourceId = draw.Chance(85) ? $"{company.Name[..1]}-{10_000 + index}" : null,
                Wage = inEnglish ? $"from € {wage} gross per month" : $"ab € {wage},- brutto/Monat",
                Fields = [new Branch(Draw.ObjectId(seed, Lot.PartId, index, 1), branch)],
                Description = inEnglish
                    ? $"{company.Name} is looking for you: {name} in {place.City}. Free board and lodging, five-day week.\nOvertime is paid."
                    : $"{company.Name} sucht dich als {name} in {place.City}. Kost und Logis frei, Fünf-Tage-Woche.\nÜberzahlung je nach Erfahrung möglich.",
                Questions = Question.Choose(seed, index, draw),
            };
            return new Relation(index, job, company, job);
        }

        PostedJob StandIn(int index, HiringCompany company)
        {
            var draw = Draw.For(seed, Lot.Job, jobs + index);
            return Job(jobs + index, "Initiativbewerbung", company, new Location(draw.Pick(Place.All), draw.Pick(words.Streets), "1"), draw, words);
        }

        PostedJob Job(int index, string name, HiringCompany company, Location location, Draw draw, Vocabulary vocabulary) => new()
        {
            Id = Draw.ObjectId(seed, Lot.Job, index),
            Number = 100_000 + index,
            Name = name,
            SourceId = null,
            Company = company,
            Location = location,
            Wage = "nach Vereinbarung",
            Type = draw.Chance(75) ? "Vollzeit" : "Teilzeit",
            EmploymentType = draw.Chance(50) ? "Saisonstelle" : "Festanstellung",
            Fields = [],
            Description = $"{company.Name} freut sich über deine Bewerbung.",
            Date = start.AddDays(-draw.Between(1, 400)),
            OwnerId = Draw.ObjectId(seed, Lot.PersonId, -1 - index),
            OwnerName = $"{draw.Pick(vocabulary.FemaleNames)} {draw.Pick(vocabulary.LastNames)}",
            Questions = Question.Choose(seed, index, draw),
        };
    }

    public int Count => _relations.Length;

    public Relation this[int number] => _relations[number];

    /// <summary>The number of the relation that an application is for; cheap enough to be asked for every application there is.</summary>
    public int NumberOf(int application)
    {
        var number = Draw.Number(_seed, Lot.Relation, application);
        var rest = (int)((number >> 8) & 0x7FFF_FFFF);
        return number % 100 < SpeculativePercent ? _jobs + (rest % CompanyCount) : rest % _jobs;
    }

    /// <summary>The numbers of the jobs that the ATS knows by this id: one, or none.</summary>
    public IReadOnlySet<int> WithSourceId(string sourceId) => _relations.Where(r => r.SourceId == sourceId).Select(r => r.Number).ToHashSet();

    private HiringCompany CompanyNumber(int index, Vocabulary words)
    {
        var draw = Draw.For(_seed, Lot.Company, index);
        var name = $"{draw.Pick(Vocabulary.HouseKinds)} {draw.Pick(words.LastNames)}";
        return new HiringCompany(Draw.ObjectId(_seed, Lot.Company, index), name, $"{name}: Gastlichkeit seit {draw.Between(1880, 2015)}.");
    }
}
