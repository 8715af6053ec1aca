using System.CommandLine;
using System.CommandLine.Help;
using HokifyMessaging.Service.Commands;

namespace HokifyMessaging.Tests.Service.Commands;

/// <summary>What the program says of its verbs.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Verbs => [.. All(HokifyCommand.Create(), "").Select(verb => verb.Path)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void It_was_looked_at(string verb) => Approval.Holds(HelpOf(verb), $"help{(verb.Length > 0 ? "-" : "")}{verb.Replace(' ', '-')}");

    [Theory]
    [MemberData(nameof(Verbs))]
    public void It_fits_into_80_columns_but_for_what_is_to_be_copied(string verb) => Assert.All(
        HelpOf(verb).Split('\n').Where(line => !line.StartsWith("  hokify ", StringComparison.Ordinal) && !line.Contains('=', StringComparison.Ordinal) && !line.Contains('>', StringComparison.Ordinal)),
        line => Assert.InRange(line.Length, 0, 80));

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Each_verb_has_a_short_line_and_a_help_with_exit_codes(string verb)
    {
        if (verb.Length == 0)
        {
            return;
        }

        var command = Assert.IsType<Verb>(All(HokifyCommand.Create(), "").Single(one => one.Path == verb).Command);

        Assert.InRange(command.Description!.Length, 10, Verb.LongestLine);
        Assert.DoesNotContain('.', command.Description);
        Assert.EndsWith(".", command.Help.Paragraph.TrimEnd(')'), StringComparison.Ordinal);
        Assert.All(command.Help.Examples, example => Assert.Contains("hokify ", example.Line, StringComparison.Ordinal));
        Assert.NotEmpty(command.Help.Examples);
        Assert.DoesNotMatch(@"(?i)\b(nudg\w*|fence\w*|slic\w*|ledger|seed's)\b", HelpOf(verb));
        Assert.All(command.Options.Where(option => option is not HelpOption), option => Assert.EndsWith(".", option.Description, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Each_example_is_understood(string verb)
    {
        if (All(HokifyCommand.Create(), "").Single(one => one.Path == verb).Command is not Verb { Help.Examples: var examples })
        {
            return;
        }

        Assert.All(examples, example =>
        {
            var words = example.Line[example.Line.IndexOf("hokify ", StringComparison.Ordinal)..].Split(['|', '>', ')'])[0].Trim().Split(' ')[1..];
            var errors = HokifyCommand.Parse(words).Errors;
            Assert.True(errors.Count == 0, $"{example.Line}: {string.Join(' ', errors.Select(error => error.Message))}");
        });
    }

    [Fact]
    public void The_option_is_answered_for_every_verb_by_the_same_page()
    {
        using var output = new StringWriter();

        var code = HokifyCommand.Create().Parse(["runs", "show", "--help"]).Invoke(new InvocationConfiguration { Output = output });

        Assert.Equal(0, code);
        Assert.Contains("hokify runs show <id-or-key> [options]", output.ToString(), StringComparison.Ordinal);
    }

    private static string HelpOf(string verb)
    {
        using var output = new StringWriter();
        var root = (RootCommand)HokifyCommand.Create();
        ((HelpPage)root.Options.OfType<HelpOption>().Single().Action!).Write(All(root, "").Single(one => one.Path == verb).Command, output, 80);
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static IEnumerable<(string Path, Command Command)> All(Command command, string path) =>
        command.Subcommands.SelectMany(verb => All(verb, $"{path} {verb.Name}".Trim())).Prepend((path, command));
}
