using System.CommandLine.Help;
using System.CommandLine.Invocation;
using HokifyMessaging.Service.Screens;

namespace HokifyMessaging.Service.Commands;

/// <summary>The help of the program and of each verb: one form for all of them.</summary>
/// <param name="groups">The verbs.</param>
internal sealed class HelpPage(IReadOnlyList<VerbGroup> groups) : SynchronousCommandLineAction
{
    private const int Indent = 2;

    /// <summary>Where what is said of a name begins, unless the name is longer.</summary>
    private const int Column = 30;

    /// <summary>Whoever asks what a verb wants cannot be expected to have said it.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output, Terminal.PageWidth());
        return ExitCode.Done;
    }

    /// <summary>Puts it in the place of the parser's own.</summary>
    public void ReplaceIn(RootCommand root) => root.Options.OfType<HelpOption>().Single().Action = this;

    public void Write(Command command, TextWriter output, int width)
    {
        var page = new Page(output, width);
        page.Text(command is Verb verb ? verb.Help.Paragraph : command.Description ?? "");
        WriteUsage(page, command);
        if (command is RootCommand)
        {
            foreach (var group in groups)
            {
                page.Names(group.Wish, group.Verbs.Select(verb => (PathOf(verb)["hokify ".Length..], verb.Description ?? "")));
            }
        }
        else
        {
            page.Names("Commands", command.Subcommands.Where(sub => !sub.Hidden).Select(LineOf));
        }

        page.Names("Arguments", command.Arguments.Where(argument => !argument.Hidden).Select(argument => ($"<{argument.Name}>", argument.Description ?? "")));
        page.Names("Options", OptionsOf(command).Select(option => (NamesOf(option), WhatIsSaidOf(option))));
        if (command is Verb { Help: var help })
        {
            WriteExamples(page, help);
            page.Names("Exit codes", ExitCodesOf(help));
        }
        else if (command is RootCommand)
        {
            page.Gap();
            page.Text("'hokify <verb> --help' has more about each: what it does, examples and exit codes.");
        }
    }

    private static void WriteUsage(Page page, Command command)
    {
        var path = PathOf(command);
        var required = string.Concat(OptionsOf(command).Where(option => option.Required).Select(option => $" {NamesOf(option)}"));
        page.Heading("Usage");
        if (command.Action is not null)
        {
            page.Line($"{path}{ArgumentsOf(command)}{required} [options]");
        }

        if (command.Subcommands.Count > 0)
        {
            page.Line($"{path} <{(command is RootCommand ? "verb" : "command")}> [options]");
        }
    }

    private static void WriteExamples(Page page, VerbHelp help)
    {
        if (help.Examples.Count == 0)
        {
            return;
        }

        page.Heading("Examples");
        foreach (var (line, does) in help.Examples)
        {
            page.Line(line);
            page.Text(does, 2 * Indent);
        }
    }

    private static IEnumerable<(string Name, string Text)> ExitCodesOf(VerbHelp help)
    {
        var codes = help.EndsByItself ? help.ExitCodes.Append((ExitCode.Interrupted, "it was interrupted, by Ctrl+C or SIGTERM")) : help.ExitCodes;
        return codes.Select(code => (ShownValue.Of(code.Item1), code.Item2));
    }

    private static (string Name, string Text) LineOf(Command verb) =>
        ($"{verb.Name}{ArgumentsOf(verb)}", verb.Description ?? "");

    private static string ArgumentsOf(Command command) => string.Concat(command.Arguments.Select(argument => $" <{argument.Name}>"));

    private static string PathOf(Command command) =>
        command is RootCommand ? "hokify" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";

    /// <summary>Its own ones, and those that a command above it has for all beneath.</summary>
    private static IEnumerable<Option> OptionsOf(Command command)
    {
        var own = command.Options.Where(option => !option.Hidden && option is not HelpOption);
        var above = command.Parents.OfType<Command>().SelectMany(parent => OptionsOf(parent).Where(option => option.Recursive));
        var help = command.Options.OfType<HelpOption>().Concat(command.Parents.OfType<Command>().SelectMany(Help));
        return own.Concat(above.Where(option => option is not HelpOption)).Concat(help);

        static IEnumerable<HelpOption> Help(Command parent) => parent.Options.OfType<HelpOption>().Concat(parent.Parents.OfType<Command>().SelectMany(Help));
    }

    private static string NamesOf(Option option) => option switch
    {
        HelpOption => "-h, --help",
        _ when option.ValueType == typeof(bool) || option is VersionOption => option.Name,
        _ => $"{option.Name} <{option.HelpName ?? option.Name.TrimStart('-')}>",
    };

    private static string WhatIsSaidOf(Option option)
    {
        var said = option is HelpOption ? "Show this help." : option is VersionOption ? "Show the version." : option.Description ?? "";
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        var choice = type.IsEnum ? $" One of {string.Join(", ", Enum.GetNames(type))}." : "";
        var isDefaultSaid = option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is not null;
        return $"{said}{choice}{(isDefaultSaid ? $" Default: {Convert.ToString(option.GetDefaultValue(), CultureInfo.InvariantCulture)}." : "")}{(option.Required ? " Required." : "")}";
    }

    /// <summary>The lines of a page.</summary>
    private sealed class Page(TextWriter output, int width)
    {
        public void Gap() => output.WriteLine();

        public void Heading(string heading)
        {
            Gap();
            output.WriteLine($"{heading}:");
        }

        /// <summary>A line that is there to be copied, and stays one.</summary>
        public void Line(string line) => output.WriteLine($"{new string(' ', Indent)}{line}");

        public void Text(string text, int indent = 0)
        {
            foreach (var line in WrappedText.Of(text, Math.Max(1, width - indent)))
            {
                output.WriteLine($"{new string(' ', indent)}{line}");
            }
        }

        /// <summary>Names, each with what is said of it beside it, or beneath it where the name is long or the page narrow.</summary>
        public void Names(string heading, IEnumerable<(string Name, string Text)> names)
        {
            var all = names.ToList();
            if (all.Count == 0)
            {
                return;
            }

            Heading(heading);
            var at = width < 60 ? 2 * Indent : Math.Min(Column, all.Max(one => one.Name.Length) + (2 * Indent));
            foreach (var (name, text) in all)
            {
                var beginning = new string(' ', Indent) + name;
                if (beginning.Length + Indent > at)
                {
                    output.WriteLine(beginning);
                    beginning = "";
                }

                foreach (var line in WrappedText.Of(text, Math.Max(1, width - at)))
                {
                    output.WriteLine($"{beginning.PadRight(at)}{line}");
                    beginning = "";
                }
            }
        }
    }
}
