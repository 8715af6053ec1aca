using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Tests.Pages;

/// <summary>One setting: its key with colons, as what it is declared, and the value that it has when nobody sets it.</summary>
internal sealed record Setting(string Key, PropertyInfo Property, object? Default);

/// <summary>The settings of one section, and the property or class whose documentation introduces it.</summary>
internal sealed record SettingsSection(string Key, MemberInfo Member, IReadOnlyList<Setting> Settings);

/// <summary>The page of all settings, made from the options' own documentation, defaults and ranges.</summary>
internal sealed class SettingsPage
{
    private readonly OptionsDocs _docs;

    public SettingsPage()
    {
        Sections =
        [
            .. SectionsOf(DatabaseOptions.Section, typeof(DatabaseOptions), new DatabaseOptions()),
            .. SectionsOf(TransportOptions.Section, typeof(TransportOptions), new TransportOptions()),
            .. SectionsOf(HokifyOptions.Section, typeof(HokifyOptions), new HokifyOptions()),
            .. SectionsOf(HttpOptions.Section, typeof(HttpOptions), new HttpOptions()),
        ];
        _docs = new OptionsDocs(NameOf);
    }

    public IReadOnlyList<SettingsSection> Sections { get; }

    public IEnumerable<Setting> Settings => Sections.SelectMany(section => section.Settings);

    public string Tables()
    {
        var page = new StringBuilder();
        foreach (var section in Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {section.Key}\n\n{_docs.IntroductionOf(section.Member, section.Key)}\n");
            if (section.Settings.Count > 0)
            {
                page.Append("\n| setting | default | range | meaning |\n| --- | --- | --- | --- |\n");
            }

            foreach (var setting in section.Settings)
            {
                var doc = DocOf(setting);
                page.Append(CultureInfo.InvariantCulture, $"| `{setting.Key}` | {Cell(Default(setting, doc))} | {Cell(Range(setting, doc))} | {Cell(doc.Meaning)} |\n");
            }
        }

        return page.ToString();
    }

    public OptionDoc DocOf(Setting setting) => _docs.Of(setting.Property, setting.Key);

    /// <summary>How a setting is written where it is set.</summary>
    public static string Written(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        TimeSpan { Milliseconds: not 0 } duration => duration.ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Default(Setting setting, OptionDoc doc) => (Written(setting.Default), setting.Default) switch
    {
        ("", _) => doc.Default,
        (var written, TimeSpan) => $"`{written}` ({doc.Default})",
        (var written, _) when doc.Default.IndexOf('(', StringComparison.Ordinal) is > 0 and var aside => $"`{written}` {doc.Default[aside..]}",
        (var written, _) => $"`{written}`",
    };

    private static string Range(Setting setting, OptionDoc doc)
    {
        var declared = Declared(setting.Property);
        var where = doc.Range.IndexOf(", where ", StringComparison.Ordinal);
        var range = declared.Length == 0 ? doc.Range : where < 0 ? declared : declared + doc.Range[where..];
        var required = doc.Required.Length > 0 ? doc.Required : setting.Property.IsDefined(typeof(RequiredAttribute)) ? "required" : "";
        return string.Join("; ", new[] { range, required }.Where(part => part.Length > 0));
    }

    private static string Declared(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return property.GetCustomAttribute<RangeAttribute>() switch
        {
            { Maximum: int.MaxValue } range => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} or more"),
            { } range => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"),
            _ when type.IsEnum => $"{string.Join(", ", Enum.GetNames(type)[..^1].Select(name => $"`{name}`"))} or `{Enum.GetNames(type)[^1]}`",
            _ when type == typeof(bool) => "`true` or `false`",
            _ => "",
        };
    }

    private static string Cell(string text) => text.Replace("|", @"\|", StringComparison.Ordinal);

    /// <summary>The key of the setting or section that a property is; of several the one nearest to where it is spoken of.</summary>
    private string? NameOf(string type, string property, string place)
    {
        var settings = Settings.Select(setting => (setting.Key, (MemberInfo)setting.Property)).Concat(Sections.Select(section => (section.Key, section.Member)))
            .Where(known => known.Item2.Name == property && known.Item2.DeclaringType?.FullName == type)
            .Select(known => known.Key)
            .ToList();
        var parent = place[..Math.Max(place.LastIndexOf(':'), 0)];
        return settings.Find(key => key.StartsWith(parent + ":", StringComparison.Ordinal)) ?? settings.FirstOrDefault();
    }

    /// <summary>The section itself and, behind it, those in it.</summary>
    private static IEnumerable<SettingsSection> SectionsOf(string path, MemberInfo member, object options)
    {
        var (own, inner) = (new List<Setting>(), new List<SettingsSection>());
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (key, value) = ($"{path}:{property.Name}", property.GetValue(options));
            switch (value)
            {
                case IDictionary when property.PropertyType.GenericTypeArguments is [var entry, { IsClass: true } type] && type != typeof(string):
                    inner.AddRange(SectionsOf($"{key}:{(entry == typeof(int) ? "{id}" : "{name}")}", property, Activator.CreateInstance(type)!));
                    break;
                case IDictionary:
                    own.Add(new Setting($"{key}:{{header}}", property, null));
                    break;
                case IList when property.PropertyType.GenericTypeArguments is [var type] && type != typeof(string):
                    inner.AddRange(SectionsOf($"{key}:{{n}}", property, Activator.CreateInstance(type)!));
                    break;
                case IEnumerable and not string:
                    own.Add(new Setting($"{key}:{{n}}", property, null));
                    break;
                case not null when property.PropertyType is { IsClass: true } type && type.Name.EndsWith("Options", StringComparison.Ordinal):
                    inner.AddRange(SectionsOf(key, property, value));
                    break;
                default:
                    own.Add(new Setting(key, property, value));
                    break;
            }
        }

        return inner.Prepend(new SettingsSection(path, member, own));
    }
}
