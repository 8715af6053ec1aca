using HokifyMessaging.Applications;

namespace HokifyMessaging.Tests.Applications;

public sealed class NameKeyTests
{
    [Theory]
    [InlineData("Anna Huber", "anna huber")]
    [InlineData("Huber, Anna", "anna huber")]
    [InlineData("HUBER Anna", "anna huber")]
    [InlineData("Mag. Anna Huber, MSc", "anna huber")]
    [InlineData("Mag.a Anna Huber", "anna huber")]
    [InlineData("Mag.(FH) Anna Huber", "anna huber")]
    [InlineData("DI (FH) Anna Huber, BSc MBA", "anna huber")]
    [InlineData("Dipl.-Ing. Dr. techn. Anna Huber", "anna huber")]
    [InlineData("Dr.Anna Huber", "anna huber")]
    [InlineData("Univ.-Prof. DDr. Anna Huber, Ph.D.", "anna huber")]
    [InlineData("Frau Anna\u00A0Huber", "anna huber")]
    [InlineData("  Anna\u200B   Huber ", "anna huber")]
    [InlineData("Anna-Maria Huber", "anna huber maria")]
    [InlineData("Jörg Müller", "jorg muller")]
    [InlineData("Joerg Mueller", "jorg muller")]
    [InlineData("Jo\u0308rg Mu\u0308ller", "jorg muller")]
    [InlineData("Zoë Weiß", "weiss zo")]
    [InlineData("ZOE WEISS", "weiss zo")]
    [InlineData("Łukasz Nowák", "lukasz nowak")]
    [InlineData("Siobhán O’Brien", "obrien siobhan")]
    [InlineData("Ljubomir van der Berg", "berg der ljubomir van")]
    [InlineData("Phil Collins", "collins phil")]
    [InlineData("Dr. phil. Phil Collins", "collins phil")]
    [InlineData("Ma", "ma")]
    [InlineData("Владимир Иванов", "владимир иванов")]
    [InlineData("", "")]
    [InlineData(" \t", "")]
    [InlineData("–", "")]
    [InlineData(null, "")]
    public void Spellings_of_one_name_are_equal(string? name, string key) => Assert.Equal(key, NameKey.Of(name));

    [Theory]
    [InlineData("Anna Huber", "Anne Huber")]
    [InlineData("Anna Huber", "Anna Hubert")]
    [InlineData("Anna Huber sen.", "Anna Huber jun.")]
    [InlineData("Nat Huber", "Phil Huber")]
    [InlineData("Anna Huber", "Anna Maria Huber")]
    public void Other_names_are_not(string one, string other) => Assert.NotEqual(NameKey.Of(one), NameKey.Of(other));

    [Fact]
    public void Half_a_surrogate_pair_and_what_is_no_character_are_no_trouble() =>
        Assert.All(["Anna \uD83D Huber", "Anna \uFFFE Huber", "Mag.\uFFFE Anna Huber", "Dr.\uD83D Anna Huber"], name =>
        {
            Assert.NotEqual("", NameKey.Of(name));
            Assert.NotEqual("", PersonName.Split(name).ToString());
        });
}
