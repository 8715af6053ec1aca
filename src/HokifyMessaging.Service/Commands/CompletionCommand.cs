namespace HokifyMessaging.Service.Commands;

/// <summary><c>hokify completion</c>: a script by which a shell completes verbs and options. It asks the program itself, so it never grows old.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _hokify() {
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _hokify hokify
            """,
        ["zsh"] = """
            #compdef hokify
            _hokify() {
                local -a suggested
                suggested=("${(@f)$(hokify "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
                compadd -- "${suggested[@]}"
            }
            compdef _hokify hokify
            """,
        ["fish"] = """
            complete -c hokify -f -a '(hokify "[suggest:"(commandline -C)"]" (commandline -b) 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName hokify -ScriptBlock {
                param($word, $line, $cursor)
                hokify "[suggest:$cursor]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
                }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = $"The shell: {string.Join(", ", Scripts.Keys)}." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Scripts.ContainsKey(token.Value))
            {
                result.AddError($"shell is '{token.Value}'; it must be bash, zsh, fish or pwsh.");
            }
        });
        var verb = new Verb(
            "completion",
            "Prints a script that completes verbs and options",
            new VerbHelp(
                "Prints a script by which a shell completes verbs and options with the tab key. The script asks the program itself ('hokify \"[suggest:5]\" \"hokify ru\"' "
                + "prints what may stand there), so it stays right when the program is upgraded.")
            {
                Examples =
                [
                    ("source <(hokify completion bash)", "For this shell; in ~/.bashrc for each."),
                    ("hokify completion zsh > ~/.zsh/completions/_hokify", "A folder of zsh's fpath."),
                    ("hokify completion fish > ~/.config/fish/completions/hokify.fish", "For fish."),
                    ("hokify completion pwsh | Out-String | Invoke-Expression", "For PowerShell; in $PROFILE for each."),
                ],
            })
        {
            shell,
        };
        verb.SetAction((parsed, _) =>
        {
            Terminal.Out.WriteLine(Scripts[parsed.GetValue(shell)!]);
            return Task.FromResult(ExitCode.Done);
        });
        return verb;
    }
}
