using System.Text;
using HokifyMessaging.IntegrationTests.Processes;
using HokifyMessaging.Tests;
using HokifyMessaging.Tests.Reading;
using Microsoft.AspNetCore.Http;

namespace HokifyMessaging.IntegrationTests.Service;

/// <summary><c>hokify queues</c> before a management API that does not give what it asks for.</summary>
public sealed class QueuesVerbTests : IDisposable
{
    private readonly OwnFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_broker_there_are_no_queues()
    {
        var outcome = await HokifyProcess.RunAsync(_folder.Path, [], "queues");

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith("The configured transport is InMemory, a bus without queues to look at; set Transport__Kind=RabbitMq", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false", "http://localhost:15672/")]
    [InlineData("true", "https://localhost:15671/")]
    public void The_address_is_that_of_the_broker_with_the_plugins_usual_port(string tls, string address)
    {
        var broker = new RabbitMqOptions { Tls = new RabbitMqTlsOptions { Enabled = bool.Parse(tls) } };

        Assert.Equal(address, broker.ManagementAddress().ToString());
    }

    [Fact]
    public async Task An_api_that_cannot_be_reached_is_named_with_its_setting()
    {
        var outcome = await QueuesAsync("http://127.0.0.1:1");

        Assert.Equal(
            (1, "", "The management API at http://127.0.0.1:1/ cannot be reached, because nobody listens there; check Transport:RabbitMq:Management:Address and whether the broker's management plugin is enabled."),
            (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData(401, """{"error":"not_authorised","reason":"Not management user"}""",
        "refuses the user: Not management user; check Transport:RabbitMq:Management:Username and Password, and that the user has the tag 'management' and may read the queues.")]
    [InlineData(403, "", "refuses the user: 403; check Transport:RabbitMq:Management:Username and Password, and that the user has the tag 'management' and may read the queues.")]
    [LongFormData(404, """{"error":"Object Not Found","reason":"Not Found"}""", "knows no virtual host 'ats' (Transport:RabbitMq:VirtualHost).")]
    [InlineData(302, "", "answered 302; check Transport:RabbitMq:Management:Address.")]
    [LongFormData(500, "", "answered 500; check Transport:RabbitMq:Management:Address.")]
    public async Task An_api_that_refuses_is_named_with_its_reason(int status, string body, string sentence)
    {
        await using var api = await HokifyStub.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body, context.RequestAborted);
        });

        var outcome = await QueuesAsync(api.Address.ToString());

        Assert.Equal((1, "", $"The management API at {api.Address} {sentence}"), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData("<html>welcome</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task What_is_no_management_api_is_told(string body)
    {
        await using var api = await HokifyStub.StartAsync((context, _) => context.JsonAsync(body));

        var outcome = await QueuesAsync(api.Address.ToString());

        Assert.Equal(
            (1, "", $"What answers at {api.Address} is not RabbitMQ's management API; check Transport:RabbitMq:Management:Address."),
            (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task The_api_is_asked_behind_its_path_and_with_its_own_user()
    {
        await using var api = await HokifyStub.StartAsync((context, _) => context.JsonAsync("""{"items":[]}"""));

        var outcome = await QueuesAsync($"{api.Address}rabbit", ("Username", "onlooker"), ("Password", "p:w"));

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        var asked = Assert.Single(api.Requests);
        Assert.Equal("/rabbit/api/queues/ats", asked.Path);
        Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("onlooker:p:w"))}", asked.Headers["Authorization"]);
        Assert.All(outcome.Json.EnumerateArray(), queue => Assert.False(queue.GetProperty("exists").GetBoolean()));
    }

    [Fact]
    public async Task A_queue_that_counts_looks_as_deliveries_is_not_looked_into()
    {
        await using var api = await HokifyStub.StartAsync((context, _) => context.JsonAsync(
            """{"items":[{"name":"hokify-import_dead","type":"quorum","messages_ready":3,"messages_unacknowledged":0,"consumers":0}]}"""));

        var outcome = await QueuesAsync(api.Address.ToString());

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Single(api.Requests);
        var dead = Assert.Single(outcome.Json.EnumerateArray(), queue => queue.GetProperty("exists").GetBoolean());
        Assert.Equal(("hokify-import_dead", 3, "Null"), (dead.GetProperty("name").GetString(), dead.GetProperty("ready").GetInt32(), $"{dead.GetProperty("oldest").ValueKind}"));
    }

    [Theory]
    [InlineData("--move skipped", "--move is 'skipped'; it must be error or dead.")]
    [LongFormData("--move error --limit 0", "--limit is 0; it must be from 1 to 1000000.")]
    [LongFormData("--move error --all", "--all looks, --clear-healed takes out and --move moves; give one of them.")]
    [InlineData("--move error --clear-healed", "--all looks, --clear-healed takes out and --move moves; give one of them.")]
    [LongFormData("--limit 3", "--limit says which messages to move; give --move error or --move dead with it.")]
    [LongFormData("--all --reason 503", "--reason says which messages to move; give --move error or --move dead with it.")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_done(string arguments, string sentence)
    {
        var refused = await HokifyProcess.RunAsync(_folder.Path, [], ["queues", .. arguments.Split(' ')]);

        Assert.Equal((1, "", sentence), (refused.ExitCode, refused.Output, refused.Error.Split('\n')[0]));
    }

    private Task<HokifyOutcome> QueuesAsync(string address, params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["Transport__Kind"] = "RabbitMq",
            ["Transport__RabbitMq__VirtualHost"] = "ats",
            ["Transport__RabbitMq__Management__Address"] = address,
        };
        foreach (var (name, value) in settings)
        {
            environment[$"Transport__RabbitMq__Management__{name}"] = value;
        }

        return HokifyProcess.RunAsync(_folder.Path, environment, "queues", "--json");
    }
}
