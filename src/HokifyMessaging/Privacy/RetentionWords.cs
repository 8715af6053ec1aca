namespace HokifyMessaging.Privacy;

/// <summary>A rule as one says it.</summary>
internal static class RetentionWords
{
    public static string Of(RetentionRule? rule)
    {
        if (rule is not { Forgets: true })
        {
            return "applications are kept until somebody erases them";
        }

        var parts = new List<string>();
        if (rule.Months is { } months)
        {
            parts.Add(rule.From switch
            {
                RetentionStart.Rejection => $"{Months(months)} from rejection ({string.Join(", ", rule.RejectionStages.Order(StringComparer.OrdinalIgnoreCase))})",
                RetentionStart.LastChange => $"{Months(months)} from the last change",
                _ => $"{Months(months)} from receipt",
            });
        }

        if (rule.AtMostMonths is { } most)
        {
            parts.Add($"at most {Months(most)} from receipt");
        }

        if (rule.PoolMonths is { } pool)
        {
            parts.Add($"with a consent {Months(pool)} from receipt");
        }

        return string.Join("; ", parts);
    }

    /// <summary>The same for whoever is told what is stored about them.</summary>
    public static string Of(RetentionRule rule, PeopleWords words)
    {
        var from = rule.From switch
        {
            RetentionStart.Rejection => words.FromRejection,
            RetentionStart.LastChange => words.FromLastChange,
            _ => words.FromReceipt,
        };
        (string Form, int? Number)[] parts = [(from, rule.Months), (words.AtMost, rule.AtMostMonths), (words.WithConsent, rule.PoolMonths)];
        return string.Join("; ", parts.Where(part => part.Number is not null).Select(part => string.Format(CultureInfo.InvariantCulture, part.Form, part.Number)));
    }

    private static string Months(int number) => Counted.Text($"{number} {number:month|months}");
}
