using System.Text.RegularExpressions;
using HokifyMessaging.Tests.Deployment;
using HokifyMessaging.Wording;

namespace HokifyMessaging.Tests.Wording;

/// <summary>Words agree with the numbers before them, in every text that has a number in it.</summary>
public sealed partial class CountedTests
{
    /// <summary>What texts count, as they call more than one of it.</summary>
    private static readonly HashSet<string> Plurals =
    [
        "records", "people", "persons", "runs", "applications", "pages", "files", "rows", "fields", "batches", "schedules", "messages", "holes", "failures", "seconds", "minutes",
        "months", "attempts", "bytes", "Datensätze", "Personen", "Läufe", "Bewerbungen", "Seiten", "Felder", "Zeitpläne", "Lücken", "Tage", .. Verbs,
    ];

    /// <summary>Parts of what is put in where it is no number, or one that is never one.</summary>
    private static readonly string[] Several =
    [
        "string.Join(", "ImportQueues.", "found.People.Count", "values.Count", "survey.Seen", "MostOfScope", "RecordTrails.Listed", "KeyLength", "Patience.", "_utf8",
    ];

    private static string[] Verbs => ["are", "were", "kamen", "warten", "wurden"];

    private static IEnumerable<(string Place, string Text)> Texts =>
        from file in Directory.EnumerateFiles(Checkout.PathOf("src"), "*.cs*", SearchOption.AllDirectories)
        where file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".cshtml", StringComparison.Ordinal)
        where !file.Contains("Sandbox", StringComparison.Ordinal) || file.EndsWith("Command.cs", StringComparison.Ordinal)
        from line in File.ReadLines(file).Index()
        from Match text in Interpolated().Matches(line.Item)
        select ($"{Path.GetRelativePath(Checkout.Folder, file)}:{line.Index + 1}", text.Value);

    [Theory]
    [InlineData(0, "0 records were read")]
    [InlineData(1, "1 record was read")]
    [InlineData(2, "2 records were read")]
    [InlineData(1234, "1,234 records were read")]
    public void The_first_form_is_for_one_and_the_second_for_all_others(int number, string text) =>
        Assert.Equal(text, Counted.Text($"{number:N0} {number:record|records} {number:was|were} read"));

    [Fact]
    public void Numbers_are_written_as_the_culture_has_it_and_what_is_no_number_as_it_is()
    {
        FormattableString text = $"{1234.5:N1} {1.0:Datensatz|Datensätze} {"x"} {null} {2L:a|b}";
        Assert.Equal("1.234,5 Datensatz x  b", text.ToString(new Counted(System.Globalization.CultureInfo.GetCultureInfo("de-DE"))));
    }

    [Fact]
    public void Every_text_with_a_number_is_right_for_none_one_and_two()
    {
        Assert.True(Texts.Count(text => Forms().IsMatch(text.Text)) > 50, "The texts with numbers are looked for in the wrong place.");
        var singulars = Texts.SelectMany(text => Forms().Matches(text.Text)).Where(form => Plurals.Except(Verbs).Contains(form.Groups["more"].Value.Split(' ')[0]))
            .Select(form => form.Groups["one"].Value.Split(' ')[0]).ToHashSet(StringComparer.Ordinal);

        foreach (var number in new[] { 0, 1, 2 })
        {
            var wrong = Texts.Select(text => (text.Place, Text: With(number, text.Text))).Where(text => Counts().Matches(text.Text).Any(count =>
                count.Groups["words"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
                && words.Take(2).Any(word => number == 1 ? Plurals.Contains(word) : word == words[0] && singulars.Contains(word) && !Plurals.Contains(word))));
            Assert.Empty(wrong);
        }
    }

    /// <summary>The text as it is with this number everywhere; what is put in that is no number stands there as …</summary>
    private static string With(int number, string text) =>
        Hole().Replace(Forms().Replace(text, form => form.Groups[number == 1 ? "one" : "more"].Value), hole => IsNeverOne(hole.Groups["what"].Value) ? "…" : $"#{number}");

    /// <summary>What is no number, or is never one: constants, and what is said of several only.</summary>
    private static bool IsNeverOne(string what) => Several.Any(part => what.Contains(part, StringComparison.Ordinal)) || ConstantName().IsMatch(what);

    [GeneratedRegex(@"\$+""(?:[^""{}\\]|\\.|\{\{|\}\}|\{(?:[^{}""]|""[^""]*"")*\})*""")]
    private static partial Regex Interpolated();

    [GeneratedRegex(@"\{[^{}""|]+:(?<one>[^{}""|]*)\|(?<more>[^{}""|]*)\}")]
    private static partial Regex Forms();

    [GeneratedRegex(@"\{(?<what>(?:[^{}:""]|""[^""]*"")+)(?::[^{}]*)?\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"#\d(?<words>(?: \p{L}+){1,2})(?! ?#|\p{L})")]
    private static partial Regex Counts();

    [GeneratedRegex(@"^(name|count|parent|([A-Z]\w*\.)*(Most|Longest|Max|Digest)\w*|[\w.]*Name|Seconds\(.*)$")]
    private static partial Regex ConstantName();
}
