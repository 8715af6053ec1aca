using System.Text;
using HokifyMessaging.Applications;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.CsvFiles;

namespace HokifyMessaging.Tests.Reading.CsvFiles;

/// <summary>What the first lines of a file say of all that follow.</summary>
public sealed class FlatHeaderTests
{
    [Theory]
    [InlineData(";")]
    [InlineData(",")]
    [InlineData("\t")]
    public async Task The_separator_is_taken_from_the_header(string separator)
    {
        var application = await ReadOneAsync(string.Join(separator, "matchId", "\"jobId\"", "name", "birthday") + "\n" + string.Join(separator, "m1", "j1", "Anna Huber", "31.03.1990") + "\n");

        Assert.Equal(("m1", "j1", "Huber"), (application.Id.Value, application.Job!.Id, application.Person.LastName));
        Assert.Equal(new DateOnly(1990, 3, 31), application.Person.Birthday);
    }

    [Fact]
    public async Task Separators_inside_quotation_marks_do_not_count()
    {
        var application = await ReadOneAsync("\"a,b,c,d,e\";matchId\nx;m1\n");

        Assert.Equal("m1", application.Id.Value);
    }

    [Fact]
    public async Task Known_headers_are_recognised_in_every_usual_spelling()
    {
        var application = await ReadOneAsync(
            "Bewerbungs-ID;JOB_ID;Job Source Id;Bewerber;E-Mail-Adresse;hokify_mail;Telefonnummer;Geburtsdatum;Geschlecht;Staatsbürgerschaft;Bewerbungsdatum;file profile;Lebenslauf;Weitere Dateien\n"
            + "m1;j1;s1;Anna Huber;a@x.example;h@x.example;+43 1;31.03.1990;w;AT;01.06.2018 10:00;https://x/p;https://x/cv;https://x/1 https://x/2\n");

        Assert.Equal(0, application.UnknownMembers);
        Assert.Equal(("m1", "j1", "s1"), (application.Id.Value, application.Job!.Id, application.SourceId));
        var person = application.Person;
        Assert.Equal(("Anna Huber", "a@x.example", "h@x.example", "+43 1", "w", "AT"), (person.DisplayName, person.Email, person.HokifyMail, person.Phone, person.Gender, person.Nationality));
        Assert.Equal(new DateTimeOffset(2018, 6, 1, 10, 0, 0, TimeSpan.Zero), application.AppliedAt);
        Assert.Equal(["https://x/p", "https://x/cv", "https://x/1", "https://x/2"], application.Attachments.Select(file => file.Url!));
    }

    [Fact]
    public async Task Configured_headers_outrank_the_built_in_ones()
    {
        var aliases = new Dictionary<string, string> { ["Bewerbungsnummer"] = "MATCHID", ["match id"] = "jobId" };

        var application = await ReadOneAsync("bewerbungs nummer;Match_Id\nm1;j1\n", aliases);

        Assert.Equal(("m1", "j1"), (application.Id.Value, application.Job!.Id));
    }

    [Fact]
    public void A_configured_header_for_an_unknown_field_is_refused()
    {
        var failure = Assert.Throws<SourceException>(() => new FlatCsvReader(new Dictionary<string, string> { ["Nummer"] = "matchNr" }, new ReadingOptions()));

        Assert.StartsWith("HeaderAliases: 'Nummer' stands for the unknown field 'matchNr'; expected is one of matchId, jobId, ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "file.csv is empty; expected is a header line with the names of the columns.")]
    [InlineData("\n \n", "file.csv is empty; expected is a header line with the names of the columns.")]
    [InlineData("sep=;\n", "file.csv is empty; expected is a header line with the names of the columns.")]
    [InlineData("name;email\nx;y\n", "file.csv has no column matchId in line 1; expected is a header line with it, or an entry in HeaderAliases that names the column that holds it.")]
    [InlineData("matchId;E-Mail;email\n", "file.csv has two columns for email, 'E-Mail' and 'email'; expected is one.")]
    public async Task An_unusable_header_fails_the_read(string csv, string sentence) =>
        Assert.Equal(sentence, (await Assert.ThrowsAsync<SourceException>(() => Csv.ReadAsync(csv))).Message);

    [Fact]
    public async Task A_header_that_never_ends_fails_the_read() =>
        Assert.StartsWith(
            "file.csv has no header line within its first 64 KB",
            (await Assert.ThrowsAsync<SourceException>(() => Csv.ReadAsync("matchId;\"" + string.Join('\n', Enumerable.Repeat(new string('x', 100), 2_000))))).Message,
            StringComparison.Ordinal);

    private static async Task<HokifyApplication> ReadOneAsync(string csv, Dictionary<string, string>? aliases = null) =>
        Assert.Single((await Csv.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), aliases: aliases)).Understood);
}
