using System.Text.RegularExpressions;
using HokifyMessaging.Machine;
using HokifyMessaging.Privacy;
using HokifyMessaging.Reading;
using HokifyMessaging.Reading.CsvFiles;
using HokifyMessaging.Schedules;
using HokifyMessaging.Writing;

namespace HokifyMessaging;

[OptionsValidator]
internal sealed partial class DatabaseAnnotationsValidator : IValidateOptions<DatabaseOptions>;

[OptionsValidator]
internal sealed partial class ImportOptionsValidator : IValidateOptions<ImportOptions>;

[OptionsValidator]
internal sealed partial class ReadingOptionsValidator : IValidateOptions<ReadingOptions>;

[OptionsValidator]
internal sealed partial class LedgerOptionsValidator : IValidateOptions<LedgerOptions>;

[OptionsValidator]
internal sealed partial class RetentionAnnotationsValidator : IValidateOptions<RetentionOptions>;

[OptionsValidator]
internal sealed partial class ScopeOptionsValidator : IValidateOptions<ScopeOptions>;

/// <summary>The annotations' sentences, with each setting named as it stands in the configuration.</summary>
internal static partial class AnnotationSentences
{
    /// <param name="result"><c>BatchSize: The field Hokify:Import.BatchSize must be between 1 and 20000.</c></param>
    /// <returns><c>Hokify:Import:BatchSize must be between 1 and 20000.</c></returns>
    public static IEnumerable<string> Of(ValidateOptionsResult result) =>
        (result.Failures ?? []).Select(failure => Sentence().Match(failure) is { Success: true, Groups: var parts }
            ? $"{parts["setting"].Value.Replace('.', ':')} {parts["rule"].Value}"
            : failure);

    [GeneratedRegex(@"^\w+: The (field )?(?<setting>\S+) (field )?(?<rule>(must|is) .*)$", RegexOptions.Singleline)]
    private static partial Regex Sentence();
}

