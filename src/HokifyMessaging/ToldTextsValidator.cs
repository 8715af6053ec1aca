namespace HokifyMessaging;

/// <summary>Refuses what a person could not be told.</summary>
internal static class ToldTextsValidator
{
    private const int Longest = 2_000;

    /// <summary>One sentence for each setting that is wrong.</summary>
    /// <param name="place">The section.</param>
    /// <param name="privacy">Its settings.</param>
    public static IEnumerable<string> Problems(string place, PrivacyOptions privacy) =>
        ProblemsOf($"{place}:{nameof(privacy.Controller)}", privacy.Controller)
            .Concat(ProblemsOf($"{place}:{nameof(privacy.Purposes)}", privacy.Purposes))
            .Concat(ProblemsOf($"{place}:{nameof(privacy.Recipients)}", privacy.Recipients));

    private static IEnumerable<string> ProblemsOf(string place, IList<ToldText> texts) => texts.SelectMany((text, number) =>
    {
        var at = FormattableString.Invariant($"{place}:{number}");
        return string.IsNullOrWhiteSpace(text.German) && string.IsNullOrWhiteSpace(text.English)
            ? [$"{at} has neither {nameof(text.German)} nor {nameof(text.English)}; expected is one of them, or both."]
            : ProblemsOf($"{at}:{nameof(text.German)}", text.German).Concat(ProblemsOf($"{at}:{nameof(text.English)}", text.English));
    });

    private static IEnumerable<string> ProblemsOf(string place, string? text)
    {
        if (text is { Length: > Longest })
        {
            yield return FormattableString.Invariant($"{place} has {text.Length} characters; it must have at most {Longest}.");
        }

        if (text is not null && VisibleText.Problem(text) is { } problem)
        {
            yield return $"{place} {problem}.";
        }
    }
}
