using System.Text.RegularExpressions;

namespace HokifyMessaging.Privacy;

/// <summary>Whether a person has agreed to be kept for other jobs, by what is stored of their application.</summary>
internal sealed class TalentPool
{
    private const string BetweenQuestionAndAnswer = ": ";

    private readonly Column<ProfileColumns>? _column;
    private readonly Regex? _question;
    private readonly string? _externalId;
    private readonly HashSet<string> _answers;

    public TalentPool(TalentPoolOptions options)
    {
        _column = ColumnNamed(options.Column);
        _question = string.IsNullOrEmpty(options.Question) ? null : Matching(options.Question);
        _externalId = options.ExternalId;
        _answers = options.Answers.Select(answer => answer.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether the record as it was received has to be looked at.</summary>
    public bool NeedsPayload => _column is null;

    /// <param name="columns">The application's columns.</param>
    /// <param name="payload">The record as it was received; null where it is not kept any more.</param>
    public bool HasConsent(ProfileColumns columns, string? payload)
    {
        if (_column is not null)
        {
            return _column.Value(columns) switch { bool flag => flag, var value => Agrees(value?.ToString()) };
        }

        if (payload is not null && ApplicationPayload.ReadWhatCanBe(payload) is { } record)
        {
            return record.Answers.Any(answer => (_question is null ? answer.ExternalId == _externalId : answer.Question is { } text && _question.IsMatch(text)) && Agrees(answer.Answer));
        }

        // An answer that has no column of its own is a line behind its question.
        return _question is not null && columns.Comment is { } comment && comment.Split('\n').Any(IsConsent);

        bool IsConsent(string line) => line.LastIndexOf(BetweenQuestionAndAnswer, StringComparison.Ordinal) is > 0 and var at
            && _question.IsMatch(line[..at]) && Agrees(line[(at + BetweenQuestionAndAnswer.Length)..]);
    }

    /// <summary>What is wrong with the settings, as the rest of a sentence that begins with their place; null when nothing is.</summary>
    public static string? Problem(TalentPoolOptions options)
    {
        var given = new[] { options.Column, options.Question, options.ExternalId }.Count(text => !string.IsNullOrEmpty(text));
        return (options.Months, given) switch
        {
            (null, 0) when options.Answers.Count == 0 => null,
            (null, _) => "says how people agree, and not for how long they are kept then; set Months, from 1 to 1200",
            (_, 0) => "has Months, and neither Column, Question nor ExternalId; expected is one of them, by which people agree",
            (_, > 1) => "has several of Column, Question and ExternalId; expected is one of them",
            _ when options.Column is { Length: > 0 } column && ColumnNamed(column) is null => $"names the column '{column}', which CandidateProfile has not, or no answer can fill; expected is one of {string.Join(", ", QuestionColumns.Targets)}",
            _ when options.Question is { Length: > 0 } question => ProblemOf(question),
            _ => null,
        };
    }

    private static string? ProblemOf(string question)
    {
        try
        {
            _ = Matching(question);
            return null;
        }
        catch (ArgumentException)
        {
            return $"has the question '{question}', which is not a regular expression";
        }
        catch (NotSupportedException)
        {
            return $"has the question '{question}', which looks around or back; expected is a regular expression without look-arounds and back references";
        }
    }

    private bool Agrees(string? answer) => answer is not null && (_answers.Count == 0 ? YesOrNo.Parse(answer) is true : _answers.Contains(answer.Trim()));

    private static Column<ProfileColumns>? ColumnNamed(string? name) => QuestionColumns.Targets.FirstOrDefault(target => target.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } target
        ? ProfileColumns.All.Single(column => column.Name == target)
        : null;

    private static Regex Matching(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