/// <summary>Refuses a database's settings at start-up, with one sentence for each that is wrong.</summary>
internal sealed class DatabaseOptionsValidator : IValidateOptions<DatabaseOptions>
{
    public ValidateOptionsResult Validate(string? name, DatabaseOptions options)
    {
        var failures = AnnotationSentences.Of(new DatabaseAnnotationsValidator().Validate(DatabaseOptions.Section, options)).ToList();
        if (options.Provider == DatabaseProvider.Sqlite && !string.IsNullOrEmpty(options.Password))
        {
            failures.Add($"{DatabaseOptions.Section}:{nameof(options.Password)} is set, and SQLite knows none; it is for SQL Server ({DatabaseOptions.Section}:{nameof(options.Provider)}).");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

/// <summary>Refuses a configuration at start-up, with one sentence for each setting that is wrong.</summary>
internal sealed class HokifyOptionsValidator(IOptions<DatabaseOptions> database) : IValidateOptions<HokifyOptions>
{
    public ValidateOptionsResult Validate(string? name, HokifyOptions options)
    {
        var failures = new List<string>();
        Collect(new ImportOptionsValidator().Validate($"{HokifyOptions.Section}:Import", options.Import));
        Collect(new ReadingOptionsValidator().Validate($"{HokifyOptions.Section}:Reading", options.Reading));
        failures.AddRange(Sizes($"{HokifyOptions.Section}:Reading", options.Reading));
        Collect(new LedgerOptionsValidator().Validate($"{HokifyOptions.Section}:Ledger", options.Ledger));
        foreach (var (scopeId, scope) in options.Scopes)
        {
            var place = $"{HokifyOptions.Section}:Scopes:{scopeId}";
            Collect(new ScopeOptionsValidator().Validate(place, scope));
            failures.AddRange(Source(place, scope));
            if (VisibleText.Problem(scope.Name) is { } problem)
            {
                failures.Add($"{place}:Name {problem}.");
            }

            if (scope.CsvFiles.Encoding is { Length: > 0 } encoding && TextEncodings.Find(encoding) is null)
            {
                failures.Add($"{place}:CsvFiles:Encoding is '{encoding}', which this machine does not know; it must be the name of an encoding, such as windows-1252, iso-8859-15 or utf-16.");
            }

            failures.AddRange(ScheduleSettings.Problems($"{place}:Schedules", scope.Schedules));
            failures.AddRange(FlatFields.Problems(scope.CsvFiles.HeaderAliases).Select(problem => $"{place}:CsvFiles:{problem}"));
        }

        failures.AddRange(QuestionColumns.Problems(options.Mapping));

        if (KnownTimeZone.Problem(options.Csv.TimeZone, $"{HokifyOptions.Section}:Csv:TimeZone") is { } zone)
        {
            failures.Add(zone);
        }

        if (!Enum.IsDefined(options.Csv.ExcelSeparator))
        {
            failures.Add($"{HokifyOptions.Section}:Csv:ExcelSeparator is {options.Csv.ExcelSeparator}; it must be Semicolon or Comma.");
        }

        Collect(new RetentionAnnotationsValidator().Validate($"{HokifyOptions.Section}:Retention", options.Retention));
        failures.AddRange(RetentionSettings.Problems(options));
        failures.AddRange(AgedSettings.Problems(options));
        if (!Enum.IsDefined(options.Csv.MaskedFor))
        {
            failures.Add($"{HokifyOptions.Section}:Csv:MaskedFor is {options.Csv.MaskedFor}; it must be {nameof(MaskedReaders.Keys)}, {nameof(MaskedReaders.KeysAndLinks)} or {nameof(MaskedReaders.Everybody)}.");
        }

        failures.AddRange(ToldTextsValidator.Problems($"{HokifyOptions.Section}:Privacy", options.Privacy));

        if (options.Privacy.ErasureKey is { Length: > 0 } key && ErasureKeyChain.Parse(key) is null)
        {
            failures.Add($"{HokifyOptions.Section}:Privacy:ErasureKey must be {ErasureSecret.What}, or several of that, the oldest first, with commas between.");
        }

        if (string.IsNullOrEmpty(options.Privacy.ErasureKey) && IsSqlServer())
        {
            failures.Add($"{HokifyOptions.Section}:Privacy:ErasureKey is empty; with SQL Server set it to base64 of at least 32 random bytes, through the environment or user secrets.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Collect(ValidateOptionsResult result) => failures.AddRange(AnnotationSentences.Of(result));
    }

    private bool IsSqlServer()
    {
        try
        {
            return database.Value.Provider == DatabaseProvider.SqlServer;
        }
        catch (OptionsValidationException)
        {
            // The database's own validator says so, once.
            return false;
        }
    }

    /// <summary>What is held must have room for one item, and a page for what is held.</summary>
    private static IEnumerable<string> Sizes(string place, ReadingOptions reading)
    {
        if (reading.LargestBatch < reading.LargestItem)
        {
            yield return $"{place}:LargestBatch is {reading.LargestBatch}; it must be {place}:LargestItem ({reading.LargestItem}) or more.";
        }

        if (reading.LargestPage < reading.LargestItem)
        {
            yield return $"{place}:LargestPage is {reading.LargestPage}; it must be {place}:LargestItem ({reading.LargestItem}) or more.";
        }
    }

    private static IEnumerable<string> Source(string place, ScopeOptions scope) => scope.Source switch
    {
        SourceKind.AtsApi => Api($"{place}:AtsApi", scope.AtsApi.BaseAddress, scope.AtsApi.Mandator, scope.AtsApi.Token),
        SourceKind.ExternApi => Api($"{place}:ExternApi", scope.ExternApi.BaseAddress, scope.ExternApi.Mandator, scope.ExternApi.Token),
        SourceKind.CsvFiles when string.IsNullOrWhiteSpace(scope.CsvFiles.Path) =>
            [$"{place}:CsvFiles:Path is empty; it must name a CSV file or a folder of CSV files."],
        SourceKind.CsvFiles => [],
        _ => [$"{place}:Source is {scope.Source}; it must be AtsApi, ExternApi or CsvFiles."],
    };

    private static IEnumerable<string> Api(string place, Uri address, string mandator, string token)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
        {
            yield return $"{place}:BaseAddress must be an https address (http only on this machine): the credentials travel with every call.";
        }

        if (string.IsNullOrWhiteSpace(mandator))
        {
            yield return $"{place}:Mandator is empty; it is the company's id at hokify.";
        }

        if (string.IsNullOrWhiteSpace(token))
        {
            yield return $"{place}:Token is empty; set it through the environment ({place.Replace(":", "__", StringComparison.Ordinal)}__Token) or user secrets.";
        }
    }
}
