using System.Text.RegularExpressions;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Service;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary>What verbs print at 80 columns, from their processes, as somebody has looked at it: whatever differs from run to run is replaced.</summary>
public sealed partial class VerbScreenTests(DemoRun demo) : IClassFixture<DemoRun>
{
    private static readonly KeyValuePair<string, string> Columns = new("COLUMNS", "80");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("migrate", "migrate")]
    [InlineData("keys", "keys new --name crm --scopes 1,2 --rights read,import")]
    [InlineData("completion", "completion bash")]
    [InlineData("misspelt", "requets")]
    public async Task Without_a_database(string name, string arguments) => Approval.Holds(await ScreenAsync(new OwnFolder(), [], arguments), $"process-{name}");

    [Theory]
    [InlineData("runs", "runs --limit 2")]
    [InlineData("runs-show", "runs show demo-incremental")]
    [InlineData("runs-show-nobody", "runs show nobody")]
    [InlineData("runs-retry", "runs retry demo-full")]
    [InlineData("find-deleted", "find DELETED")]
    [InlineData("find-nobody", "find nobody-1")]
    [InlineData("erasures", "erasures forget-key")]
    [InlineData("migrate-again", "migrate")]
    public async Task After_a_demonstration(string name, string arguments)
    {
        await using var connection = new SqliteConnection($"{demo.Settings["Database__ConnectionString"]};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT ReferenceId FROM CandidateProfile WHERE IsDeleted = 1 AND ReferenceId NOT LIKE 'erased%' ORDER BY Id LIMIT 1";
        var deleted = (string)(await command.ExecuteScalarAsync(Cancel))!;

        Approval.Holds(await ScreenAsync(new OwnFolder(), demo.Settings, arguments.Replace("DELETED", deleted, StringComparison.Ordinal)), $"process-{name}");
    }

    private static async Task<string> ScreenAsync(OwnFolder folder, IEnumerable<KeyValuePair<string, string>> settings, string arguments)
    {
        using (folder)
        {
            var outcome = await HokifyProcess.RunAsync(folder.Path, [.. settings, Columns], arguments.Split(' '));
            var scrubbed = Instant().Replace(Duration().Replace(outcome.Output + (outcome.Error.Length > 0 ? $"\n(error stream)\n{outcome.Error}" : ""), "0.04 s"), "2026-02-15 02:00:00Z");
            scrubbed = Secret().Replace(Folder().Replace(Port().Replace(RunId().Replace(Migration().Replace(scrubbed, "20260215020000_"), "019c60a5-7c00-7000-8000-5a64ed47e597"), ":5090"), "/tmp/hokify-demo-a"), "…");
            return $"$ hokify {RecordIdOf().Replace(arguments, "5f1d7f0b2c3e4a5b6c7d8e9f")}\n{RecordIdOf().Replace(scrubbed, "5f1d7f0b2c3e4a5b6c7d8e9f")}\n(exit code {outcome.ExitCode})";
        }
    }

    [GeneratedRegex(@"\b\d+(\.\d+ s| min \d\d s)\b")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")]
    private static partial Regex Instant();

    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")]
    private static partial Regex RunId();

    [GeneratedRegex(@"\b[0-9a-f]{24}\b")]
    private static partial Regex RecordIdOf();

    [GeneratedRegex(@"\b\d{14}_")]
    private static partial Regex Migration();

    [GeneratedRegex(@"(?<=127\.0\.0\.1):\d+")]
    private static partial Regex Port();

    [GeneratedRegex(@"/\S+(?=/hokify\.db)|/\S+hokify-demo-\w+")]
    private static partial Regex Folder();

    [GeneratedRegex(@"hokify_\S+|(?<=Hash[^=:]*[=:] ?['""])[^'""]+")]
    private static partial Regex Secret();
}
