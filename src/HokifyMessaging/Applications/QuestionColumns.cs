using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace HokifyMessaging.Applications;

/// <summary>
/// Which column receives the answer to which interview question: the configured rules, then the built-in German and English
/// ones. hokify's questions are free texts of the companies, so the built-in rules look for the words that such
/// questions have in common.
/// </summary>
internal sealed class QuestionColumns
{
    /// <summary>The columns of CandidateProfile that an answer can fill; hokify itself fills the others.</summary>
    public static IReadOnlyList<string> Targets { get; } =
    [
        nameof(ProfileColumns.PreferredKind),
        nameof(ProfileColumns.PreferredTypes),
        nameof(ProfileColumns.PreferredCategories),
        nameof(ProfileColumns.PreferredPositions),
        nameof(ProfileColumns.PreferredRegions),
        nameof(ProfileColumns.PreferredSallery),
        nameof(ProfileColumns.PreferredStartDate),
        nameof(ProfileColumns.PreferredDurance),
        nameof(ProfileColumns.PreferredText),
        nameof(ProfileColumns.CurrentStatus),
        nameof(ProfileColumns.CurrentJobHuntingSince),
        nameof(ProfileColumns.CurrentEmployer),
        nameof(ProfileColumns.CurrentKind),
        nameof(ProfileColumns.CurrentType),
        nameof(ProfileColumns.CurrentCategory),
        nameof(ProfileColumns.CurrentPosition),
        nameof(ProfileColumns.CurrentSallery),
        nameof(ProfileColumns.CurrentChangeReason),
        nameof(ProfileColumns.CurrentNoticePeriod),
        nameof(ProfileColumns.CurrentEndOfEducation),
        nameof(ProfileColumns.CurrentEarliestEntryDate),
        nameof(ProfileColumns.CurrentExpectations),
        nameof(ProfileColumns.CoverLetter),
        nameof(ProfileColumns.VideoUrl),
        nameof(ProfileColumns.Consent),
        nameof(ProfileColumns.ConsentGDPR),
    ];

    /// <summary>
    /// The first rule that matches decides, so the more specific ones stand first. A consent is a legal fact: only a
    /// question that names both the data protection and the consent may set one.
    /// </summary>
    private static readonly Rule[] Defaults =
    [
        Matching(nameof(ProfileColumns.CurrentSallery), "(aktuell|derzeit|jetzig|bisherig|momentan|letzte|current|present|last).{0,30}(gehalt|lohn|verdien|einkommen|salary|wage)"),
        Matching(nameof(ProfileColumns.PreferredSallery), "gehalts?(vorstell|wunsch|wünsch|erwart)|(wunsch|mindest)(gehalt|lohn)|(gehalt|lohn|verdien|entlohnung).{0,30}(vorstell|erwart|wünsch|möcht)|(vorstell|erwart|wünsch|möcht).{0,40}(gehalt|lohn|verdien|entlohnung)|(salary|wage|pay|compensation).{0,20}(expect|requirement)|(expect|desired|target).{0,20}(salary|wage|pay|compensation)"),
        Matching(nameof(ProfileColumns.CurrentNoticePeriod), "k(ü|ue)ndigungsfrist|notice\\s+period|period\\s+of\\s+notice"),
        Matching(nameof(ProfileColumns.CurrentChangeReason), "wechsel(grund|motiv)|grund.{0,30}wechsel|(warum|weshalb|wieso).{0,60}wechsel|reason.{0,30}(chang|leav)|why.{0,40}(leav|chang)"),
        Matching(nameof(ProfileColumns.CurrentJobHuntingSince), "(arbeit|job|stellen)\\w*such\\w*\\s+seit|seit\\s+wann.{0,40}such|wie\\s+lange.{0,40}such|job\\s*hunting|(looking|searching).{0,30}since|since\\s+when.{0,40}(looking|search)|how\\s+long.{0,40}(looking|searching)"),
        Matching(nameof(ProfileColumns.PreferredStartDate), "(wunsch|wünsch).{0,20}(start|beginn|eintritt|einstieg)|(desired|preferred).{0,20}start"),
        Matching(nameof(ProfileColumns.CurrentEarliestEntryDate), "fr(ü|ue)hest.{0,25}(eintritt|beginn|start|einstieg|verf)|(eintritts|einstiegs)(termin|datum|zeitpunkt)|ab\\s+wann|wann.{0,40}(verf(ü|ue)gbar|beginnen|anfangen|starten|einsteigen)|verf(ü|ue)gbar\\s+ab|earliest.{0,20}(entry|start|join|availab)|(when|how\\s+soon).{0,40}(available|start|begin|join)|available\\s+from"),
        Matching(nameof(ProfileColumns.PreferredStartDate), "start(datum|termin)|start\\s*date"),
        Matching(nameof(ProfileColumns.CurrentEndOfEducation), "(ende|abschluss|beend).{0,30}(ausbildung|studi|schule|lehre)|(ausbildung|studi|schule|lehre).{0,30}(ende|beend)|end\\s+of.{0,20}(education|studies|school)|graduation\\s+date"),
        Matching(nameof(ProfileColumns.PreferredDurance), "(gewünschte|geplante).{0,20}dauer|(vertrags|beschäftigungs|praktikums|einsatz)dauer|^dauer\\b|\\bduration\\b|how\\s+long\\s+(do|would|will)\\s+you.{0,30}(work|stay)"),
        Matching(nameof(ProfileColumns.CurrentStatus), "(beschäftigungs|berufs)(status|verhältnis|situation)|(derzeit|aktuell|momentan).{0,30}(beschäftigt|angestellt|arbeitslos|arbeitssuchend|berufstätig)|(employment|occupational)\\s+status|currently\\s+employed"),
        Matching(nameof(ProfileColumns.VideoUrl), "video"),
        Matching(nameof(ProfileColumns.ConsentGDPR), "(datenschutz|dsgvo|gdpr|privacy|data\\s+protection).{0,120}(einwillig|zustimm|einverstanden|akzept|consent|agree|accept)|(einwillig|zustimm|einverstanden|akzept|consent|agree|accept).{0,120}(datenschutz|dsgvo|gdpr|privacy|data\\s+protection)"),
        Matching(nameof(ProfileColumns.CoverLetter), "motivation|anschreiben|bewerbungsschreiben|cover\\s*letter|(warum|weshalb|wieso).{0,60}(bewirb|bewerb|bei\\s+uns|interessier|richtige)|why.{0,60}(apply|join|interested|want\\s+to\\s+work)"),
        Matching(nameof(ProfileColumns.CurrentExpectations), "erwart(ung|est|en)|expectation|what\\s+do\\s+you\\s+expect"),
    ];

