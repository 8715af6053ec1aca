using HokifyMessaging.Contracts;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;

namespace HokifyMessaging.IntegrationTests.Bombs;

/// <summary>The same with the default limits, and that what is within them is imported, in the same heap.</summary>
public sealed class LargeAnswerTests(DefaultLimits service) : IClassFixture<DefaultLimits>
{
    private const int Megabyte = 1024 * 1024;

    private const string LeftOut = "record has more than 16 MB and was left out; expected is less, or a larger Hokify:Reading:LargestItem.";

    [Theory]
    [InlineData(Source.AtsApi, SandboxBomb.Text, "gzip", "AtsApi offset 0: hokify's answer is longer than 256 MB; expected is a shorter one, or a larger Hokify:Reading:LargestPage.")]
    [InlineData(Source.ExternCsv, SandboxBomb.CsvField, "br", "ExternApi: hokify's answer goes on for more than 256 MB without an application; expected is less between two of them, or a larger Hokify:Reading:LargestPage.")]
    public async Task A_gigabyte_in_a_small_answer_ends_the_run(Source source, SandboxBomb bomb, string packing, string sentence)
    {
        var ending = await service.ImportAsync(source, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = bomb, BombBytes = 1L << 30, Packing = packing, Times = null });

        Assert.Equal((sentence, RunState.Failed, 1), (Assert.Single(ending.Said), ending.State, ending.Downloads));
        Assert.Null(ending.Resumes);
    }

    [Theory]
    [InlineData(Source.AtsApi, SandboxBomb.TextBeforeAnother, 20, LeftOut)]
    [InlineData(Source.AtsApi, SandboxBomb.Values, 8, LeftOut)]
    [InlineData(Source.AtsApi, SandboxBomb.Group, 15, LeftOut)]
    [InlineData(Source.ExternJson, SandboxBomb.Members, 12, LeftOut)]
    [InlineData(Source.AtsApiV1, SandboxBomb.Text, 100, LeftOut)]
    public async Task An_item_beyond_the_limit_is_left_out(Source source, SandboxBomb bomb, int megabytes, string sentence)
    {
        var ending = await service.ImportAsync(source, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = bomb, BombBytes = (long)megabytes * Megabyte, Times = null });

        Assert.True(ending.State == RunState.Completed, string.Join('\n', ending.Said));
        Assert.Contains(ending.Said, said => said.EndsWith(sentence, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SandboxBomb.Text, 15)]
    [InlineData(SandboxBomb.Values, 3)]
    [InlineData(SandboxBomb.Members, 5)]
    public async Task An_item_just_within_the_limit_is_read_and_found_to_be_none(SandboxBomb bomb, int megabytes)
    {
        var ending = await service.ImportAsync(Source.AtsApiV1, ImportMode.Incremental, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = bomb, BombBytes = (long)megabytes * Megabyte, Times = null });

        Assert.True(ending.State == RunState.Completed, string.Join('\n', ending.Said));
        Assert.NotEmpty(ending.Said);
        Assert.DoesNotContain(ending.Said, said => said.Contains("left out", StringComparison.Ordinal));
    }

    /// <summary>Two applications of 10 MB are more than is held at once.</summary>
    [Theory]
    [InlineData(Source.AtsApi, 6)]
    [InlineData(Source.AtsApiV1, 15)]
    public async Task Large_applications_are_imported_a_few_at_a_time(Source source, int count)
    {
        var before = await service.ProfilesAsync(source);

        var ending = await service.ImportAsync(source, ImportMode.Incremental, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = SandboxBomb.LargeItems, BombBytes = 10L * count * Megabyte, Times = null });

        Assert.True(ending.State == RunState.Completed, string.Join('\n', ending.Said));
        Assert.Empty(ending.Said);
        Assert.Equal(count, await service.ProfilesAsync(source) - before);
    }
}
