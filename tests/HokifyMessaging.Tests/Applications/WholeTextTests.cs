using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public sealed class WholeTextTests
{
    private static readonly HashSet<string> Ids = ["a1", "17", "5f1d7f0b2c3e4a5b6c7d8e9f"];

    [Theory]
    [InlineData("page 1, application a1: name is missing.", "page 1, application erased: name is missing.")]
    [InlineData("a1", "erased")]
    [InlineData("a1, a1 and (a1).", "erased, erased and (erased).")]
    [InlineData("offset 200, application 2, application 5f1d7f0b2c3e4a5b6c7d8e9f: name is missing.", "offset 200, application 2, application erased: name is missing.")]
    [InlineData("applications.csv line 17, application 17: name is missing.", "applications.csv line 17, application erased: name is missing.")]
    [InlineData("AtsApi offset 17, item 17, application 17, application 18: name is missing.", "AtsApi offset 17, item 17, application 17, application 18: name is missing.")]
    public void An_id_is_taken_out_of_a_sentence_and_the_number_of_a_line_is_none(string sentence, string expected) =>
        Assert.Equal(expected, WholeText.WithoutIds(sentence, Ids, "erased"));

    [Theory]
    [InlineData("application a12: name is missing.")]
    [InlineData("application x-a1: name is missing.")]
    [InlineData("application a1_2: name is missing.")]
    [InlineData("application 5f1d7f0b2c3e4a5b6c7d8e9f0: name is missing.")]
    [InlineData("")]
    public void A_sentence_without_any_of_them_is_the_same(string sentence) => Assert.Same(sentence, WholeText.WithoutIds(sentence, Ids, "erased"));

    [Theory]
    [InlineData("application 17: _id is a duplicate id", "17", true)]
    [InlineData("application 170: _id is a duplicate id", "17", false)]
    [InlineData("application x-17: _id is a duplicate id", "17", false)]
    [InlineData("170 and 17", "17", true)]
    public void An_id_stands_in_a_text_when_it_stands_there_whole(string text, string id, bool stands) => Assert.Equal(stands, WholeText.HasId(text, id));

    [Theory]
    [InlineData("""{"email":"MIZZI@example.at"}""", true)]
    [InlineData("Write to mizzi@example.at.", true)]
    [InlineData("maria.mizzi@example.at", false)]
    [InlineData("mizzi@example.at.example", false)]
    [InlineData("mizzi@example.atx, mizzi@example.at", true)]
    [InlineData("", false)]
    public void An_address_stands_in_a_text_when_it_stands_there_whole(string text, bool stands) => Assert.Equal(stands, WholeText.HasAddress(text, "mizzi@example.at"));
}
