using System.Text.Json;
using HokifyMessaging.Contracts;
using Microsoft.Data.Sqlite;

namespace HokifyMessaging.Tests;

/// <summary>
/// The books of an import: each record that was read ends as exactly one thing, for the application and for its person. Every
/// test that imports comes by here.
/// </summary>
internal static class Accounting
{
    private static readonly string[] OfBoth = ["Stale", "Erased", "ErasedWithheld", "Rejected", "Failed", "Duplicates"];

    /// <summary>Those of all imports that a SQLite file knows as completed, once the test is done with it.</summary>
    public static async Task ClosesInAsync(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False;Mode=ReadOnly");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT CompletedEvent FROM ImportRun WHERE CompletedEvent IS NOT NULL";
        await using var events = await command.ExecuteReaderAsync();
        while (await events.ReadAsync())
        {
            Closes(JsonSerializer.Deserialize<HokifyImportCompleted>(events.GetString(0))!.Result);
        }
    }

    public static void Closes(ExportImportResult result)
    {
        foreach (var element in new[] { "Candidate", "CandidateProfile" })
        {
            var became = new[] { result.CreatedCounts, result.UpdatedCounts, result.UnchangedCounts }.Sum(counts => counts.GetValueOrDefault(element))
                + OfBoth.Sum(stat => result.StatsCounter.GetValueOrDefault(stat));
            Assert.True(
                result.StatsCounter.GetValueOrDefault("Fetched") + result.StatsCounter.GetValueOrDefault("Retried") == became,
                $"{element}: {string.Join(", ", result.StatsCounter)}; created {string.Join(' ', result.CreatedCounts)}; updated {string.Join(' ', result.UpdatedCounts)}; unchanged {string.Join(' ', result.UnchangedCounts)}");
        }

        Assert.Equal(
            result.OkCount,
            new[] { result.CreatedCounts, result.UpdatedCounts, result.DeletedCounts, result.UnchangedCounts }.Sum(counts => counts.Values.Sum()));
        Assert.All(result.StatsCounter, figure => Assert.True(figure.Value >= 0, $"{figure.Key} is {figure.Value}"));
    }
}
