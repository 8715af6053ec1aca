using HokifyMessaging.Contracts;

namespace HokifyMessaging.Tests;

/// <summary>
/// The books of an import: each record that was read ends as exactly one thing, for the application and for its person. Every
/// test that imports comes by here.
/// </summary>
internal static class Accounting
{
    private static readonly string[] OfBoth = ["Stale", "Erased", "ErasedWithheld", "Rejected", "Failed", "Duplicates"];

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