    /// <summary>Bounds of what is remembered: questions are foreign texts.</summary>
    private const int MostKnown = 10_000;
    private const int LongestKnown = 500;

    /// <summary>A company asks all its applicants the same questions, and the patterns take longer than all the rest of a mapping.</summary>
    private readonly ConcurrentDictionary<(string? ExternalId, string? Question), string?> _known = [];

    private readonly Rule[] _rules;

    /// <exception cref="ArgumentException">A rule is not usable; the message is the first of <see cref="Problems"/>.</exception>
    public QuestionColumns(MappingOptions options)
    {
        if (Problems(options) is [var problem, ..])
        {
            throw new ArgumentException(problem, nameof(options));
        }

        var configured = options.Questions.Select(rule => rule.ExternalId is { Length: > 0 } id
            ? new Rule(ColumnNamed(rule.Column)!, null, id)
            : Matching(ColumnNamed(rule.Column)!, rule.Pattern!));
        _rules = options.UseDefaultQuestions ? [.. configured, .. Defaults] : [.. configured];
    }

    /// <summary>What is wrong with the configured rules, one sentence each; checked at start-up.</summary>
    public static IReadOnlyList<string> Problems(MappingOptions options)
    {
        var problems = new List<string>();
        for (var index = 0; index < options.Questions.Count; index++)
        {
            if (ProblemOf(options.Questions[index]) is { } problem)
            {
                problems.Add($"Hokify:Mapping:Questions:{index} {problem}.");
            }
        }

        return problems;
    }

    /// <summary>The column that the question's answer belongs to; null where no rule matches.</summary>
    public string? ColumnOf(InterviewAnswer answer)
    {
        var asked = (answer.ExternalId, answer.Question);
        if (_known.TryGetValue(asked, out var column))
        {
            return column;
        }

        column = FirstMatch(answer);
        if (_known.Count < MostKnown && answer.Question is not { Length: > LongestKnown })
        {
            _known.TryAdd(asked, column);
        }

        return column;
    }

    private string? FirstMatch(InterviewAnswer answer)
    {
        foreach (var rule in _rules)
        {
            if (rule.Matches(answer))
            {
                return rule.Column;
            }
        }

        return null;
    }

    private static string? ProblemOf(QuestionRule rule)
    {
        var hasPattern = !string.IsNullOrEmpty(rule.Pattern);
        var hasExternalId = !string.IsNullOrEmpty(rule.ExternalId);
        if (hasPattern && hasExternalId)
        {
            return "has both Pattern and ExternalId; expected is one of them";
        }

        if (!hasPattern && !hasExternalId)
        {
            return "has neither Pattern nor ExternalId; expected is one of them";
        }

        if (ColumnNamed(rule.Column) is null)
        {
            return $"names the column '{rule.Column}', which no answer can fill; expected is one of {string.Join(", ", Targets)}";
        }

        if (!hasPattern)
        {
            return null;
        }

        try
        {
            _ = Matching(rule.Column, rule.Pattern!);
            return null;
        }
        catch (ArgumentException invalid)
        {
            return $"has the pattern '{rule.Pattern}', which is not a regular expression ({invalid.Message.TrimEnd('.')})";
        }
        catch (NotSupportedException)
        {
            return $"has the pattern '{rule.Pattern}', which looks around or back; expected is a regular expression without look-arounds and back references";
        }
    }

    private static string? ColumnNamed(string name) =>
        Targets.FirstOrDefault(target => target.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Questions are foreign text and patterns are configuration: without backtracking no pair of them can stall an import.</summary>
    private static Rule Matching(string column, string pattern) => new(
        column, new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), null);

    private sealed record Rule(string Column, Regex? Pattern, string? ExternalId)
    {
        public bool Matches(InterviewAnswer answer) => Pattern is null
            ? answer.ExternalId == ExternalId
            : answer.Question is { } question && Pattern.IsMatch(question);
    }
}
