using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using HokifyMessaging.Applications;
using ApplicationId = HokifyMessaging.Applications.ApplicationId;

namespace HokifyMessaging.Tests.Applications;

public sealed class RecordIdTests
{
    private const string AsText = "; expected is the id itself, from a column that is formatted as text";
    private const string Itself = "; expected is the id itself, of letters (A to Z), digits, - and _";

    [Theory]
    [InlineData("5,07E+23", "is a number in scientific notation, which a spreadsheet makes of a long id" + AsText)]
    [InlineData("5.07E+23", "is a number in scientific notation, which a spreadsheet makes of a long id" + AsText)]
    [InlineData("5.07E23", "is a number in scientific notation, which a spreadsheet makes of a long id" + AsText)]
    [InlineData("6e+23", "is a number in scientific notation, which a spreadsheet makes of a long id" + AsText)]
    [InlineData("6,36E+023", "is a number in scientific notation, which a spreadsheet makes of a long id" + AsText)]
    [InlineData("636123000000000000000000", "is a number that a spreadsheet has rounded" + AsText)]
    [InlineData("12345678901234500000", "is a number that a spreadsheet has rounded" + AsText)]
    [InlineData("=\"636b5e00a1b2c3d4e5f60001\"", "is a formula, as a spreadsheet writes it" + Itself)]
    [InlineData("=A1", "is a formula, as a spreadsheet writes it" + Itself)]
    [InlineData("'636b5e00a1b2c3d4e5f60001", "begins with an apostrophe, which a spreadsheet puts before a text" + Itself)]
    [InlineData("\u2019636b5e00a1b2c3d4e5f60001", "begins with an apostrophe, which a spreadsheet puts before a text" + Itself)]
    [InlineData("#NAME?", "is an error value of a spreadsheet" + AsText)]
    [InlineData("#REF!", "is an error value of a spreadsheet" + AsText)]
    [InlineData("#BEZUG!", "is an error value of a spreadsheet" + AsText)]
    [InlineData("########", "is an error value of a spreadsheet" + AsText)]
    [InlineData("1.0", "is a number with a fraction or with groups of digits, which a spreadsheet makes of an id" + AsText)]
    [InlineData("4711,00", "is a number with a fraction or with groups of digits, which a spreadsheet makes of an id" + AsText)]
    [InlineData("1.234.567", "is a number with a fraction or with groups of digits, which a spreadsheet makes of an id" + AsText)]
    [InlineData("01.05.2026", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("2026-05-01", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("2026-05-01 00:00:00", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("05/01/2026", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("01-05-2026", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("May-26", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("1-Mai-2026", "is a date, which a spreadsheet makes of an id" + AsText)]
    [InlineData("Summe: 42 Bewerbungen", "is a text with blanks or line breaks, such as a line of totals" + Itself)]
    [InlineData("42 Bewerbungen", "is a text with blanks or line breaks, such as a line of totals" + Itself)]
    [InlineData("636b5e00\u00A0a1b2c3d4e5f60001", "is a text with blanks or line breaks, such as a line of totals" + Itself)]
    [InlineData("1\n2024 everything is fine", "is a text with blanks or line breaks, such as a line of totals" + Itself)]
    [InlineData("1\n2", "is a text with blanks or line breaks, such as a line of totals" + Itself)]
    [InlineData("Gesamt", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("SUMME", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("Bewerbungen", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("Gesamt-Summe", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("Total-42", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("null", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("matchId", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("Bewerbungs-ID", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("---", "is a word, such as that of a line of totals" + Itself)]
    [InlineData("Summe:42", "holds other characters than those of an id" + Itself)]
    [InlineData("636b5e00a1b2c3d4e5f6000\u0441", "holds other characters than those of an id" + Itself)]
    [InlineData("<b>1</b>", "holds other characters than those of an id" + Itself)]
    [InlineData("\u200B\uFEFF", "is missing; every record needs it")]
    public void What_is_no_id_is_rejected_for_an_application_as_for_a_person_in_every_generation(string given, string problem)
    {
        foreach (var (record, field) in WithId(given))
        {
            var rejection = Records.Rejected(record);

            Assert.Equal((field, problem), (rejection.Field, rejection.Problem));
            if (given.Length > 3)
            {
                Assert.DoesNotContain(given, rejection.Problem, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("5.07E+23")]
    [InlineData("5e23")]
    [InlineData("17.5")]
    public void A_number_that_has_lost_digits_is_no_id(string number)
    {
        foreach (var (record, field) in WithId(JsonNode.Parse(number)!))
        {
            Assert.Equal((field, RecordId.Fractional), (Records.Rejected(record).Field, Records.Rejected(record).Problem));
        }
    }

    [Theory]
    [InlineData("636B5E00A1B2C3D4E5F60001", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("636b5e00A1B2c3d4e5f60001", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("\uFEFF636b5e00a1b2c3d4e5f60001", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("636b5e00a1b2\u00ADc3d4\u200Be5f60001", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("\u200E636b5e00a1b2c3d4e5f60001\u202C", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("\u00A0636b5e00a1b2c3d4e5f60001\t\r", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("\u00A0\uFEFF 636B5E00A1B2C3D4E5F60001 \uFEFF\u00A0", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("636b5e00a1b2c3d4e5f60001\0\0", "636b5e00a1b2c3d4e5f60001")]
    [InlineData("123456789012345678901234", "123456789012345678901234")]
    [InlineData("BEW-2026_17", "BEW-2026_17")]
    [InlineData("3F2504E0-4F89-11D3-9A0C-0305E82C3301", "3F2504E0-4F89-11D3-9A0C-0305E82C3301")]
    [InlineData("12e45", "12e45")]
    [InlineData("17-4", "17-4")]
    [InlineData("007", "007")]
    [InlineData("1234567890123450", "1234567890123450")]
    [InlineData("zzz", "zzz")]
    public void An_id_is_what_remains_without_what_nobody_sees(string given, string id)
    {
        foreach (var (record, field) in WithId(given))
        {
            var application = Records.Understood(record);

            Assert.Equal(id, field.Contains("user", StringComparison.Ordinal) ? application.Person.Id.Value : application.Id.Value);
        }
    }

    [Fact]
    public void A_whole_number_is_an_id_as_it_is_written()
    {
        foreach (var (record, field) in WithId(JsonNode.Parse("507199011234567890123456")!))
        {
            var application = Records.Understood(record);

            Assert.Equal("507199011234567890123456", field.Contains("user", StringComparison.Ordinal) ? application.Person.Id.Value : application.Id.Value);
        }
    }

    [Fact]
    public void An_id_that_is_read_at_a_glance_is_the_one_that_reading_finds()
    {
        var text = Gen.OneOf(
            Gen.String[Gen.Char["0123456789abcdefABCDEF"], 24, 24],
            Gen.String[Gen.Char["0123456789aZ-_.,E+ \u00A0\u200B\uFEFF\r\n'=#"], 1, 26],
            Gen.OneOfConst("Gesamt", "Summe", "5,07E+23", "01.05.2026", "m1"));
        text.Sample(id =>
        {
            foreach (var (record, _) in WithId(id))
            {
                using var document = JsonDocument.Parse(record.ToJsonString());
                var later = ApplicationPayload.ReadLater(document.RootElement, "here");

                Assert.Equal(ApplicationPayload.Read(document.RootElement, "here").Id(), later.Id);
                Assert.Equal(later.Id, later.Read().Id());
            }
        }, iter: Examples.Of(500));
    }

    [Fact]
    public void An_erased_person_without_id_is_read_again_from_what_was_kept()
    {
        var match = Records.Match();
        match["_id"] = Records.ApplicationId.ToUpper(CultureInfo.InvariantCulture);
        match["user"] = new JsonObject { ["privacyAutoDeleted"] = true };
        var kept = """{"_id":"636B5E00A1B2C3D4E5F60001","user":{"_id":"application:636B5E00A1B2C3D4E5F60001","privacyAutoDeleted":true } }""";

        var expected = PersonId.OfApplication(new ApplicationId(Records.ApplicationId));
        Assert.Equal(expected, Records.Understood(match).Person.Id);
        Assert.Equal(expected, Records.Understood(JsonNode.Parse(Records.Understood(match).Payload)!).Person.Id);
        Assert.Equal(expected, Records.Understood(JsonNode.Parse(kept)!).Person.Id);
    }

    private static IEnumerable<(JsonObject Record, string Field)> WithId(JsonNode id)
    {
        var (match, today, flat) = (Records.Match(), Records.Today(), Records.Flat());
        match["_id"] = id.DeepClone();
        yield return (match, "_id");
        today["application"]!["_id"] = id.DeepClone();
        yield return (today, "_id");
        flat["matchId"] = id.DeepClone();
        yield return (flat, "matchId");

        (match, today, flat) = (Records.Match(), Records.Today(), Records.Flat());
        match["user"]!["_id"] = new JsonObject { ["$oid"] = id.DeepClone() };
        yield return (match, "user._id");
        today["application"]!["user"]!["_id"] = id.DeepClone();
        yield return (today, "user._id");
        flat["userId"] = id.DeepClone();
        yield return (flat, "userId");
    }
}
