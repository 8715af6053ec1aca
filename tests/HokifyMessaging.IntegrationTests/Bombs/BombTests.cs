using System.Text;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Storage;

namespace HokifyMessaging.IntegrationTests.Bombs;

/// <summary>
/// The table of bombs: whatever hokify answers, the import ends with one sentence, within a heap of 400 MB; nobody is deleted, the watermark
/// stays, and nothing is downloaded again that is too large.
/// </summary>
public sealed class BombTests(LowLimits service) : IClassFixture<LowLimits>
{
    /// <summary>Larger than an item and smaller than a page.</summary>
    private const int OfAnItem = 512 * 1024;

    /// <summary>Larger than a page.</summary>
    private const int OfAPage = 8 * 1024 * 1024;

    private const string Application = "application 5b0b0b0b0b0b0b0b0b0b0b0b";

    public static TheoryData<Source, SandboxBomb, string, string> Endless => new()
    {
        { Source.AtsApi, SandboxBomb.Text, "", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Text, "gzip", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Text, "br", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Text, "deflate", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Text, "gzip, gzip", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Text, "gzip, br, gzip", "hokify's answer is compressed 3 times over; expected is once, or twice at most." },
        { Source.AtsApi, SandboxBomb.Name, "gzip", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Number, "", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Members, "br", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Values, "", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Nesting, "", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Group, "gzip", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.SpaceBefore, "", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.SpaceBetween, "gzip", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.SpaceInside, "", PageOf("AtsApi offset 0") },
        { Source.AtsApi, SandboxBomb.Items, "", "AtsApi offset 0: the page holds more than the 5 applications asked for, so the server counts groups; set AtsApi:OffsetCounts to Groups." },
        { Source.AtsApi, SandboxBomb.Nuls, "gzip", "AtsApi offset 0: the answer is not a JSON array (it begins with plain text)." },
        { Source.AtsApi, SandboxBomb.Headers, "", "AtsApi offset 0: hokify's answer has more than 64 KB of headers, where fewer are expected; gave up after 1 attempt." },
        { Source.AtsApiV1, SandboxBomb.Text, "gzip", StretchOf("AtsApi V1") },
        { Source.AtsApiV1, SandboxBomb.Members, "", StretchOf("AtsApi V1") },
        { Source.AtsApiV1, SandboxBomb.SpaceBetween, "deflate", StretchOf("AtsApi V1") },
        { Source.ExternJson, SandboxBomb.Text, "", StretchOf("ExternApi") },
        { Source.ExternJson, SandboxBomb.SpaceBefore, "gzip", StretchOf("ExternApi") },
        { Source.ExternJson, SandboxBomb.Nesting, "gzip", StretchOf("ExternApi") },
        { Source.ExternCsv, SandboxBomb.CsvHeader, "gzip", "ExternApi has no header line within its first 64 KB; expected is a line with the names of the columns, every quotation mark closed." },
        { Source.ExternCsv, SandboxBomb.Nuls, "", "ExternApi has no header line within its first 64 KB; expected is a line with the names of the columns, every quotation mark closed." },
        { Source.ExternCsv, SandboxBomb.CsvField, "", StretchOf("ExternApi") },
        { Source.ExternCsv, SandboxBomb.CsvFields, "br", StretchOf("ExternApi") },
        { Source.ExternCsv, SandboxBomb.CsvQuoted, "gzip", StretchOf("ExternApi") },
        { Source.ExternCsv, SandboxBomb.CsvOdd, "", StretchOf("ExternApi") },
        { Source.ExternCsv, SandboxBomb.CsvBlank, "", StretchOf("ExternApi") },
    };

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task An_answer_without_end_ends_the_run_with_one_sentence_and_is_not_asked_for_again(Source source, SandboxBomb bomb, string packing, string sentence)
    {
        var ending = await service.ImportAsync(source, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = bomb, BombBytes = OfAPage, Packing = packing, Times = null });

