using CsCheck;
using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public sealed class PersonNameTests
{
    private const string NoBreak = "\u00A0";

    /// <summary>Whole name, first name, last name; all invented.</summary>
    public static TheoryData<string, string?, string?> Names => new()
    {
        // Plain names.
        { "Anna Huber", "Anna", "Huber" },
        { "Anna Maria Huber", "Anna Maria", "Huber" },
        { "Anna-Maria Huber", "Anna-Maria", "Huber" },
        { "Anna Huber-Maier", "Anna", "Huber-Maier" },
        { "Anna Huber - Maier", "Anna", "Huber-Maier" },
        { "Anna Huber\u2011Maier", "Anna", "Huber-Maier" },
        { "Franz Josef Karl Gruber", "Franz Josef Karl", "Gruber" },
        { "Huber", null, "Huber" },
        { "Birgit M.", "Birgit", "M." },
        { "Anna M. Huber", "Anna M.", "Huber" },
        { "H.C. Steiner", "H.C.", "Steiner" },
        { "M. A. Novak", "M. A.", "Novak" },
        { "ANNA HUBER", "ANNA", "HUBER" },
        { "anna huber", "anna", "huber" },
        { "HUBER Anna", "Anna", "HUBER" },
        { "HUBER-MAIER Anna Maria", "Anna Maria", "HUBER-MAIER" },
        { "Anna Maria HUBER", "Anna Maria", "HUBER" },
        { "Élise Lefèvre", "Élise", "Lefèvre" },
        { "Željko Đorđević", "Željko", "Đorđević" },
        { "Şebnem Öztürk", "Şebnem", "Öztürk" },
        { "Jack Ma", "Jack", "Ma" },
        { "Mei Lin", "Mei", "Lin" },

        // Blanks and what nobody sees.
        { $"Anna{NoBreak}Huber", "Anna", "Huber" },
        { "  Anna   Maria\tHuber ", "Anna Maria", "Huber" },
        { $"Mag.{NoBreak}Anna{NoBreak}van{NoBreak}der{NoBreak}Berg", "Anna", "van der Berg" },
        { "\uFEFFAnna\u200B Huber\u200E", "Anna", "Huber" },
        { "Anna\u202FHuber,\u00A0MSc", "Anna", "Huber" },

        // Degrees before.
        { "Mag. Anna Huber", "Anna", "Huber" },
        { "Mag.a Anna Huber", "Anna", "Huber" },
        { "Mag.ª Anna Huber", "Anna", "Huber" },
        { "Mag.ᵃ Anna Huber", "Anna", "Huber" },
        { "Mag Anna Huber", "Anna", "Huber" },
        { "MMag. Dr. Anna Huber", "Anna", "Huber" },
        { "Mag. (FH) Anna Huber", "Anna", "Huber" },
        { "Mag.(FH) Anna Huber", "Anna", "Huber" },
        { "Mag. rer. soc. oec. Anna Huber", "Anna", "Huber" },
        { "Mag.phil. Anna Huber", "Anna", "Huber" },
        { "DI Franz Gruber", "Franz", "Gruber" },
        { "DI(FH) Franz Gruber", "Franz", "Gruber" },
        { "DIin Petra Gruber", "Petra", "Gruber" },
        { "Dipl.-Ing. Franz Gruber", "Franz", "Gruber" },
        { "Dipl.-Ing.in Petra Gruber", "Petra", "Gruber" },
        { "Dipl. Ing. Franz Gruber", "Franz", "Gruber" },
        { "Ing. Franz Gruber", "Franz", "Gruber" },
        { "Dr. Anna Huber", "Anna", "Huber" },
        { "Dr.in Anna Huber", "Anna", "Huber" },
        { "dr anna huber", "anna", "huber" },
        { "Dr.Anna Huber", "Anna", "Huber" },
        { "DDr. Anna Huber", "Anna", "Huber" },
        { "Dr. med. univ. Anna Huber", "Anna", "Huber" },
        { "Dr. h.c. Anna Huber", "Anna", "Huber" },
        { "Univ.-Prof. Dr. Anna Huber", "Anna", "Huber" },
        { "Univ. Prof. Mag. Dr. Anna Huber", "Anna", "Huber" },
        { "em. Univ.-Prof. Dr. Anna Huber", "Anna", "Huber" },
        { "Priv.-Doz. Dr. Anna Huber", "Anna", "Huber" },
        { "Dkfm. Franz Gruber", "Franz", "Gruber" },
        { "Prok. Ing. Franz Gruber", "Franz", "Gruber" },
        { "Bakk. phil. Anna Huber", "Anna", "Huber" },
        { "MUDr. Jana Nováková", "Jana", "Nováková" },
        { "Herr Franz Gruber", "Franz", "Gruber" },
        { "Frau Mag.a Anna Huber", "Anna", "Huber" },
        { "Frau Huber", null, "Huber" },
        { "Dr. Huber", null, "Huber" },

        // Degrees behind.
        { "Mag. Anna Huber, MSc", "Anna", "Huber" },
        { "DI (FH) Franz Gruber, BSc MBA", "Franz", "Gruber" },
        { "Anna Huber MSc", "Anna", "Huber" },
        { "Anna Huber BA MA", "Anna", "Huber" },
        { "Anna Huber, BA, MA", "Anna", "Huber" },
        { "Anna Huber, B.A.", "Anna", "Huber" },
        { "Anna Huber, M.Sc. (WU)", "Anna", "Huber" },
        { "Anna Huber, LL.M.", "Anna", "Huber" },
        { "Anna Huber LL.B.", "Anna", "Huber" },
        { "Anna Huber PhD", "Anna", "Huber" },
        { "Anna Huber, Ph.D.", "Anna", "Huber" },
        { "ANNA HUBER MSC", "ANNA", "HUBER" },
        { "Anna Huber, akad. Übersetzerin", "Anna", "Huber" },
        { "Anna Huber, Bakk. techn.", "Anna", "Huber" },
        { "Anna Huber, Dipl.-Sozialpädagogin", "Anna", "Huber" },
        { "Huber, MSc", null, "Huber" },

        // Last name first.
        { "Huber, Anna", "Anna", "Huber" },
        { "Huber,Anna Maria", "Anna Maria", "Huber" },
        { "Mag. Huber, Anna", "Anna", "Huber" },
        { "Huber, Mag. Anna", "Anna", "Huber" },
        { "Huber, Anna, MSc", "Anna", "Huber" },
        { "Huber, Anna MSc", "Anna", "Huber" },
        { "Huber MA, Anna", "Anna", "Huber" },
        { "van der Berg, Anna", "Anna", "van der Berg" },
        { "Berg, Anna van der", "Anna", "van der Berg" },
        { "García Márquez, Ana", "Ana", "García Márquez" },
        { "Huber,", null, "Huber" },

        // Particles.
        { "Anna van der Berg", "Anna", "van der Berg" },
        { "Univ.-Prof. Dr. Anna van der Berg, MBA", "Anna", "van der Berg" },
        { "Vincent Van Dijk", "Vincent", "Van Dijk" },
        { "Maria von Traun", "Maria", "von Traun" },
        { "Maria Anna vom Stein", "Maria Anna", "vom Stein" },
        { "Karl Theodor von und zu Hohenberg", "Karl Theodor", "von und zu Hohenberg" },
        { "von Traun Maria", "Maria", "von Traun" },
        { "von Traun", null, "von Traun" },
        { "Juan de la Cruz", "Juan", "de la Cruz" },
        { "Ana del Río", "Ana", "del Río" },
        { "José Ortega y Vega", "José", "Ortega y Vega" },
        { "João dos Santos", "João", "dos Santos" },
        { "Maria de Souza e Silva", "Maria", "de Souza e Silva" },
        { "Luca Di Stefano", "Luca", "Di Stefano" },
        { "Chiara D'Angelo", "Chiara", "D'Angelo" },
        { "Omar al-Hassan", "Omar", "al-Hassan" },
        { "Omar al Hassan", "Omar", "al Hassan" },
        { "Layla El Sayed", "Layla", "El Sayed" },
        { "Mohamed Ben Salah", "Mohamed", "Ben Salah" },
        { "Ali bin Rashid", "Ali", "bin Rashid" },
        { "Jan van 't Veld", "Jan", "van 't Veld" },
        { "Corrie ten Boom", "Corrie", "ten Boom" },
        { "Sean O'Brien", "Sean", "O'Brien" },
        { "Fiona Mc Allister", "Fiona", "Mc Allister" },
        { "Petra auf der Maur", "Petra", "auf der Maur" },
        { "ANNA VAN DER BERG", "ANNA", "VAN DER BERG" },

        // What stands beside a name.
        { "Franz \"Franzl\" Gruber", "Franz", "Gruber" },
        { "Franz (Franzl) Gruber", "Franz", "Gruber" },
        { "Franz \u201EFranzl\u201C Gruber", "Franz", "Gruber" },
        { "Franz 'Franzl' Gruber", "Franz", "Gruber" },
        { "Anna Huber geb. Maier", "Anna", "Huber" },
        { "Anna Huber (geb. Maier)", "Anna", "Huber" },
        { "Franz Gruber jun.", "Franz", "Gruber jun." },
        { "Martin King Jr.", "Martin", "King Jr." },
        { "King, Martin, Jr.", "Martin", "King Jr." },
        { "John Smith III", "John", "Smith III" },
        { "Dr. Franz Gruber sen., MBA", "Franz", "Gruber sen." },

        // In doubt the whole.
        { "Anna und Max Huber", null, "Anna und Max Huber" },
        { "Anna & Max Huber", null, "Anna & Max Huber" },
        { "Anna Huber / Max Maier", null, "Anna Huber / Max Maier" },
        { "anna.huber@mail.example", null, "anna.huber@mail.example" },
        { "Huber, Anna, Wien", null, "Huber, Anna, Wien" },
        { "Bewerber 4711", null, "Bewerber 4711" },
        { "Anna (Huber", null, "Anna (Huber" },
        { "Mag. Dr.", null, "Mag. Dr." },
        { "van der Berg Anna Maria", null, "van der Berg Anna Maria" },
        { "Di Stefano", null, "Di Stefano" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_is_taken_apart(string name, string? first, string? last)
    {
        var flat = Records.Flat();
        flat["name"] = name;

        var person = Records.Understood(flat).Person;

        Assert.Equal((first, last), (person.FirstName, person.LastName));
        Assert.Equal(PersonName.Tidied(name), person.DisplayName);
    }

    [Fact]
    public void There_are_a_hundred_names() => Assert.InRange(Names.Count, 100, 1_000);

    [Fact]
    public void The_display_name_keeps_the_degrees()
    {
        var flat = Records.Flat();
        flat["name"] = $"DI{NoBreak}(FH)  Franz Gruber,\tBSc MBA";

        Assert.Equal("DI (FH) Franz Gruber, BSc MBA", Records.Understood(flat).Person.DisplayName);
    }

    [Fact]
    public void First_and_last_name_of_the_API_stay_as_they_are()
    {
        var match = Records.Match();
        match["user"]!["displayName"] = "Mag. Anna van der Berg, MSc";
        var general = match["user"]!["general"]!.AsObject();
        general["firstName"] = "Mag. Anna van";
        general["lastName"] = "der Berg";
        var person = Records.Understood(match).Person;
        Assert.Equal(("Mag. Anna van", "der Berg"), (person.FirstName, person.LastName));

        general.Remove("firstName");
        general.Remove("lastName");
        person = Records.Understood(match).Person;
        Assert.Equal(("Anna", "van der Berg", "Mag. Anna van der Berg, MSc"), (person.FirstName, person.LastName, person.DisplayName));
    }

    [Fact]
    public void No_text_makes_it_fail_or_lose_all() =>
        Gen.OneOf(
            Gen.OneOfConst("Anna", "Huber", "van", "der", "Mag.", "MSc", ",", "(", ")", "\"", "'", "-", "von", "und", "y", "Dr.", "DI", "MA", "geb.", "jun.", "HUBER", "al-", "akad.", " ", "\u00A0"),
            Gen.String[0, 4]).Array[0, 8].Sample(words =>
            {
                var name = string.Join(' ', words);
                var split = PersonName.Split(name);

                Assert.Equal(PersonName.Tidied(name).Length == 0, split.Last is null);
                Assert.NotEqual("", split.First);
                Assert.NotEqual("", split.Last);
            }, iter: 5_000);
}
