namespace HokifyMessaging.Privacy;

/// <summary>What is wrong with the ages in the settings, one sentence each.</summary>
internal static class AgedSettings
{
    /// <summary>Whoever has agreed to be kept longer would be forgotten, because it is not known any more.</summary>
    public static IEnumerable<string> Problems(HokifyOptions options) => options.Retention.Payloads is null
        ? []
        : options.Scopes.Where(scope => scope.Value.Retention.TalentPool is { Months: not null, Column: null }).Select(scope => string.Create(
            CultureInfo.InvariantCulture,
            $"{HokifyOptions.Section}:Scopes:{scope.Key}:Retention:TalentPool reads the consent from the records as they came, which {HokifyOptions.Section}:Retention:Payloads removes; name a Column instead, which {HokifyOptions.Section}:Mapping:Questions can fill, or leave Payloads unset."));
}
