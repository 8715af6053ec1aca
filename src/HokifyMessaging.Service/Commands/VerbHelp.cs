namespace HokifyMessaging.Service.Commands;

/// <summary>What a verb's own help says beside its arguments and options.</summary>
/// <param name="Paragraph">What it does, in whole sentences.</param>
internal sealed record VerbHelp(string Paragraph)
{
    /// <summary>How it is called, and what that does.</summary>
    public IReadOnlyList<(string Line, string Does)> Examples { get; init; } = [];

    /// <summary>What its exit codes mean; those of all verbs are added.</summary>
    public IReadOnlyList<(int Code, string Meaning)> ExitCodes { get; init; } = [(ExitCode.Done, "done"), (ExitCode.Failed, "it could not be done; the error stream says why")];

    /// <summary>Whether it ends by itself, so that Ctrl+C interrupts it; otherwise Ctrl+C is its end.</summary>
    public bool EndsByItself { get; init; } = true;
}

/// <summary>A verb, with its line in the list of verbs and its own help.</summary>
internal sealed class Verb : Command
{
    /// <summary>A longer line would not fit beside the names.</summary>
    public const int LongestLine = 60;

    /// <param name="name">Its name.</param>
    /// <param name="line">What the list of verbs says of it, without a full stop.</param>
    /// <param name="help">Its own help.</param>
    public Verb(string name, string line, VerbHelp help)
        : base(name, line) => Help = help;

    public VerbHelp Help { get; }
}

/// <summary>Verbs for those who want the same.</summary>
/// <param name="Wish">What they want, in a word or two.</param>
/// <param name="Verbs">The verbs.</param>
internal sealed record VerbGroup(string Wish, IReadOnlyList<Command> Verbs);
