using HokifyMessaging.Runs;

namespace HokifyMessaging.Tests.Runs;

public sealed class KeyFormTests
{
    [Theory]
    [InlineData("nightly-2026-03-01")]
    [InlineData("with blanks inside")]
    [InlineData("täglich/große 工作 😀")]
    [InlineData("'; DROP TABLE ImportRun; --")]
    public void A_text_that_people_can_read_is_a_key(string key) => Assert.Null(KeyForm.Problem(key));

    [Theory]
    [InlineData("a\nb", "has a control, format or bidirectional character (U+000A) at position 2; leave it out")]
    [InlineData("\u0000", "has a control, format or bidirectional character (U+0000) at position 1; leave it out")]
    [InlineData("a\u001b[2J", "has a control, format or bidirectional character (U+001B) at position 2; leave it out")]
    [InlineData("a\u0085b", "has a control, format or bidirectional character (U+0085) at position 2; leave it out")]
    [InlineData("a\u200bb", "has a control, format or bidirectional character (U+200B) at position 2; leave it out")]
    [InlineData("a\u202eb", "has a control, format or bidirectional character (U+202E) at position 2; leave it out")]
    [InlineData("a\u2067b", "has a control, format or bidirectional character (U+2067) at position 2; leave it out")]
    [InlineData("a\u00adb", "has a control, format or bidirectional character (U+00AD) at position 2; leave it out")]
    [InlineData("a\ufeff", "has a control, format or bidirectional character (U+FEFF) at position 2; leave it out")]
    [InlineData("😀\U000E0041", "has a control, format or bidirectional character (U+E0041) at position 3; leave it out")]
    [InlineData("a\u2028b", "has a control, format or bidirectional character (U+2028) at position 2; leave it out")]
    [InlineData("a ", "begins or ends with a blank; leave it out")]
    [InlineData(" a", "begins or ends with a blank; leave it out")]
    [InlineData("a\u00a0", "begins or ends with a blank; leave it out")]
    [InlineData("\ta", "begins or ends with a blank; leave it out")]
    [InlineData("a\u3000", "begins or ends with a blank; leave it out")]
    public void What_people_cannot_see_is_none(string key, string problem) => Assert.Equal(problem, KeyForm.Problem(key));

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("has half a character (a lone surrogate) at position 2; leave it out", KeyForm.Problem("a\ud800"));

    [Fact]
    public void Too_long_is_none() => Assert.Equal("has 201 characters; at most 200 are allowed", KeyForm.Problem(new string('k', 201)));
}
