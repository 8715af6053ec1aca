using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace HokifyMessaging.Tests.Importing;

/// <summary>Whatever a source does to whoever asks for several pages at once: rows and result are those of an import that asks for one after the other.</summary>
public sealed class WideImportTests
{
    private const int Applications = 230;

    public static TheoryData<string> Troubles => [.. All.Keys];

    private static Dictionary<string, SandboxFault[]> All { get; } = new()
    {
        ["none"] = [],
        ["a page is missing while later ones have arrived"] = [new(SandboxFaultKind.InternalServerError) { Offset = 55, Times = 2 }, Slow(20)],
        ["a page in the middle is shorter"] = [new(SandboxFaultKind.ShortPage) { Offset = 93, Times = null }],
        ["each page is shorter"] = [new(SandboxFaultKind.ShortPage) { Times = null }],
        ["answers overtake each other"] = [new(SandboxFaultKind.Disordered) { Delay = TimeSpan.FromMilliseconds(60), Times = null }],
        ["the source is slower with every parallel call"] = [new(SandboxFaultKind.Crowded) { Delay = TimeSpan.FromMilliseconds(10), Times = null }],
        ["everything above one call is refused"] = [new(SandboxFaultKind.MostAtOnce) { RetryAfterSeconds = null, Times = null }, Slow(20)],
        ["a limit moves"] = [new(SandboxFaultKind.RateLimit) { RetryAfterSeconds = null, LeastPerSecond = 20, MostPerSecond = 60, Swing = TimeSpan.FromSeconds(1), Times = null }],
        ["a page breaks off"] = [new(SandboxFaultKind.CutConnection) { After = 6, Times = 2 }, Slow(10)],
        ["a token dies"] = [new(SandboxFaultKind.Unauthorized) { After = 6 }, Slow(10)],
        ["the last page is repeated behind the end"] = [new(SandboxFaultKind.RepeatedLastPage) { Times = null }],
        ["an application is listed twice"] = [new(SandboxFaultKind.RepeatedRecord) { Times = null }],
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Rows_and_result_are_those_of_an_import_of_one_page_after_the_other(string trouble)
    {
        var narrow = await ImportAsync(All[trouble], pagesAtOnce: 1);
        var wide = await ImportAsync(All[trouble], pagesAtOnce: 8);

        Assert.Equal(narrow, wide);
        Assert.Contains("\"CandidateProfile\":230", wide.Result, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task An_hour_to_wait_ends_the_run_at_its_checkpoint_and_asks_nobody_meanwhile(int pagesAtOnce)
    {
        // Of pages that are asked for at once the second may be refused: what came with the first is committed by then.
        await using var setup = await ImportSetup.StartAsync(Applications, [.. Width(pagesAtOnce), new("Hokify:Import:BatchSize", "5")], scopeId: 2);
        setup.Sandbox.Faults.Add(new SandboxFault(SandboxFaultKind.TooManyRequests) { After = 9, RetryAfterSeconds = 3600, Times = null });

        var reason = await setup.FailureAsync(new HokifyImportRequested { ImportMode = ImportMode.Full, IdempotencyKey = "first" });
        Assert.Contains("hokify answered 429 (TooManyRequests) to GET application/getAllApplications and asks to wait 3", reason, StringComparison.Ordinal);
        setup.Sandbox.Faults.Clear();
        var requests = setup.Sandbox.Requests.Count;

        var other = await setup.FailureAsync(new HokifyImportRequested { ScopeId = 2, ImportMode = ImportMode.Full });

        Assert.Contains("asks to wait 3", other, StringComparison.Ordinal);
        Assert.Equal(requests, setup.Sandbox.Requests.Count);
        Assert.StartsWith("offset:", (await setup.RunAsync("first")).Checkpoint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wide_import_asks_for_several_pages_at_once_and_for_no_more_than_a_round_beyond_the_end()
    {
        await using var setup = await ImportSetup.StartAsync(Applications, Width(8));
        setup.Sandbox.Faults.Add(Slow(50));

        await setup.ImportFullAsync();

        var offsets = setup.Sandbox.Requests.Where(request => request.Query.Contains("offset=", StringComparison.Ordinal))
            .Select(request => int.Parse(request.Query.Split("offset=")[1].Split('&')[0], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(offsets.Count(offset => offset > Applications), 1, 8);
    }

    private static SandboxFault Slow(int milliseconds) => new(SandboxFaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(milliseconds), Times = null };

    private static KeyValuePair<string, string?>[] Width(int pagesAtOnce) => [new("Hokify:Scopes:1:AtsApi:PagesAtOnce", $"{pagesAtOnce}")];

    private static async Task<(string Rows, string Result)> ImportAsync(SandboxFault[] faults, int pagesAtOnce)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2025, 10, 1, 9, 0, 0, TimeSpan.Zero));
        await using var setup = await ImportSetup.StartAsync(Applications, [.. Width(pagesAtOnce), new("Hokify:Scopes:1:AtsApi:Http:Retries", "6")], sandbox => sandbox.Clock = clock);
        foreach (var fault in faults)
        {
            setup.Sandbox.Faults.Add(fault);
        }

        var completed = await setup.ImportFullAsync();
        var stats = completed.Result.StatsCounter.Where(stat => stat.Key is not ("DurationMilliseconds" or "Batches")).OrderBy(stat => stat.Key, StringComparer.Ordinal);
        var counts = System.Text.Json.JsonSerializer.Serialize(new
        {
            completed.Result.CreatedCounts,
            completed.Result.UpdatedCounts,
            completed.Result.DeletedCounts,
            completed.Result.UnchangedCounts,
            completed.Result.OkCount,
            completed.Result.ErrorCount,
        });
        return (await setup.RowsAsync(), $"{counts} {string.Join(' ', stats.Select(stat => $"{stat.Key} {stat.Value}"))}");
    }
}
