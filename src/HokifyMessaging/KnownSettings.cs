using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.DependencyInjection;

namespace HokifyMessaging;

/// <summary>
/// How sections are bound: a setting that is misspelt, or has a value that is none, stops the start. By default the
/// binder passes over it, and over the whole scope that holds it.
/// </summary>
internal static class KnownSettings
{
    /// <summary>Binds a section, and refuses what in it is no setting, each by its full key.</summary>
    /// <param name="options">The options to bind.</param>
    /// <param name="section">The section's name.</param>
    public static OptionsBuilder<TOptions> BindKnown<TOptions>(this OptionsBuilder<TOptions> options, string section)
        where TOptions : class => options
        .Configure<IConfiguration>((_, configuration) => Require(configuration, section, typeof(TOptions)))
        .BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true)
        .ValidateOnStart();

    /// <summary>Refuses what is no setting.</summary>
    /// <param name="configuration">All that is configured.</param>
    /// <param name="section">The section to look at.</param>
    /// <param name="type">The options that it is bound to.</param>
    /// <exception cref="OptionsValidationException">There is something.</exception>
    public static void Require(IConfiguration configuration, string section, Type type)
    {
        if (Problems(configuration, section, type).ToList() is { Count: > 0 } problems)
        {
            throw new OptionsValidationException(section, type, problems);
        }
    }

    /// <summary>A sentence for each key of a section that is no setting.</summary>
    /// <param name="configuration">All that is configured.</param>
    /// <param name="section">The section to look at.</param>
    /// <param name="type">The options that it is bound to.</param>
    public static IEnumerable<string> Problems(IConfiguration configuration, string section, Type type) =>
        Problems(configuration.GetSection(section), type, new Keys(configuration, section, type));

    /// <summary>A sentence for each section that is none and is written almost like one: what is in it would be overlooked.</summary>
    /// <param name="configuration">All that is configured.</param>
    /// <param name="known">The names of the sections that there are.</param>
    public static IEnumerable<string> MisspeltSections(IConfiguration configuration, IReadOnlyCollection<string> known)
    {
        foreach (var section in configuration.GetChildren().Where(section => !known.Contains(section.Key, StringComparer.OrdinalIgnoreCase)))
        {
            // Other programs have environment variables, too: those of ours have a section, and a slip in it leaves most of its name.
            if (section.GetChildren().Any() && KnownNames.Misspelt(section.Key, known) is { } nearest)
            {
                var setting = FirstBelow(section).Path;
                yield return $"{Shown(setting)}{PlaceOf(configuration, section)} is in no known section; did you mean {Shown(nearest + setting[section.Key.Length..])}?";
            }
        }
    }

    private static IEnumerable<string> Problems(IConfigurationSection at, Type type, Keys keys)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var children = at.GetChildren().ToList();
        if (IsValue(type))
        {
            return children.Select(child => $"{keys.Name(child)} is not known; {Shown(at.Path)} is a single value.");
        }

        if (children.Count == 0 && !string.IsNullOrEmpty(at.Value))
        {
            return [$"{keys.Name(at)} is not a single value; write {string.Join(", ", Keys.Below(at.Path, type).Take(3))}{(Entries(type) is not null || Keys.Below(at.Path, type).Count() > 3 ? " and so on" : "")}."];
        }

        if (Entries(type) is { } entry)
        {
            return children.SelectMany(child => entry.HasNumbers && !int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                ? [$"{keys.Name(child)} is not known; what follows {Shown(at.Path)} is a number, as in {Keys.Below(at.Path, type).First()}."]
                : Problems(child, entry.Type, keys));
        }

        var settings = Settings(type);
        return children.SelectMany(child => settings.FirstOrDefault(setting => setting.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } setting
            ? Problems(child, setting.PropertyType, keys)
            : [$"{keys.Name(child)} is not a known setting; {keys.Meant(child.Key, at.Path, settings)}"]);
    }

    private static List<PropertyInfo> Settings(Type type) => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null)];

    private static bool IsValue(Type type) => TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    /// <summary>What a list or a dictionary holds, and whether its keys are numbers; null for anything else.</summary>
    private static (Type Type, bool HasNumbers)? Entries(Type type) => !typeof(IEnumerable).IsAssignableFrom(type) ? null : type.GenericTypeArguments switch
    {
        [var value] => (value, true),
        [var key, var value] => (value, key == typeof(int)),
        _ => null,
    };

    /// <summary>Where a setting stands, for whoever has to find it; nothing where nobody can say.</summary>
    private static string PlaceOf(IConfiguration configuration, IConfigurationSection section)
    {
        var path = FirstBelow(section).Path;
        foreach (var provider in ((configuration as IConfigurationRoot)?.Providers ?? []).Reverse())
        {
            if (!provider.TryGet(path, out _))
            {
                continue;
            }

            return provider switch
            {
                FileConfigurationProvider { Source: { FileProvider: { } files, Path: { } file } } => $" in {VisibleText.Of(files.GetFileInfo(file).PhysicalPath ?? file)}",
                EnvironmentVariablesConfigurationProvider => $" (environment variable {Shown(path.Replace(":", "__", StringComparison.Ordinal))})",
                _ => "",
            };
        }

        return "";
    }

    private static IConfigurationSection FirstBelow(IConfigurationSection section) => section.GetChildren().FirstOrDefault() is { } child ? FirstBelow(child) : section;

    private static string Shown(string path) => VisibleText.Of(VisibleText.Cut(path, 200));

    /// <summary>The keys of one section: as they were written, and as they would be right.</summary>
    private sealed class Keys(IConfiguration configuration, string section, Type type)
    {
        public string Name(IConfigurationSection at) => Shown(at.Path) + PlaceOf(configuration, at);

        /// <summary>The nearest setting beside it; else the one of that name that stands elsewhere; else all beside it.</summary>
        public string Meant(string name, string parent, IReadOnlyCollection<PropertyInfo> beside)
        {
            var names = beside.Select(setting => setting.Name).ToList();
            var meant = KnownNames.Misspelt(name, names) is { } slip ? $"{parent}:{slip}"
                : Below(section, type).FirstOrDefault(key => key.Split(':')[^1].Equals(name, StringComparison.OrdinalIgnoreCase))
                    ?? (KnownNames.Nearest(name, names) is { } near ? $"{parent}:{near}" : null);
            return meant is null ? $"known in {parent} are {string.Join(", ", names)}." : $"did you mean {meant}?";
        }

        /// <summary>All settings below a key, with an example for what has keys of its own.</summary>
        public static IEnumerable<string> Below(string path, Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            return IsValue(type) ? [path]
                : Entries(type) is { } entry ? Below($"{path}:{(!entry.HasNumbers ? "NAME" : typeof(IDictionary).IsAssignableFrom(type) ? "1" : "0")}", entry.Type)
                : Settings(type).SelectMany(setting => Below($"{path}:{setting.Name}", setting.PropertyType));
        }
    }
}
