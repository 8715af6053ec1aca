using HokifyMessaging.Machine;

namespace HokifyMessaging.Privacy;

/// <summary>What is wrong with the settings of retention, one sentence each.</summary>
internal static class RetentionSettings
{
    public static IEnumerable<string> Problems(HokifyOptions options) => ZoneProblems(options.Retention).Concat(options.Scopes.SelectMany(scope =>
        Problems(scope.Value.Retention).Select(problem => string.Create(CultureInfo.InvariantCulture, $"{HokifyOptions.Section}:Scopes:{scope.Key}:Retention{problem}."))));

    private static IEnumerable<string> ZoneProblems(RetentionOptions options) =>
        options.TimeZone is { } zone && KnownTimeZone.Problem(zone, $"{HokifyOptions.Section}:Retention:TimeZone") is { } problem ? [problem] : [];

    /// <returns>Each behind the place of the scope's retention.</returns>
    private static IEnumerable<string> Problems(ScopeRetentionOptions scope)
    {
        if (scope.Preset is { } preset && !Enum.IsDefined(preset))
        {
            yield return $":Preset is {preset}; it must be {nameof(RetentionPreset.Austria)} or {nameof(RetentionPreset.Germany)}";
        }

        if (scope.CountedFrom is { } from && !Enum.IsDefined(from))
        {
            yield return $":CountedFrom is {from}; it must be {string.Join(", ", Enum.GetNames<RetentionStart>())}";
        }

        var rule = RetentionRule.Of(scope, TimeZoneInfo.Utc);
        if (rule.From == RetentionStart.Rejection && rule.Months is not null && rule.RejectionStages.Count == 0)
        {
            yield return " counts from rejection, and RejectionStages names no stage; set those of hokify that mean that an application was rejected, such as rejected";
        }

        if (scope.RejectionStages.Any(string.IsNullOrWhiteSpace))
        {
            yield return ":RejectionStages has one that is blank; expected are stages of hokify, such as rejected";
        }

        if (scope.CountedFrom is not null && rule.Months is null)
        {
            yield return " says from when to count, and not how far; set Months, from 1 to 1200";
        }

        if (rule is { Forgets: false, PoolMonths: > 0 })
        {
            yield return ":TalentPool keeps applications longer, and nothing forgets any; set Months, AtMostMonths or Preset";
        }

        // What is out of its range has a sentence of its own.
        if (rule.PoolMonths is null or > 0 && TalentPool.Problem(scope.TalentPool) is { } problem)
        {
            yield return $":TalentPool {problem}";
        }
    }
}
