using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;

namespace HokifyMessaging.Tests.Importing;

/// <summary>What an import holds is bounded by bytes, too, and nothing is missed for that.</summary>
public sealed class LimitedImportTests
{
    [Fact]
    public async Task A_batch_is_closed_by_its_bytes_before_it_has_its_records()
    {
        var roomy = await ImportAsync([]);
        var tight = await ImportAsync(Tight);

        Assert.Equal((40, 0), (roomy.CreatedCounts["CandidateProfile"], roomy.ErrorCount));
        Assert.Equal((40, 0), (tight.CreatedCounts["CandidateProfile"], tight.ErrorCount));
        Assert.True(tight.StatsCounter["Batches"] >= roomy.StatsCounter["Batches"] + 3, $"{tight.StatsCounter["Batches"]} batches after {roomy.StatsCounter["Batches"]}");

        static async Task<ExportImportResult> ImportAsync(IEnumerable<KeyValuePair<string, string?>> settings)
        {
            await using var setup = await ImportSetup.StartAsync(settings: [.. settings, new("Hokify:Import:BatchSize", "500")]);
            return (await setup.ImportFullAsync()).Result;
        }
    }

    [Fact]
    public async Task What_waits_in_the_ledger_is_tried_a_few_at_a_time_and_all_of_it()
    {
        await using var setup = await ImportSetup.StartAsync(settings: [.. Tight, new("Hokify:Import:BatchSize", "500")]);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.BrokenBirthday) { Times = 30 });
        Assert.Equal(30, (await setup.ImportFullAsync()).Result.StatsCounter["Rejected"]);

        var result = (await setup.ImportFullAsync()).Result;

        Assert.Equal(30, result.StatsCounter["Retried"]);
        Assert.True(result.StatsCounter["Batches"] > 10, $"{result.StatsCounter["Batches"]} batches");
    }

    private static IEnumerable<KeyValuePair<string, string?>> Tight =>
        [new("Hokify:Reading:LargestItem", $"{64 * 1024}"), new("Hokify:Reading:LargestBatch", $"{64 * 1024}")];
}
