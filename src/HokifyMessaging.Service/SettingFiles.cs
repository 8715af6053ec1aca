using HokifyMessaging.Service.Http;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.KeyPerFile;

namespace HokifyMessaging.Service;

/// <summary>
/// Where settings come from, the same for every verb: <c>appsettings.json</c> beside the program, then the one in the current folder, where
/// whoever configures an installation keeps it; then the environment; then the files with secrets. What comes later counts.
/// </summary>
internal static class SettingFiles
{
    private static readonly (string Name, Type Type)[] Sections =
    [
        (HokifyOptions.Section, typeof(HokifyOptions)),
        (DatabaseOptions.Section, typeof(DatabaseOptions)),
        (TransportOptions.Section, typeof(TransportOptions)),
        (HttpOptions.Section, typeof(HttpOptions)),
    ];

    /// <summary>The framework's own, which it reads by itself.</summary>
    private static readonly string[] OtherSections = ["Logging", "Kestrel"];

    /// <summary>Adds what the host does not read by itself.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="environment">The host's environment, whose file is read behind the one for all.</param>
    public static void AddOwnFiles(this ConfigurationManager configuration, string environment)
    {
        AddCurrentFolder(configuration, environment);
        configuration.AddSecretFiles();
    }

    /// <summary>Refuses settings that nothing reads, whatever the verb: who misspells the database's looks into another one.</summary>
    /// <exception cref="OptionsValidationException">There are some.</exception>
    public static void RequireKnown(this IConfiguration configuration)
    {
        if (Unknown(configuration) is { Count: > 0 } problems)
        {
            throw new OptionsValidationException("", typeof(HokifyOptions), problems);
        }
    }

    /// <summary>A sentence for each setting that nothing reads.</summary>
    public static IReadOnlyList<string> Unknown(IConfiguration configuration) =>
    [
        .. KnownSettings.MisspeltSections(configuration, [.. Sections.Select(section => section.Name), .. OtherSections]),
        .. Sections.SelectMany(section => KnownSettings.Problems(configuration, section.Name, section.Type)),
    ];

    /// <summary>The files that were read, in the order in which they count, and behind them the folder of secrets, where there is one.</summary>
    public static IReadOnlyList<string> Read(IConfiguration configuration) =>
        configuration is IConfigurationRoot root ? [.. root.Providers.Select(provider => FileOf(provider, configuration)).OfType<string>().Select(file => VisibleText.Of(file))] : [];

    /// <summary>The same for the log.</summary>
    public static string Places(IConfiguration configuration) => Read(configuration) is { Count: > 0 } files
        ? $"{string.Join(", ", files)} and the environment"
        : "the environment alone, because neither the current folder nor the program's has an appsettings.json";

    /// <summary>The same as the end of a sentence about something that is not configured: it may be configured elsewhere.</summary>
    public static string WereRead(IConfiguration configuration) => $"settings were read from {Places(configuration)}";

    private static string? FileOf(IConfigurationProvider provider, IConfiguration configuration) => provider switch
    {
        JsonConfigurationProvider { Source: { FileProvider: { } files, Path: { } path } } when files.GetFileInfo(path) is { Exists: true } file => file.PhysicalPath,
        KeyPerFileConfigurationProvider => SecretFiles.FolderOf(configuration),
        _ => null,
    };

    private static void AddCurrentFolder(ConfigurationManager configuration, string environment)
    {
        var folder = Directory.GetCurrentDirectory();
        if (Path.TrimEndingDirectorySeparator(folder) == Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
        {
            return;
        }

        // Behind the files beside the program, and before what is told to this one process.
        IList<IConfigurationSource> sources = configuration.Sources;
        var place = sources.Index().Where(source => source.Item is JsonConfigurationSource { Path: { } path } && path.StartsWith("appsettings.", StringComparison.OrdinalIgnoreCase))
            .Select(source => source.Index + 1).LastOrDefault();
        foreach (var name in new[] { "appsettings.json", $"appsettings.{environment}.json" })
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                // Not watched: the folder may be anybody's, with any number of files in it.
                var source = new JsonConfigurationSource { Path = path, ReloadOnChange = false };
                source.ResolveFileProvider();
                sources.Insert(place++, source);
            }
        }
    }
}
