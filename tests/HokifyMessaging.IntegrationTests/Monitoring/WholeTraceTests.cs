using System.Diagnostics;
using System.Text;
using HokifyMessaging.IntegrationTests.Broker;
using HokifyMessaging.IntegrationTests.Foreign;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.IntegrationTests.Replays;
using HokifyMessaging.IntegrationTests.Service;
using HokifyMessaging.Sandbox;
using HokifyMessaging.Tests;
using RabbitMQ.Client;

namespace HokifyMessaging.IntegrationTests.Monitoring;

/// <summary>A trace from whoever publishes to whoever subscribes, over a real broker, at a collector.</summary>
public sealed class WholeTraceTests(SharedBroker shared) : IDisposable
{
    private const string Body = """{"idempotencyKey":"traced","importMode":"Full"}""";

    private readonly OwnFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("python")]
    [InlineData("amqp")]
    [InlineData("envelope")]
    public async Task A_trace_of_a_foreign_publisher_arrives_whole(string publisher)
    {
        await using var virtualHost = await shared.CreateVirtualHostAsync(Cancel);
        await using var sandbox = await HokifySandbox.StartAsync(new SandboxOptions { Applications = 30 }, Cancel);
        await using var collector = await OtlpReceiver.StartAsync();
        await using var serve = await HokifyProcess.StartAsync(_folder.Path, Settings(virtualHost, sandbox, collector.Address), "serve");
        await serve.UntilStartedAsync();
        await using var subscriber = await Subscriber.StartAsync(virtualHost);
        var (trace, span) = ($"{ActivityTraceId.CreateRandom()}", $"{ActivitySpanId.CreateRandom()}");

        await PublishAsync(publisher, virtualHost, $"00-{trace}-{span}-01");
        var headers = await subscriber.HeadersOfEventAsync();
        Assert.Equal(0, await serve.TerminateAsync());

        // What is left is sent when the service ends.
        var spans = collector.Spans.Where(one => one.TraceId == trace).ToList();
        var process = Assert.Single(spans, one => one.Name == "process hokify-import");
        Assert.Equal((span, 5, "completed", "rabbitmq"), (process.ParentSpanId, process.Kind, process.Attributes["hokify.outcome"], process.Attributes["messaging.system"]));
        var pages = spans.Where(one => one.Name == "read page").ToList();
        Assert.NotEmpty(pages);
        Assert.Contains(spans, one => one.Name == "GET application/getAllApplications" && pages.Exists(page => page.SpanId == one.ParentSpanId));
        Assert.Contains(spans, one => one.Name == "write batch" && one.ParentSpanId == process.SpanId);
        var publish = Assert.Single(spans, one => one.Name == "publish hokify.import-completed");
        Assert.Equal(process.SpanId, publish.ParentSpanId);
        Assert.All(spans, one => Assert.True(one.ParentSpanId == span || spans.Exists(parent => parent.SpanId == one.ParentSpanId), $"{one.Name} hangs in the air"));
        Assert.Equal($"00-{trace}-{publish.SpanId}-01", headers["traceparent"]);
        Assert.Equal(headers["traceparent"], headers["MT-Activity-Id"]);
        if (publisher == "amqp")
        {
            Assert.Equal("vendor=abc", headers["tracestate"]);
        }

        Assert.Equal(("hokify", HokifyMessaging.Wording.ProductVersion.Text), (collector.Resource["service.name"], collector.Resource["service.version"]));
        Assert.Contains("hokify.import.records", collector.Metrics);
        Assert.DoesNotContain(
            collector.Spans.SelectMany(one => one.Attributes.Values),
            value => value.Contains("traced", StringComparison.Ordinal) || (value.Contains("token", StringComparison.Ordinal) && value != "auth/token"));
    }

    private static Dictionary<string, string> Settings(BrokerVirtualHost virtualHost, HokifySandbox sandbox, Uri collector) => new(AtBroker.Serving(virtualHost, sandbox))
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.GetLeftPart(UriPartial.Authority),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    };

    private static async Task PublishAsync(string publisher, BrokerVirtualHost virtualHost, string trace)
    {
        switch (publisher)
        {
            case "python":
                const string Script = """
                    import os, sys, pika
                    connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
                    channel = connection.channel()
                    channel.confirm_delivery()
                    channel.basic_publish(
                        exchange="hokify.import-requested", routing_key="", body=sys.argv[1].encode(), mandatory=True,
                        properties=pika.BasicProperties(headers={"traceparent": sys.argv[2]}))
                    connection.close()
                    """;
                var python = await ForeignPlatforms.RequirePythonAsync("publish.py");
                var command = new ForeignCommand(python.Folder, python.Program, "-c", Script) { Environment = { ["AMQP_URL"] = virtualHost.Amqp.ToString() } };
                var (exitCode, _, errors) = await ForeignProgram.RunAsync(command, Body, trace);
                Assert.True(exitCode == 0, errors);
                break;
            case "amqp":
                await using (var amqp = await AmqpPublisher.ConnectAsync(virtualHost))
                {
                    await amqp.PublishAsync(Body, new() { ["traceparent"] = trace, ["tracestate"] = "vendor=abc" });
                }

                break;
            default:
                // As somebody pastes it who has found it elsewhere: its headers are inside.
                await using (var pasted = await AmqpPublisher.ConnectAsync(virtualHost))
                {
                    await pasted.PublishAsync($$$"""{"messageType":["urn:message:hokify:import-requested:v1"],"message":{{{Body}}},"headers":{"MT-Activity-Id":"{{{trace}}}"}}""", []);
                }

                break;
        }
    }

    /// <summary>A system that is bound to the events and looks at their headers.</summary>
    private sealed class Subscriber : IAsyncDisposable
    {
        private readonly IConnection _connection;
        private readonly IChannel _channel;
        private readonly string _queue;

        private Subscriber(IConnection connection, IChannel channel, string queue) => (_connection, _channel, _queue) = (connection, channel, queue);

        public static async Task<Subscriber> StartAsync(BrokerVirtualHost virtualHost)
        {
            var connection = await new ConnectionFactory { Uri = virtualHost.Amqp }.CreateConnectionAsync(Cancel);
            var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
            var queue = (await channel.QueueDeclareAsync(cancellationToken: Cancel)).QueueName;
            await channel.QueueBindAsync(queue, "hokify.import-completed", "", cancellationToken: Cancel);
            return new Subscriber(connection, channel, queue);
        }

        public async Task<Dictionary<string, string>> HeadersOfEventAsync()
        {
            BasicGetResult? message = null;
            await BrokerImport.Until(async () => (message = await _channel.BasicGetAsync(_queue, autoAck: true, Cancel)) is not null);
            return message!.BasicProperties.Headers!.ToDictionary(header => header.Key, header => header.Value is byte[] text ? Encoding.UTF8.GetString(text) : $"{header.Value}");
        }

        public async ValueTask DisposeAsync()
        {
            await _channel.DisposeAsync();
            await _connection.DisposeAsync();
        }
    }
}
