using System.Globalization;
using System.Text.RegularExpressions;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.Tests.Pages;

/// <summary>The page of settings is what the options' documentation, defaults and ranges make.</summary>
public sealed partial class SettingsPageTests
{
    private const string File = "src/HokifyMessaging.Service/SETTINGS.md";

    /// <summary>Above it the page is written by hand.</summary>
    private const string Mark = "<!-- Everything below is made from the options' documentation; a test holds it. -->\n";

    private static readonly SettingsPage Made = new();

    public static TheoryData<string> Keys => [.. Made.Settings.Select(setting => setting.Key)];

    /// <summary>After a change that is meant: run this test with <c>HOKIFY_UPDATE_SETTINGS</c> set to the page's path, and look at the difference.</summary>
    [Fact]
    public void The_page_is_what_the_options_say()
    {
        var page = Checkout.Read(File).ReplaceLineEndings("\n");
        var made = page[..(page.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)] + Made.Tables();
        if (Environment.GetEnvironmentVariable("HOKIFY_UPDATE_SETTINGS") is { Length: > 0 } path)
        {
            System.IO.File.WriteAllText(path, made);
            page = made;
        }

        Assert.Equal(made, page);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_documentation_gives_the_default_that_the_option_has(string key)
    {
        var setting = Made.Settings.Single(one => one.Key == key);
        var said = Aside().Replace(Made.DocOf(setting).Default, "").Replace("`", "", StringComparison.Ordinal);

        Assert.False(string.IsNullOrWhiteSpace(Made.DocOf(setting).Meaning));
        switch (setting.Default)
        {
            case null or "":
                break;
            case TimeSpan duration:
                var words = said.Split(' ');
                Assert.Equal(duration, double.Parse(words[0], CultureInfo.InvariantCulture) * UnitOf(words[1]));
                break;
            case int or long:
                Assert.Equal(SettingsPage.Written(setting.Default), said.Replace(",", "", StringComparison.Ordinal));
                break;
            default:
                Assert.Equal(SettingsPage.Written(setting.Default), said);
                break;
        }
    }

    private static TimeSpan UnitOf(string word) => word.TrimEnd('s') switch
    {
        "millisecond" => TimeSpan.FromMilliseconds(1),
        "second" => TimeSpan.FromSeconds(1),
        "minute" => TimeSpan.FromMinutes(1),
        "hour" => TimeSpan.FromHours(1),
        "day" => TimeSpan.FromDays(1),
        _ => throw new ArgumentException($"'{word}' is no unit of time.", nameof(word)),
    };

    [GeneratedRegex(@" \([^)]*\)|,? which .*")]
    private static partial Regex Aside();
}
