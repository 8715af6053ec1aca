using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Tests;
using HokifyMessaging.Wording;
using RabbitMQ.Client;

namespace HokifyMessaging.IntegrationTests.Broker;

/// <summary>Whatever text a publisher, a file or a command line has: what comes of it in the broker, in the log and at the terminal can be seen.</summary>
public sealed class HostileTextTests(SharedBroker shared) : IDisposable
{
    private static readonly JsonSerializerOptions AsItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_message_is_refused_with_a_sentence_in_which_everything_can_be_seen()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 1);
        await using var connection = await new ConnectionFactory { Uri = way.Host.Amqp }.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);
        var hostile = HostileTexts.Whole.Select(one => one.Text).ToList();

        foreach (var text in hostile)
        {
            await PublishAsync(JsonSerializer.Serialize(new { requestedBy = text }));
            await PublishAsync(JsonSerializer.Serialize(new { requestedBy = text }, AsItIs));
            await PublishAsync(JsonSerializer.Serialize(new { idempotencyKey = text, dryRun = true }));
            await PublishAsync(JsonSerializer.Serialize(new Dictionary<string, int> { [text] = 1 }, AsItIs));
            await PublishAsync(JsonSerializer.Serialize(new { importMode = text }));
            await PublishAsync("""{"dryRun": true}""", new() { ["Idempotency-Key"] = text });
            await PublishAsync("""{"dryRun": true}""", messageId: text.Replace("\0", "\u0001", StringComparison.Ordinal));
        }

        var errors = await way.Operator.UntilErrorsAsync(hostile.Count * 7);

        var sentences = errors.Select(error => error.Header("MT-Fault-Message")!).ToList();
        Assert.All(sentences, sentence => HostileTexts.AreVisible(sentence, "a fault's header"));
        Assert.All(hostile, text => Assert.Equal(2, sentences.Count(sentence => sentence == $"RequestedBy {VisibleText.Problem(text)}.") / hostile.Count(other => VisibleText.Problem(other) == VisibleText.Problem(text))));
        // Those without a key are told one by one; of those with one, equal ones may be told together.
        await way.Site.UntilAsync(() => Task.FromResult(way.Outsider.Failures.Count >= hostile.Count * 4), "the refusals are told");
        Assert.All(way.Outsider.Failures, failure =>
        {
            HostileTexts.AreVisible(failure.Event.Reason, "a failure's reason");
            HostileTexts.AreVisible(failure.Event.IdempotencyKey ?? "", "a failure's key");
        });
        Assert.Empty(way.Outsider.Completions);
        LogIsVisible(way);
        await VerbsShowVisiblyAsync(way, "queues");

        async Task PublishAsync(string body, Dictionary<string, object?>? headers = null, string? messageId = null) => await channel.BasicPublishAsync(
            "hokify.import-requested", "", mandatory: true,
            new BasicProperties { Headers = headers, MessageId = messageId, Persistent = true }, Encoding.UTF8.GetBytes(body), Cancel);
    }

    [Fact]
    public async Task A_file_of_any_name_fails_its_import_with_a_sentence_in_which_everything_can_be_seen()
    {
        await using var way = await Way.StartAsync(shared.CreateVirtualHostAsync, applications: 0, configure: site =>
        {
            site.Settings["Hokify:Scopes:1:Source"] = "CsvFiles";
            site.Settings["Hokify:Scopes:1:CsvFiles:Path"] = _folder.Path;
            site.Settings["Hokify:Import:FailedRunDelay"] = "01:00:00";
        });
        var failures = 0;
        foreach (var (_, text) in HostileTexts.Whole.Where(one => !one.Text.Contains('\0', StringComparison.Ordinal)).Take(10))
        {
            var file = Path.Combine(_folder.Path, $"{text}.csv");
            await File.WriteAllTextAsync(file, "name;email\n", Cancel);
            await way.Operator.PublishAsync("""{"importMode": "Full"}""");
            await way.Operator.UntilErrorsAsync(++failures);
            File.Delete(file);
        }

        foreach (var error in await way.Operator.ErrorsAsync())
        {
            var sentence = error.Header("MT-Fault-Message")!;
            HostileTexts.AreVisible(sentence, "a fault's header");
            Assert.Contains(".csv has no column matchId", sentence, StringComparison.Ordinal);
            HostileTexts.AreVisibleIn(error.Header("MT-Fault-StackTrace") ?? "", "a fault's header");
        }

        LogIsVisible(way);
        await VerbsShowVisiblyAsync(way, "queues");
        await VerbsShowVisiblyAsync(way, "runs");
        var run = (await RunAsync(way, "runs", "--limit", "1", "--json")).Json.EnumerateArray().Single().GetProperty("runId").GetString()!;
        await VerbsShowVisiblyAsync(way, "runs", "show", run);
    }

    [Fact]
    public async Task A_command_line_of_any_text_is_answered_visibly()
    {
        await using var host = await shared.CreateVirtualHostAsync(Cancel);
        var settings = AtBroker.Asking(host);

        // All that a system can pass as an argument, at once: each process takes its time.
        const string Text = "photo_\u202egpj\u2066\u200e\u001b[2J\u009b31m\u0007\b\u2028\ufeff\U000E0041\t\r\nforged";
        foreach (var arguments in new string[][]
        {
            [Text], ["runs", "show", Text], ["runs", "--state", Text], ["request", "--requested-by", Text], ["request", "--key", Text], ["replay", Text], ["keys", "new", "--name", Text, "--scopes", "1", "--rights", "read"],
        })
        {
            var outcome = await HokifyProcess.RunAsync(_folder.Path, settings, arguments);
            Assert.NotEqual(0, outcome.ExitCode);
            Assert.NotEqual("", outcome.Error);
            Assert.All(outcome.Error.Split('\n'), line => HostileTexts.AreVisible(line, string.Join(' ', arguments.Take(2))));
            HostileTexts.AreVisibleIn(outcome.Output, string.Join(' ', arguments.Take(2)));
        }
    }

    [Fact]
    public async Task A_configured_name_that_cannot_be_seen_stops_the_start_with_its_place()
    {
        var outcome = await HokifyProcess.RunAsync(
            _folder.Path,
            new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["Hokify__Scopes__1__Name"] = "Gasthaus\u202ezur Sandkiste",
                ["Hokify__Scopes__1__Source"] = "CsvFiles",
                ["Hokify__Scopes__1__CsvFiles__Path"] = _folder.Path,
            },
            "serve");

        Assert.Equal((1, "Hokify:Scopes:1:Name has a control, format or bidirectional character (U+202E) at position 9; leave it out."), (outcome.ExitCode, outcome.Error));
    }

    private static void LogIsVisible(Way way) => Assert.All(
        way.Site.Processes.SelectMany(process => process.Lines), line => HostileTexts.AreVisible(line, "the log"));

    private async Task VerbsShowVisiblyAsync(Way way, params string[] arguments)
    {
        foreach (var form in new string[][] { [], ["--json"] })
        {
            var outcome = await RunAsync(way, [.. arguments, .. form]);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            HostileTexts.AreVisibleIn(outcome.Output, string.Join(' ', arguments));
        }
    }

    private Task<HokifyOutcome> RunAsync(Way way, params string[] arguments) => HokifyProcess.RunAsync(
        _folder.Path,
        way.Site.Settings.Concat(AtBroker.Asking(way.Host)).DistinctBy(setting => setting.Key),
        arguments);
}
