using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HokifyMessaging.Contracts;
using HokifyMessaging.Runs;
using HokifyMessaging.Tests.Deployment;

namespace HokifyMessaging.Tests.Pages;

/// <summary>What the page of the messages, and the README, show of them is compared with the contracts and with the programs that are tested.</summary>
public sealed class MessagesPageTests
{
    private const string Counters = "counter";

    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static TheoryData<string> Programs => ["node/publish.mjs", "node/subscribe.mjs", "python/publish.py", "python/subscribe.py", "management/publish-curl.sh", "management/publish-rabbitmqadmin.sh", "management/publish-rabbitmqadmin-v2.sh"];

    [Fact]
    public void The_example_of_a_request_has_every_member_and_no_other() => RequireComplete<HokifyImportRequested>();

    [Fact]
    public void The_example_of_an_event_has_every_member_and_no_other() => RequireComplete<HokifyImportCompleted>();

    [Fact]
    public void The_example_of_a_failure_has_every_member_and_no_other() => RequireComplete<HokifyImportFailed>();

    [Fact]
    public void The_example_of_an_event_adds_up()
    {
        var result = JsonSerializer.Deserialize<HokifyImportCompleted>(Example<HokifyImportCompleted>())!.Result;

        Accounting.Closes(result);
        Assert.Equal(result.ErrorCount, result.Exceptions.Values.Sum(exceptions => exceptions.Count));
        Assert.Equal(Stat.All.Order(StringComparer.Ordinal), result.StatsCounter.Keys);
    }

    [Fact]
    public void The_requests_table_has_every_member() =>
        Assert.Equal(
            JsonNode.Parse(Example<HokifyImportRequested>())!.AsObject().Select(member => member.Key),
            Page.Contracts.Table("## HokifyImportRequested", "member").Select(row => Page.Names(row[0]).Single()));

    [Fact]
    public void Every_counter_is_explained_once_in_the_same_words_to_integrators_and_to_those_who_read_the_database()
    {
        var explained = Page.Contracts.Table("## HokifyImportCompleted", Counters);

        Assert.Equal(Stat.All.Order(StringComparer.Ordinal), explained.Select(row => Page.Names(row[0]).Single()).Order(StringComparer.Ordinal));
        Assert.Equal(explained, Page.Stored.Table("## The counters of an import", Counters));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_on_the_page_is_the_one_that_is_tested(string program) =>
        Assert.Contains(
            Checkout.Read($"tests/HokifyMessaging.IntegrationTests/Foreign/{program}").ReplaceLineEndings("\n"),
            new[] { "js", "python", "sh" }.SelectMany(language => Page.Contracts.Code(language)));

    [Fact]
    public void The_READMEs_request_and_event_are_of_the_contracts()
    {
        var (request, completed) = Page.Readme.Code("json").ToList() is [var first, var second] ? (first, second) : ("", "");
        var whole = JsonNode.Parse(Example<HokifyImportCompleted>());

        Assert.NotNull(JsonSerializer.Deserialize<HokifyImportRequested>(request, Strict));
        RequireWithin(JsonNode.Parse(completed)!["message"]!, whole!);
    }

    /// <summary>All that a shortened example shows is in the whole one.</summary>
    private static void RequireWithin(JsonNode part, JsonNode whole)
    {
        foreach (var (name, value) in part.AsObject())
        {
            if (value is JsonObject && name == "result")
            {
                RequireWithin(value, whole[name]!);
            }
            else
            {
                Assert.True(JsonNode.DeepEquals(whole[name], value), $"{name} is {value} and in the whole example {whole[name]}");
            }
        }
    }

    private static void RequireComplete<T>()
    {
        var example = Example<T>();

        var read = JsonSerializer.Deserialize<T>(example, Strict);

        var (expected, actual) = (JsonSerializer.SerializeToNode(read)!, JsonNode.Parse(example)!);
        Assert.True(JsonNode.DeepEquals(expected, actual), $"{Page.Contracts.Path} shows\n{actual}\nand the contract is\n{expected}");
    }

    private static string Example<T>() => Page.Contracts.Code("json", $"## {typeof(T).Name}").Single();
}
