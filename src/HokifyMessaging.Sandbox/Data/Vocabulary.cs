using System.Collections.Concurrent;
using Bogus;
using Bogus.DataSets;

namespace HokifyMessaging.Sandbox.Data;

/// <summary>The words that people are made of. Drawn once per seed: Bogus is too slow to be asked for every record.</summary>
internal sealed class Vocabulary
{
    private static readonly ConcurrentDictionary<int, Vocabulary> BySeed = new();

    private Vocabulary(int seed)
    {
        // Kitchens and hotels in Austria are staffed from half of Europe, and so are the alphabets of their names.
        var austrian = new Faker("de_AT") { Random = new Randomizer(seed) };
        var croatian = new Faker("hr") { Random = new Randomizer(seed + 1) };
        var czech = new Faker("cz") { Random = new Randomizer(seed + 2) };
        var english = new Faker("en") { Random = new Randomizer(seed + 3) };

        MaleNames = FirstNames(Name.Gender.Male);
        FemaleNames = FirstNames(Name.Gender.Female);
        LastNames = [.. Many(500, () => austrian.Name.LastName()), .. Many(120, () => croatian.Name.LastName()), .. Many(60, () => czech.Name.LastName()), .. Many(60, () => english.Name.LastName())];
        Streets = [.. Many(300, () => austrian.Address.StreetName())];
        Employers = [.. Many(120, () => $"{austrian.Random.ArrayElement(HouseKinds)} {austrian.Name.LastName()}"), .. Many(30, () => austrian.Company.CompanyName())];
        return;

        string[] FirstNames(Name.Gender gender) =>
        [
            .. Many(250, () => austrian.Name.FirstName(gender)), .. Many(60, () => croatian.Name.FirstName(gender)),
            .. Many(30, () => czech.Name.FirstName(gender)), .. Many(30, () => english.Name.FirstName(gender)),
        ];
    }

    public static string[] HouseKinds { get; } = ["Hotel", "Gasthof", "Landhotel", "Restaurant", "Wirtshaus", "Café", "Pension", "Berghotel", "Weingut"];

    public IReadOnlyList<string> MaleNames { get; }

    public IReadOnlyList<string> FemaleNames { get; }

    public IReadOnlyList<string> LastNames { get; }

    public IReadOnlyList<string> Streets { get; }

    public IReadOnlyList<string> Employers { get; }

    public static Vocabulary For(int seed) => BySeed.GetOrAdd(seed, s => new Vocabulary(s));

    private static IEnumerable<string> Many(int count, Func<string> next) => Enumerable.Range(0, count).Select(_ => next());
}

/// <summary>A place in Austria where hotels look for staff.</summary>
internal sealed record Place(string Code, string City, string County, double Longitude, double Latitude)
{
    public static IReadOnlyList<Place> All { get; } =
    [
        new("1010", "Wien", "Wien", 16.3738, 48.2082),
        new("1070", "Wien", "Wien", 16.3486, 48.2020),
        new("5020", "Salzburg", "Salzburg", 13.0550, 47.8095),
        new("5700", "Zell am See", "Salzburg", 12.7950, 47.3235),
        new("5640", "Bad Gastein", "Salzburg", 13.1340, 47.1150),
        new("5582", "Sankt Michael im Lungau", "Salzburg", 13.6370, 47.0970),
        new("6020", "Innsbruck", "Tirol", 11.4041, 47.2692),
        new("6370", "Kitzbühel", "Tirol", 12.3925, 47.4464),
        new("6450", "Sölden", "Tirol", 11.0076, 46.9655),
        new("6561", "Ischgl", "Tirol", 10.2928, 47.0126),
        new("6764", "Lech", "Vorarlberg", 10.1430, 47.2080),
        new("6900", "Bregenz", "Vorarlberg", 9.7471, 47.5031),
        new("8010", "Graz", "Steiermark", 15.4395, 47.0707),
        new("8970", "Schladming", "Steiermark", 13.6870, 47.3930),
        new("9020", "Klagenfurt am Wörthersee", "Kärnten", 14.3050, 46.6247),
        new("9220", "Velden am Wörther See", "Kärnten", 14.0420, 46.6130),
        new("4020", "Linz", "Oberösterreich", 14.2858, 48.3069),
        new("4830", "Hallstatt", "Oberösterreich", 13.6493, 47.5622),
        new("3100", "St. Pölten", "Niederösterreich", 15.6256, 48.2047),
        new("7000", "Eisenstadt", "Burgenland", 16.5250, 47.8450),
    ];
}

/// <summary>An address as hokify's <c>IAPILocation</c> has it.</summary>
internal sealed record Location(Place Place, string Street, string StreetNumber);
