using System.Text.Json.Nodes;

namespace HokifyMessaging.IntegrationTests.Foreign;

public sealed class AsyncApiParserTests(ForeignPlatforms platforms)
{
    private const int Error = 0;
    private const int Warning = 1;

    private static readonly string Document = Path.Combine(ForeignProgram.Folder, "asyncapi.yaml");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_official_parser_finds_neither_errors_nor_warnings_in_our_document()
    {
        var answer = await ParseAsync(Document);

        Assert.True(answer["parsed"]!.GetValue<bool>(), answer.ToJsonString());
        Assert.DoesNotContain(answer["diagnostics"]!.AsArray(), diagnostic => diagnostic!["severity"]!.GetValue<int>() is Error or Warning);
    }

    [Theory]
    [InlineData("$ref: '#/components/messages/HokifyImportRequested'", "$ref: '#/components/messages/HokifyImportAsked'")]
    [InlineData("action: send", "action: shout")]
    [InlineData("type: boolean", "type: bool")]
    public async Task It_does_find_a_dangling_reference_an_unknown_action_and_a_type_that_is_none(string right, string wrong)
    {
        var folder = Directory.CreateTempSubdirectory("hokify-asyncapi-");
        try
        {
            var text = await File.ReadAllTextAsync(Document, Cancel);
            Assert.Contains(right, text, StringComparison.Ordinal);
            var copy = Path.Combine(folder.FullName, "asyncapi.yaml");
            await File.WriteAllTextAsync(copy, text.Replace(right, wrong, StringComparison.Ordinal), Cancel);

            var answer = await ParseAsync(copy);

            Assert.Contains(answer["diagnostics"]!.AsArray(), diagnostic => diagnostic!["severity"]!.GetValue<int>() == Error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<JsonNode> ParseAsync(string file)
    {
        var (exitCode, output, errors) = await ForeignProgram.RunAsync(await platforms.RequireNodeAsync("validate.mjs"), file);
        Assert.True(exitCode == 0, errors);
        return JsonNode.Parse(output)!;
    }
}
