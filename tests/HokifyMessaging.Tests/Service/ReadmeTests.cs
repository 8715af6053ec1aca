using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using HokifyMessaging.Contracts;
using HokifyMessaging.Service.Http;

namespace HokifyMessaging.Tests.Service;

/// <summary>What README.md says of messages and settings is compared with the program.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.md"));

    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly Dictionary<string, Setting> Documented = SettingRow().Matches(Readme)
        .Select(row => new Setting(row.Groups["key"].Value, row.Groups["default"].Value.Trim().Trim('`'), row.Groups["range"].Value.Trim()))
        .ToDictionary(setting => setting.Key);

    private static readonly List<Setting> Existing =
    [
        .. Settings(HokifyOptions.Section, new HokifyOptions()),
        .. Settings(DatabaseOptions.Section, new DatabaseOptions()),
        .. Settings(TransportOptions.Section, new TransportOptions()),
        .. Settings(HttpOptions.Section, new HttpOptions()),
    ];

    public static TheoryData<string> Keys => [.. Existing.Select(setting => setting.Key)];

    [Fact]
    public void The_example_of_a_request_has_every_member_and_no_other() => RequireComplete<HokifyImportRequested>();

    [Fact]
    public void The_example_of_an_event_has_every_member_and_no_other() => RequireComplete<HokifyImportCompleted>();

    [Fact]
    public void The_example_of_a_failure_has_every_member_and_no_other() => RequireComplete<HokifyImportFailed>();

    [Fact]
    public void The_example_of_an_event_adds_up()
    {
        var result = JsonSerializer.Deserialize<HokifyImportCompleted>(Example<HokifyImportCompleted>())!.Result;

        Accounting.Closes(result);
        Assert.Equal(result.ErrorCount, result.Exceptions.Values.Sum(exceptions => exceptions.Count));
        Assert.Equal(Stats(), result.StatsCounter.Keys);

        static IEnumerable<string> Stats() => HokifyMessaging.Runs.Stat.All.Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Every_setting_is_in_the_table_and_every_row_is_a_setting()
        => Assert.Equal(Existing.Select(setting => setting.Key).Order(StringComparer.Ordinal), Documented.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_table_gives_the_default_and_the_range(string key)
    {
        var (existing, documented) = (Existing.Single(setting => setting.Key == key), Documented[key]);

        Assert.Equal(existing.Default, documented.Default);
        if (existing.Range.Length > 0)
        {
            Assert.StartsWith(existing.Range, documented.Range, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("dotnet run --project src/HokifyMessaging.Service -- demo")]
    [InlineData("dotnet test")]
    public void A_fresh_machine_needs_these_commands(string command) => Assert.Contains(command, Readme.Split('\n'));

    private static void RequireComplete<T>()
    {
        var example = Example<T>();

        var read = JsonSerializer.Deserialize<T>(example, Strict);

        var (expected, actual) = (JsonSerializer.SerializeToNode(read)!, JsonNode.Parse(example)!);
        Assert.True(JsonNode.DeepEquals(expected, actual), $"README.md shows\n{actual}\nand the contract is\n{expected}");
    }

    private static string Example<T>() =>
        Regex.Match(Readme, $@"^### {typeof(T).Name}\n.*?^```json\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Groups["json"].Value;

    private static IEnumerable<Setting> Settings(string path, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var (key, value) = ($"{path}:{property.Name}", property.GetValue(options));
            var nested = value switch
            {
                IDictionary when property.PropertyType.GenericTypeArguments is [var entry, { IsClass: true } type] && type != typeof(string) =>
                    Settings($"{key}:{(entry == typeof(int) ? "{id}" : "{name}")}", Activator.CreateInstance(type)!),
                IDictionary => [new Setting($"{key}:{{header}}", "", "")],
                IList when property.PropertyType.GenericTypeArguments is [var type] && type != typeof(string) =>
                    Settings($"{key}:{{n}}", Activator.CreateInstance(type)!),
                IEnumerable and not string => [new Setting($"{key}:{{n}}", "", "")],
                { } section when property.PropertyType is { IsClass: true, Namespace: "HokifyMessaging" or "HokifyMessaging.Service.Http" } => Settings(key, section),
                _ => [new Setting(key, Default(value), Range(property))],
            };
            foreach (var setting in nested)
            {
                yield return setting;
            }
        }
    }

    private static string Default(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        TimeSpan { Milliseconds: not 0 } duration => duration.ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Range(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return property.GetCustomAttribute<RangeAttribute>() switch
        {
            { Maximum: int.MaxValue } range => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} or more"),
            { } range => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"),
            _ when type.IsEnum => $"{string.Join(", ", Enum.GetNames(type)[..^1])} or {Enum.GetNames(type)[^1]}",
            _ when type == typeof(bool) => "true or false",
            _ when property.GetCustomAttribute<RequiredAttribute>() is not null => "required",
            _ => "",
        };
    }

    [GeneratedRegex(@"^\| `(?<key>(Hokify|Database|Transport|Http):[^`]+)` \| [^|]+ \|(?<default>[^|]*)\|(?<range>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    private sealed record Setting(string Key, string Default, string Range);
}
