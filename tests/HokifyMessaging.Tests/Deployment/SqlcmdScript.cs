using System.Text.RegularExpressions;

namespace HokifyMessaging.Tests.Deployment;

/// <summary>A script as sqlcmd reads it: its own commands taken out, its variables put in.</summary>
internal static partial class SqlcmdScript
{
    /// <returns>What the server gets, and the other commands of sqlcmd, in their order, with the line before which each stands.</returns>
    public static (string Sql, IReadOnlyList<(string Command, int Line)> Commands) Read(string script, IReadOnlyDictionary<string, string>? variables = null)
    {
        var values = new Dictionary<string, string>(variables ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase);
        var lines = new List<string>();
        var commands = new List<(string Command, int Line)>();
        foreach (var line in script.Split('\n'))
        {
            if (SetVariable().Match(line) is { Success: true } set)
            {
                values[set.Groups["name"].Value] = set.Groups["value"].Value.Replace("\"\"", "\"", StringComparison.Ordinal);
            }
            else if (line.StartsWith(':'))
            {
                commands.Add((line, lines.Count));
            }
            else
            {
                // In comments as well; and one that is not set ends the script.
                lines.Add(Variable().Replace(line, match => values[match.Groups["name"].Value]));
            }
        }

        return (string.Join('\n', lines), commands);
    }

    [GeneratedRegex("^:setvar (?<name>\\w+) \"(?<value>(?:[^\"]|\"\")*)\"$")]
    private static partial Regex SetVariable();

    [GeneratedRegex(@"\$\((?<name>\w+)\)")]
    private static partial Regex Variable();
}
