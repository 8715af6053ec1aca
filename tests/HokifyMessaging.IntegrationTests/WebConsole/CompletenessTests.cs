using System.Text.RegularExpressions;

namespace HokifyMessaging.IntegrationTests.WebConsole;

/// <summary>
/// What the program has and what its pages offer, beside what the browser tests have made use of. The tests of a collection that runs beside no other come
/// after all others; where only some of the console's tests were run, nothing can be said.
/// </summary>
[Collection(Name)]
public sealed partial class CompletenessTests
{
    private const string Name = "console, looked back on";
    private const string Wanted = "HOKIFY_TEST_WHOLE_CONSOLE";

    /// <summary>Pages that show nothing themselves and lead elsewhere.</summary>
    private static readonly string[] Leading = ["Index", "Language", "SignOut"];

    private readonly ConsoleLedger _ledger;

    public CompletenessTests(ConsoleLedger ledger)
    {
        // One browser test that fails makes most of these fail as well, and what they look for changes with the pages alone.
        Assert.SkipUnless(Environment.GetEnvironmentVariable(Wanted) == "1", $"{Wanted} is not 1.");
        _ledger = ledger;
        var missing = typeof(ConsoleTests).Assembly.GetTypes()
            .Where(type => type.CustomAttributes.Any(one => one.AttributeType == typeof(CollectionAttribute) && one.ConstructorArguments is [{ Value: ConsoleTests.Name }]))
            .Select(type => type.FullName!).Except(ledger.Drivers).ToList();
        Assert.SkipWhen(missing.Count > 0, $"Only a part of the console's tests was run, without {string.Join(", ", missing)}.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_handler_of_every_page_was_used_in_a_browser(bool hasScript)
    {
        Assert.True(ConsoleMap.Handlers.Count > 30, $"There are only {ConsoleMap.Handlers.Count}.");
        Nothing(Left(ConsoleMap.Handlers, _ledger.Used(hasScript)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_button_field_link_and_file_that_a_page_offered_was_used_in_a_browser(bool hasScript)
    {
        var offered = _ledger.Offered(hasScript);
        Assert.True(offered.Count > 80, $"There were only {offered.Count}.");
        Nothing(Left(offered, _ledger.Used(hasScript)));
    }

    [Fact]
    public void Every_page_offered_the_same_without_script_but_what_needs_one() =>
        Nothing(Left(_ledger.Offered(true).Where(offer => offer.Method != "COPY"), _ledger.Offered(false)));

    [Fact]
    public void Every_field_and_button_in_the_files_of_the_pages_was_offered()
    {
        var written = Directory.EnumerateFiles(Path.Combine(Tests.Deployment.Checkout.Folder, "src", "HokifyMessaging.Service", "WebConsole", "Pages"), "*.cshtml")
            .SelectMany(file => Element().Matches(File.ReadAllText(file)).Select(element => element.Value))
            .Where(element => !element.Contains("type=\"hidden\"", StringComparison.Ordinal) && NameOf().IsMatch(element))
            .Select(element => ConsoleMap.WithWord(NameOf().Match(element).Groups[1].Value, element.StartsWith("<button", StringComparison.Ordinal) ? ValueOf().Match(element).Groups[1].Value : ""));

        Assert.True(written.Count() > 40);
        Nothing(written.Distinct().Except(_ledger.Offered(false).Select(offer => offer.Part)));
    }

    [Fact]
    public void Every_page_was_checked_in_every_state()
    {
        Assert.Equal(ConsoleMap.Pages.Except(Leading).Except(["NotFound"]).Order(), ConsoleStates.Pages.Except([ConsoleStates.Error]).Order());
        var seen = _ledger.Checked.Where(one => one.Look.HasScript).Select(one => (one.Page, one.State)).ToHashSet();
        Nothing(ConsoleStates.Pages.SelectMany(page => ConsoleStates.Of(page).Select(one => (Page: page, one.State))).Except(seen).Select(one => $"{one.Page}, {one.State}"));
    }

    [Fact]
    public void Every_page_was_checked_by_night_on_a_telephone_in_German_and_without_script()
    {
        foreach (var (name, look) in new (string, Func<ConsoleLook, bool>)[]
        {
            ("dark", look => look is { IsDark: true, HasScript: true }),
            ("narrow", look => look is { Width: 360, HasScript: true }),
            ("German", look => look is { Language: "de-AT", HasScript: true }),
            ("without script", look => !look.HasScript),
        })
        {
            var seen = _ledger.Checked.Where(one => look(one.Look)).Select(one => one.Page);
            Nothing(ConsoleStates.Pages.Except(seen).Select(page => $"{page}, {name}"));
        }
    }

    private static void Nothing(IEnumerable<string> left) => Assert.True(!left.Any(), $"Left over: {string.Join("; ", left)}");

    private static IEnumerable<string> Left(IEnumerable<ConsoleOffer> there, IReadOnlySet<ConsoleOffer> used) => there.Where(offer => !used.Contains(offer)).Select(offer => $"{offer}").Order();

    [GeneratedRegex("<(input|select|textarea|button)[ >][^\n]*?>")]
    private static partial Regex Element();

    [GeneratedRegex(" name=\"([^\"@]+)\"")]
    private static partial Regex NameOf();

    [GeneratedRegex(" value=\"([^\"@]*)\"")]
    private static partial Regex ValueOf();

    [CollectionDefinition(Name, DisableParallelization = true)]
    public sealed class Afterwards;
}
