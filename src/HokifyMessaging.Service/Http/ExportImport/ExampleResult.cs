using System.Text.Json.Nodes;

namespace HokifyMessaging.Service.Http.ExportImport;

/// <summary>A result as readers of the API's description see it.</summary>
internal static class ExampleResult
{
    public static JsonNode Json() => JsonSerializer.SerializeToNode(new ExportImportResult
    {
        CreatedCounts = Counts(4, 5),
        UpdatedCounts = Counts(1, 3),
        DeletedCounts = Counts(0, 0),
        UnchangedCounts = Counts(4, 1),
        DownloadUrl = "https://ats.example.at/api/downloads/CfDJ8…",
        OkCount = 18,
        StatsCounter = new Dictionary<string, int> { ["Batches"] = 1, ["Fetched"] = 9, ["Pages"] = 1, ["DurationMilliseconds"] = 1400 },
    })!;

    private static Dictionary<string, int> Counts(int candidates, int profiles) => new() { ["Candidate"] = candidates, ["CandidateProfile"] = profiles };
}