        Assert.Equal((sentence, RunState.Failed, 1), (Assert.Single(ending.Said), ending.State, ending.Downloads));
        if (sentence.Contains("Hokify:Reading:LargestPage", StringComparison.Ordinal))
        {
            Assert.Null(ending.Resumes);
        }
    }

    public static TheoryData<Source, SandboxBomb, string, string> TooLarge => new()
    {
        { Source.AtsApi, SandboxBomb.Text, "", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.TextBeforeAnother, "gzip", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.Name, "", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.Number, "", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.Members, "br", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.Values, "", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.SpaceInside, "", $"AtsApi offset 0, item 1, {Application}: record {LeftOut}" },
        { Source.AtsApi, SandboxBomb.Group, "", $"AtsApi offset 0, item 1: record {LeftOut}" },
        { Source.AtsApiV1, SandboxBomb.Text, "", $"AtsApi V1 item 1, {Application}: record {LeftOut}" },
        { Source.AtsApiV1, SandboxBomb.TextBeforeAnother, "", $"AtsApi V1 item 1, {Application}: record {LeftOut}" },
        { Source.ExternJson, SandboxBomb.TextBeforeAnother, "gzip", $"ExternApi item 1, {Application}: record {LeftOut}" },
        { Source.ExternJson, SandboxBomb.Values, "", $"ExternApi item 1, {Application}: record {LeftOut}" },
        { Source.ExternCsv, SandboxBomb.CsvField, "", $"ExternApi line 2, {Application}: row has more than 16,384 characters; expected are fewer, or a larger Hokify:Reading:LargestItem." },
        { Source.ExternCsv, SandboxBomb.CsvFields, "gzip", "ExternApi line 2: row has more than 16,384 characters; expected are fewer, or a larger Hokify:Reading:LargestItem." },
    };

    [Theory]
    [MemberData(nameof(TooLarge))]
    public async Task An_item_that_is_too_large_is_left_out_and_named_and_read_again_by_the_next_import(Source source, SandboxBomb bomb, string packing, string sentence)
    {
        var ending = await service.ImportAsync(source, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = bomb, BombBytes = OfAnItem, Packing = packing, Times = null });

        Assert.True(ending.State == RunState.Completed, string.Join('\n', ending.Said));
        Assert.Contains(sentence, ending.Said);
        Assert.Contains(ending.Said, said => said.EndsWith(
            "brings something that is too large to be read, which was left out. What was read is imported; nothing was deleted, and the next import reads again from where this one began.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_small_group_whose_records_are_large_together_is_left_out()
    {
        var ending = await service.ImportAsync(Source.AtsApi, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = SandboxBomb.GroupWithText, BombBytes = 16 * 1024, Times = null });

        Assert.Contains($"AtsApi offset 0, item 1: record {LeftOut}", ending.Said);
    }

    [Theory]
    [InlineData(Source.AtsApi, 500, "AtsApi offset 0: hokify answered 500 (InternalServerError) to GET application/getAllApplications; gave up after 2 attempts.", 2)]
    [InlineData(Source.AtsApi, 401, "AtsApi offset 0: hokify refused the scope's credentials; AtsApi:Mandator and AtsApi:Token must be those that hokify issued (401 (Unauthorized) to GET application/getAllApplications even with a fresh token).", 2)]
    [InlineData(Source.ExternJson, 400, "ExternApi item 1: hokify answered 400 (BadRequest) to GET get-all-applications-extern; gave up after 1 attempt.", 1)]
    [InlineData(Source.AtsApiV1, 404, "AtsApi V1 item 1: hokify answered 404 (NotFound) to POST application/getApplications; gave up after 1 attempt.", 1)]
    public async Task The_body_of_an_error_is_not_read_beyond_what_it_may_say(Source source, int status, string sentence, int downloads)
    {
        var ending = await service.ImportAsync(
            source, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = SandboxBomb.Text, BombBytes = 1L << 30, BombStatus = status, Times = null });

        Assert.Equal((sentence, RunState.Failed, downloads), (Assert.Single(ending.Said), ending.State, ending.Downloads));
    }

    [Theory]
    [InlineData(Source.AtsApi, SandboxBomb.Text, "", "the answer to POST auth/token holds no usable access_token.")]
    [InlineData(Source.AtsApi, SandboxBomb.SpaceBefore, "gzip", "the answer to POST auth/token holds no usable access_token.")]
    [InlineData(Source.AtsApi, SandboxBomb.Headers, "", "hokify's answer has more than 64 KB of headers, where fewer are expected; gave up after 1 attempt.")]
    [InlineData(Source.ExternJson, SandboxBomb.Members, "br", "the answer to POST api-login holds no usable sessionToken.")]
    public async Task A_sign_in_without_end_ends_the_run(Source source, SandboxBomb bomb, string packing, string sentence)
    {
        var ending = await service.ImportAsync(
            source,
            new SandboxFault(SandboxFaultKind.Unauthorized),
            new SandboxFault(SandboxFaultKind.Bomb) { On = SandboxCall.Login, Bomb = bomb, BombBytes = 1L << 30, Packing = packing, Times = null });

        Assert.Equal(RunState.Failed, ending.State);
        Assert.EndsWith(sentence, Assert.Single(ending.Said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_drips_ends_with_the_time_that_it_has()
    {
        var ending = await service.ImportAsync(
            Source.Hurried, new SandboxFault(SandboxFaultKind.Bomb) { Bomb = SandboxBomb.Drip, Delay = TimeSpan.FromMilliseconds(100), Times = null });

        Assert.Equal("AtsApi offset 0: hokify did not answer completely within 2 s; gave up after 2 attempts.", Assert.Single(ending.Said));
    }

    public static TheoryData<string, string, string, string, string> Files => new()
    {
        { "a header without end", "matchId", ";x", "", "b.csv has no header line within its first 64 KB; expected is a line with the names of the columns, every quotation mark closed." },
        { "nothing but zeros", "", "\0", "", "b.csv has no header line within its first 64 KB; expected is a line with the names of the columns, every quotation mark closed." },
        { "a field without end", "matchId;name\nm2;", "x", "", "b.csv line 2: the row goes on for more than 1 MB; expected is a shorter one, or a larger Hokify:Reading:LargestPage." },
        { "fields without end", "matchId;name\nm2", ";x", "", "b.csv line 2: the row goes on for more than 1 MB; expected is a shorter one, or a larger Hokify:Reading:LargestPage." },
        { "a quotation mark that is never closed", "matchId;name\nm2;\"", "x\n", "", "b.csv line 2: the row goes on for more than 1 MB; expected is a shorter one, or a larger Hokify:Reading:LargestPage." },
        { "odd bytes without end", "matchId;name\nm2;\"", "\xFF\nx\n", "", "b.csv line 2: the row goes on for more than 1 MB; expected is a shorter one, or a larger Hokify:Reading:LargestPage." },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_without_end_ends_the_run(string what, string beginning, string repeated, string end, string sentence)
    {
        var file = Path.Combine(service.Folder, "b.csv");
        Assert.Equal(1, await service.ProfilesAsync(Source.Files));
        await File.WriteAllBytesAsync(
            file,
            Encoding.Latin1.GetBytes(string.Concat([beginning, .. Enumerable.Repeat(repeated, OfAPage / repeated.Length), end])),
            TestContext.Current.CancellationToken);
        try
        {
            var ending = await service.ImportAsync(Source.Files);

            Assert.True(ending.State == RunState.Failed, what);
            Assert.Equal(sentence, Assert.Single(ending.Said));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string PageOf(string place) => $"{place}: hokify's answer is longer than 1 MB; expected is a shorter one, or a larger Hokify:Reading:LargestPage.";

    private static string StretchOf(string source) =>
        $"{source}: hokify's answer goes on for more than 1 MB without an application; expected is less between two of them, or a larger Hokify:Reading:LargestPage.";

    private const string LeftOut = "has more than 64 KB and was left out; expected is less, or a larger Hokify:Reading:LargestItem.";
}
